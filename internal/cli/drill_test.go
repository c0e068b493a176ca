package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// lockedBuffer takes the output of several processes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestDrillsArriveWhole(t *testing.T) {
	dir := dataDir(t)
	for _, scenario := range []string{"launch", "calm"} {
		truthFile := filepath.Join(t.TempDir(), "truth.json")
		out := must(t, "drill", scenario, "--scale", "0.1", "--data", dir, "--truth", truthFile)
		var truth struct {
			Total struct{ Posts int }
		}
		b, err := os.ReadFile(truthFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &truth); err != nil {
			t.Fatal(err)
		}
		if truth.Total.Posts == 0 {
			t.Fatal("the truth tells of no posts")
		}
		if want := fmt.Sprintf("%d posts stored, 0 already stored, 0 not about the event", truth.Total.Posts); !strings.Contains(out, want) {
			t.Errorf("%s: want %s, got %s", scenario, want, out)
		}
	}
	f := figures(t, dir, "drill-launch")
	if !strings.Contains(f, `"simulated": true`) {
		t.Error("the figures do not say that they are simulated")
	}
}

func TestDrillsKeepAwayFromRealEvents(t *testing.T) {
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, drillInto), "--data", dir)
	r := outcry(t, "drill", "launch", "--event", "replayed", "--data", dir)
	if r.code != exitFailed || !strings.Contains(r.err, "is real") {
		t.Errorf("a drill into a real event: exit %d, %s", r.code, r.err)
	}
	must(t, "drill", "calm", "--scale", "0.05", "--data", dir)
	file := write(t, "posts.csv", "id,created_at,text\n1,2024-01-01T00:00:00Z,the stream is down\n")
	r = outcry(t, "replay", file, "--event", "drill-calm", "--data", dir)
	if r.code != exitFailed || !strings.Contains(r.err, "never mixed") {
		t.Errorf("a recording into a simulated event: exit %d, %s", r.code, r.err)
	}
}
