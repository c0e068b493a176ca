package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"outcry/api"
)

// served is a server in a process of its own.
type served struct {
	dir  string
	url  string
	key  string
	out  *lockedBuffer
	stop func() // in order
	kill func()
}

// serve starts a server over a data directory.
func serve(t *testing.T, dir string) *served {
	t.Helper()
	s := &served{dir: dir, out: &lockedBuffer{}}
	c := child(t, s.out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	h := await(t, dir, s.out)
	s.url, s.key = h.URL, h.Key
	s.stop = func() {
		t.Helper()
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Fatalf("the server did not stop in order: %v\n%s", err, s.out)
		}
	}
	s.kill = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	return s
}

// ask sends a request to the server and reads its answer into out, unless that is nil.
func (s *served) ask(t *testing.T, method, path string, body io.Reader, want int, out any) {
	t.Helper()
	text := s.get(t, method, path, body, want)
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

func (s *served) get(t *testing.T, method, path string, body io.Reader, want int) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("%s %s: %s, %v: %s\n%s", method, path, res.Status, err, text, s.out)
	}
	return text
}

func (s *served) play(t *testing.T, path, body string) api.Play {
	t.Helper()
	var a struct{ Play api.Play }
	s.ask(t, http.MethodPost, path, strings.NewReader(body), http.StatusAccepted, &a)
	return a.Play
}

// until looks at a play until it is as it should be.
func (s *served) until(t *testing.T, id string, is func(api.Play) bool) api.Play {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(90 * time.Second); ; <-look.C {
		var a struct{ Play api.Play }
		s.ask(t, http.MethodGet, "/v1/plays/"+id, nil, http.StatusOK, &a)
		if is(a.Play) {
			return a.Play
		}
		if time.Now().After(end) {
			t.Fatalf("the play is still %+v\n%s", a.Play, s.out)
		}
	}
}

func hasEnded(p api.Play) bool { return p.State != "running" }

// A drill that the server plays, through a kill and a restart, ends with the figures of one that
// the command played undisturbed.
func TestADrillOnTheServerIsTheCommandsDrill(t *testing.T) {
	plain, dir := dataDir(t), dataDir(t)
	out := must(t, "drill", "--data", plain)
	s := serve(t, dir)
	p := s.play(t, "/v1/drills", `{"scenario":"launch","speed":"600x"}`)
	s.until(t, p.ID, func(p api.Play) bool { return p.Committed > 200 })
	s.kill()

	s = serve(t, dir)
	cut := s.until(t, p.ID, hasEnded)
	if cut.State != "stopped" || !strings.Contains(cut.Error, "the server was stopped") {
		t.Errorf("after a restart: %+v", cut)
	}
	p = s.until(t, s.play(t, "/v1/drills", `{"scenario":"launch"}`).ID, hasEnded)
	if p.State != "done" || p.Committed != p.Records || p.Duplicates != 0 {
		t.Errorf("%+v", p)
	}
	if want := out[:strings.Index(out, " posts stored")]; want != "event drill-launch: "+itoa(p.Stored) {
		t.Errorf("the command says %q, the server %d", want, p.Stored)
	}
	csv := s.csv(t, "drill-launch")
	s.stop()
	same(t, "drill on the server", figures(t, dir, "drill-launch"), figures(t, plain, "drill-launch"))

	s = serve(t, plain)
	if want := s.csv(t, "drill-launch"); csv != want || strings.Count(csv, "\n") < 100 {
		t.Errorf("the 10 s CSV differ: %d and %d bytes", len(csv), len(want))
	}
	s.stop()
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

// csv is the trend of an event as a table.
func (s *served) csv(t *testing.T, slug string) string {
	t.Helper()
	return string(s.get(t, http.MethodGet, "/v1/events/"+slug+"/trend.csv?step=10s&series=posts,complaints,symptom:audio,health,audience", nil, http.StatusOK))
}

func TestARealOpeningNightOnTheServer(t *testing.T) {
	file, event := shared(t, "worldcup2022/fifa_world_cup_2022_tweets.csv"), eventFile(t, worldCup)
	plain, dir := dataDir(t), dataDir(t)
	must(t, "event", "apply", "-f", event, "--data", plain)
	must(t, "replay", file, "--event", "wc2022-opening", "--data", plain)

	s := serve(t, dir)
	must(t, "event", "apply", "-f", event, "--data", dir)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var kept struct{ Recording api.Recording }
	s.ask(t, http.MethodPost, "/v1/recordings?name=fifa_world_cup_2022_tweets.csv", f, http.StatusCreated, &kept)
	r := kept.Recording
	if r.Accepted != 10000 || r.Rows != 22524 || len(r.Rejected) != 1 || r.Rejected[0] != (api.Rejected{Reason: "blank", Rows: 12524}) ||
		len(r.Hashtags) != 20 || !strings.EqualFold(r.Hashtags[0].Display, "worldcup2022") {
		t.Errorf("%+v", r)
	}
	p := s.until(t, s.play(t, "/v1/plays", `{"recording":"`+r.ID+`","event":"wc2022-opening"}`).ID, hasEnded)
	if p.State != "done" || p.Stored != 10000 || p.Unmatched != 0 || p.Name != "fifa_world_cup_2022_tweets.csv" {
		t.Errorf("%+v", p)
	}
	s.ask(t, http.MethodGet, "/v1/recordings/"+r.ID, nil, http.StatusNotFound, nil)
	s.stop()
	same(t, "recording on the server", figures(t, dir, "wc2022-opening"), figures(t, plain, "wc2022-opening"))
}
