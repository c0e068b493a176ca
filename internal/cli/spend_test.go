package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatAnEventCostsIsPrinted(t *testing.T) {
	dir := dataDir(t)
	if r := outcry(t, "event", "apply", "-f", filepath.Join("..", "..", "docs", "events", "desantis-launch.yaml"), "--data", dir); r.code != exitDone {
		t.Fatal(r.err)
	}
	r := outcry(t, "event", "spend", "desantis-launch", "--data", dir)
	for _, w := range []string{"event", "$0.00", "$50.00", "nothing is spent: this node has no token for X (x_token)", "no forecast: "} {
		if r.code != exitDone || !strings.Contains(r.out, w) {
			t.Errorf("exit %d, without %q: %s%s", r.code, w, r.out, r.err)
		}
	}
	if r := outcry(t, "event", "spend", "nothing", "--data", dir); r.code != exitFailed || !strings.Contains(r.err, "nothing") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
}
