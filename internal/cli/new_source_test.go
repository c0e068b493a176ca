package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// What docs/new-source.md tells people to type works.
func TestTheDocumentOfNewSourcesWorks(t *testing.T) {
	for _, need := range []string{"bash", "curl", "gzip", "python3"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("the examples need %s", need)
		}
	}
	text, err := os.ReadFile("../../docs/new-source.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)```(sh|python)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	if len(blocks["sh"]) != 3 || len(blocks["python"]) != 1 {
		t.Fatalf("%d blocks of sh, %d of python", len(blocks["sh"]), len(blocks["python"]))
	}
	dir := dataDir(t)
	s := serve(t, dir)
	must(t, "event", "apply", "-f", "../../docs/events/pushed-source.yaml", "--data", dir)
	key := strings.TrimSpace(must(t, "key", "create", "--name", "bridge", "--scope", "ingest,read", "--data", dir))
	env := append(os.Environ(), "OUTCRY="+s.url, "OUTCRY_KEY="+key)
	for _, i := range []int{0, 2, 1} {
		c := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", blocks["sh"][i])
		c.Env = env
		out, err := c.CombinedOutput()
		if err != nil || i != 1 && !strings.Contains(string(out), `"accepted"`) {
			t.Fatalf("%v: %s\n%s", err, out, blocks["sh"][i])
		}
	}
	stored(t, s, "nostr", 2)

	var asked atomic.Int64
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>`)
		for i := range 3 {
			fmt.Fprintf(w, `<item><title>The release, part %d</title><link>https://example.org/%d</link><pubDate>%s</pubDate></item>`,
				i, i, time.Now().UTC().Add(-time.Minute).Format(time.RFC1123Z))
		}
		fmt.Fprint(w, `</channel></rss>`)
	}))
	defer feed.Close()
	script := filepath.Join(t.TempDir(), "rss.py")
	if err := os.WriteFile(script, []byte(blocks["python"][0]), 0o600); err != nil {
		t.Fatal(err)
	}
	var out lockedBuffer
	c := exec.Command("python3", script, feed.URL)
	c.Env, c.Stdout, c.Stderr = env, &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	stored(t, s, "rss", 3)
	if n := asked.Load(); n != 1 || !strings.Contains(out.String(), `"refused":0`) {
		t.Errorf("after %d looks at the feed: %s", n, out.String())
	}
	s.stop()
}

// stored waits until the event of the document has n posts of a source, in buckets where it was heard.
func stored(t *testing.T, s *served, source string, n float64) {
	t.Helper()
	var got []byte
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		got = s.get(t, "GET", "/v1/events/release-night/trend?series=posts&step=1d&source="+source, nil, 200)
		var trend struct {
			Series []struct {
				Points []struct{ Value *float64 }
			}
		}
		if err := json.Unmarshal(got, &trend); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range trend.Series[0].Points {
			if p.Value != nil {
				sum += *p.Value
			}
		}
		if sum == n {
			return
		}
	}
	t.Fatalf("not %v posts of %s: %s", n, source, got)
}
