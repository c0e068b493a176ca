package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestBenchFanout(t *testing.T) {
	out := must(t, "bench", "fanout", "--readers", "5", "--changes", "2", "--rounds", "1")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var f fanoutFigure
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &f); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || f.Bench != "fanout median" || f.Readers != 5 || f.CPU <= 0 || f.Ratio <= 0 || f.Worst <= 0 {
		t.Errorf("printed %s", out)
	}
	if r := outcry(t, "bench", "fanout", "--readers", "0"); r.code != exitUsage {
		t.Errorf("no readers: exit %d", r.code)
	}
}
