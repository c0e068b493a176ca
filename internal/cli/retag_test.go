package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"outcry/internal/reaction"
)

// What a retag says of itself in a figure, which is nothing of the figure.
var ofRetag = regexp.MustCompile(`(?s)\s*"retagged": \{.*?\},?|\s*"notes": \[.*?\],?`)

// A drill is tagged again: with the same tagger nothing changes. With other services in the event posts
// get other labels; killed and run again it goes on, and comes to what it comes to without.
func TestRetag(t *testing.T) {
	dir := dataDir(t)
	for _, slug := range []string{"one", "two"} {
		must(t, "drill", "launch", "--scale", "0.3", "--seed", "4", "--event", slug, "--data", dir)
	}
	was := figures(t, dir, "one")
	if out := must(t, "retag", "--event", "one", "--data", dir); !strings.Contains(out, "0 changed a label") || !strings.Contains(out, "deleted posts keep theirs") {
		t.Errorf("the same tagger: %s", out)
	}
	now := figures(t, dir, "one")
	if !strings.Contains(now, `"retagged"`) || !strings.Contains(now, "posts were tagged again on") {
		t.Error("the passport does not tell of it")
	}
	same(t, "with the same tagger", ofRetag.ReplaceAllString(now, ""), ofRetag.ReplaceAllString(was, ""))

	for _, slug := range []string{"one", "two"} {
		def := must(t, "event", "show", slug, "--data", dir)
		def = strings.Replace(def, "  - name: Twitter web\n", "  - name: Twitter web\n  - name: music\n  - name: room\n", 1)
		def = strings.Replace(def, "entities:\n", "entities:\n  - {name: the room, kind: service, aliases: [room, DeSantis]}\n", 1)
		must(t, "event", "apply", "-f", eventFile(t, def), "--data", dir)
	}
	whole := must(t, "retag", "--event", "one", "--data", dir)
	if strings.Contains(whole, " 0 changed a label") {
		t.Fatalf("other services change no label: the test shows nothing: %s", whole)
	}

	// The server is killed while it tags, and again.
	early := false
	for range 2 {
		out := &lockedBuffer{}
		c := child(t, out, "serve", "--listen", "127.0.0.1:0", "--data", dir)
		h := await(t, dir, out)
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/v1/events/two/retag", nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+h.Key)
		for n := int64(-1); ; q.Method = http.MethodGet { // until something has been done in this life
			res, err := http.DefaultClient.Do(q)
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			var a struct{ Retag *reaction.Retag }
			err = json.NewDecoder(res.Body).Decode(&a)
			res.Body.Close()
			if err != nil || a.Retag == nil {
				t.Fatalf("a retag: %d, %v", res.StatusCode, err)
			}
			if a.Retag.Done() || n >= 0 && a.Retag.Posts > n {
				early = early || !a.Retag.Done()
				break
			}
			n = a.Retag.Posts
		}
		_ = c.Process.Signal(syscall.SIGKILL)
		_ = c.Wait()
	}
	if !early {
		t.Error("the server was never killed before it was done: the test shows nothing")
	}
	got := must(t, "retag", "--event", "two", "--data", dir)
	count := regexp.MustCompile(`\d+ posts tagged again.*theirs`)
	if x, y := count.FindString(got), count.FindString(whole); x != y && !strings.Contains(got, " 0 changed a label") {
		t.Errorf("killed, it came to %s, else %s", x, y)
	}
	strip := func(slug string) string {
		f := strings.ReplaceAll(figures(t, dir, slug), fmt.Sprintf("%q", slug), `"x"`)
		return ofRetag.ReplaceAllString(regexp.MustCompile(`replay/\d+/[\w-]+`).ReplaceAllString(f, "replay"), "")
	}
	same(t, "killed and gone on with", strip("two"), strip("one"))
}

// The highest minutes of a drill are labelled by what its script says of them.
func TestPeaksOfADrill(t *testing.T) {
	dir := dataDir(t)
	must(t, "drill", "launch", "--data", dir)
	h, _ := serving(t, dir)
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/events/drill-launch/peaks?by=complaints&limit=3&lang=en", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+h.Key)
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var a struct {
		Peaks []struct {
			Terms, Tags []struct{ Term string }
			Posts       []struct {
				Text string
				Tags struct{ Reasons []reaction.Reason }
			}
			Sample struct{ Posts int }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil || len(a.Peaks) == 0 {
		t.Fatalf("peaks: %+v, %v", a, err)
	}
	var terms []string
	for _, p := range a.Peaks {
		for _, x := range append(p.Terms, p.Tags...) {
			terms = append(terms, x.Term)
		}
		for _, x := range p.Posts {
			if len(x.Tags.Reasons) == 0 {
				t.Errorf("a post that stands for complaints does not say why it is one: %q", x.Text)
			}
		}
	}
	for _, say := range []string{"audio", "sound", "hear", "silence", "mute", "load", "join", "crashed", "crash", "room", "frozen", "kicked"} {
		if slices.Contains(terms, say) {
			return
		}
	}
	t.Errorf("the peaks' terms speak of no failure: %v", terms)
}
