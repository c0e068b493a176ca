package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"outcry/internal/app"
)

const worldCup = `
slug: wc2022-opening
title: World Cup 2022 opening match
starts_at: 2022-11-20T16:00:00Z
ends_at: 2022-11-20T18:00:00Z
match: {any: ["#worldcup2022"]}
services: [{name: JioCinema}]
sources: [x]
`

// shared finds a file of the shared data, and skips the test where there is none.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, "shared", "data", name); exists(path) {
			return path
		}
	}
	t.Skipf("the shared data folder is absent: no %s above this package", name)
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestReplayOfARealOpeningNight(t *testing.T) {
	file, event := shared(t, "worldcup2022/fifa_world_cup_2022_tweets.csv"), eventFile(t, worldCup)
	fast, paced := dataDir(t), dataDir(t)
	must(t, "event", "apply", "-f", event, "--data", fast)
	rejects := filepath.Join(t.TempDir(), "rejects.tsv")
	out := must(t, "replay", file, "--event", "wc2022-opening", "--data", fast, "--rejects", rejects)
	if !strings.Contains(out, "10000 posts stored, 0 already stored") {
		t.Errorf("first run: %s", out)
	}
	refused, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(refused), "\tblank\t"); n != 12524 {
		t.Errorf("%d blank rows were listed, want 12524", n)
	}
	first := figures(t, fast, "wc2022-opening")
	out = must(t, "replay", file, "--event", "wc2022-opening", "--data", fast)
	if !strings.Contains(out, "0 posts stored, 10000 already stored") {
		t.Errorf("second run: %s", out)
	}
	same(t, "after a second run", figures(t, fast, "wc2022-opening"), first)

	must(t, "event", "apply", "-f", event, "--data", paced)
	must(t, "replay", file, "--event", "wc2022-opening", "--data", paced, "--speed", "14000x")
	same(t, "at another speed", figures(t, paced, "wc2022-opening"), first)
	checkOpeningNight(t, first)
}

func checkOpeningNight(t *testing.T, text string) {
	t.Helper()
	var f struct {
		Fine struct {
			Series []struct {
				Points []struct {
					Bucket time.Time
					Value  *float64
				}
			}
		}
		People struct {
			Series []struct {
				Points []struct{ Value *float64 }
			}
			Passport struct{ Notes []string }
		}
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	begins := time.Date(2022, 11, 20, 16, 7, 40, 0, time.UTC)
	total := 0.0
	for _, p := range f.Fine.Series[0].Points {
		if known := p.Value != nil; known != !p.Bucket.Before(begins) {
			t.Fatalf("bucket %s: known is %v, and the file begins at 16:07:41", p.Bucket, known)
		} else if known {
			total += *p.Value
		}
	}
	if total != 10000 {
		t.Errorf("the series adds up to %v posts", total)
	}
	for _, p := range f.People.Series[0].Points {
		if p.Value != nil && *p.Value != 0 {
			t.Fatalf("%v people, and no author is known", *p.Value)
		}
	}
	if notes := fmt.Sprint(f.People.Passport.Notes); !strings.Contains(notes, "10000 posts in the window came without an author") {
		t.Errorf("notes: %s", notes)
	}
}

const drillInto = `
slug: replayed
title: A replayed drill
starts_at: 2023-05-24T18:00:00-04:00
ends_at: 2023-05-24T20:00:00-04:00
match: {any: [spaces, desantis, "#desaster", twitter, stream, launch, "먹통"]}
services: [{name: Twitter Spaces}]
sources: [x, bluesky, mastodon]
`

// recorded writes the records of a small drill to a file and replays them undisturbed.
func recorded(t *testing.T) (file, event, want string) {
	t.Helper()
	file, event = filepath.Join(t.TempDir(), "records.ndjson"), eventFile(t, drillInto)
	must(t, "drill", "launch", "--scale", "0.3", "--records", file)
	dir := dataDir(t)
	must(t, "event", "apply", "-f", event, "--data", dir)
	must(t, "replay", file, "--event", "replayed", "--data", dir)
	return file, event, figures(t, dir, "replayed")
}

func TestReplaySurvivesBeingKilled(t *testing.T) {
	file, event, want := recorded(t)
	dir := dataDir(t)
	must(t, "event", "apply", "-f", event, "--data", dir)
	args := []string{"replay", file, "--event", "replayed", "--data", dir}
	for _, after := range []time.Duration{900, 1500, 1200} {
		var out bytes.Buffer
		c := child(t, &out, append(args, "--speed", "2500x")...)
		timer := time.AfterFunc(after*time.Millisecond, func() { _ = c.Process.Kill() })
		err := c.Wait()
		timer.Stop()
		if err == nil {
			t.Fatalf("the replay ended before it could be killed:\n%s", out.String())
		}
	}
	must(t, args...)
	same(t, "after three kills", figures(t, dir, "replayed"), want)
}

func TestReplayThroughAServerThatLosesItsDatabaseAndItself(t *testing.T) {
	file, event, want := recorded(t)
	dir := dataDir(t)
	var out lockedBuffer
	server := child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	holder := await(t, dir, &out)
	must(t, "event", "apply", "-f", event, "--data", dir)

	var sent lockedBuffer
	sender := child(t, &sent, "replay", file, "--event", "replayed", "--data", dir, "--speed", "1500x")
	ended := make(chan error, 1)
	go func() { ended <- sender.Wait() }()
	wait(t, ended, &sent, 1500*time.Millisecond)
	kill(t, filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	wait(t, ended, &sent, 1500*time.Millisecond)
	_ = server.Process.Kill()
	_ = server.Wait()
	restarted := child(t, &out, "serve", "--data", dir, "--listen", strings.TrimPrefix(holder.URL, "http://"))
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("replay: %v\n%s\nserver:\n%s", err, sent.String(), out.String())
		}
	case <-time.After(90 * time.Second):
		t.Fatalf("the replay does not end\n%s\nserver:\n%s", sent.String(), out.String())
	}
	_ = restarted.Process.Signal(syscall.SIGTERM)
	if err := restarted.Wait(); err != nil {
		t.Fatalf("the server did not stop in order: %v\n%s", err, out.String())
	}
	same(t, "after the database and the server were killed", figures(t, dir, "replayed"), want)
}

// wait lets a replay run for a while; it must not end by itself.
func wait(t *testing.T, ended chan error, out *lockedBuffer, d time.Duration) {
	t.Helper()
	select {
	case err := <-ended:
		t.Fatalf("the replay ended early: %v\n%s", err, out.String())
	case <-time.After(d):
	}
}

// await waits until a server that was just started serves its data directory.
func await(t *testing.T, dir string, out *lockedBuffer) app.Holder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for sleep(ctx, 20*time.Millisecond) == nil {
		h, held, err := app.FindHolder(dir)
		if err != nil || !held || h.URL == "" {
			continue
		}
		if res, err := http.Get(h.URL + "/readyz"); err == nil {
			res.Body.Close()
			return h
		}
	}
	t.Fatalf("the server does not start:\n%s", out.String())
	return app.Holder{}
}

// kill ends the process whose id stands in the first line of a file.
func kill(t *testing.T, pidFile string) {
	t.Helper()
	b, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
