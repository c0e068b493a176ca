package evaluation

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEvaluate measures everything where it is asked to, which takes minutes: make eval.
func TestEvaluate(t *testing.T) {
	out := os.Getenv("OUTCRY_EVAL")
	if out == "" {
		t.Skip("takes minutes; make eval runs it")
	}
	dir, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the shared data folder is absent: no ../shared/data beside the repository")
	}
	var table strings.Builder
	d := &Data{Dir: dir, Only: os.Getenv("OUTCRY_EVAL_ONLY")}
	if os.Getenv("OUTCRY_EVAL_SEALED") == "" {
		d.Halves = []Half{Build} // while the tagger is being built
	}
	if err := Print(&table, d); err != nil {
		t.Fatal(err)
	}
	if out == "-" {
		t.Log("\n" + table.String())
		return
	}
	if err := os.WriteFile(out, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAUC(t *testing.T) {
	for _, c := range []struct {
		list []Scored
		want float64
	}{
		{[]Scored{{0.1, false}, {0.2, false}, {0.8, true}, {0.9, true}}, 1},
		{[]Scored{{0.9, false}, {0.1, true}}, 0},
		{[]Scored{{0.5, false}, {0.5, true}}, 0.5},
		{[]Scored{{0.1, false}, {0.5, false}, {0.5, true}, {0.7, true}}, 0.875},
	} {
		if got := AUC(c.list); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v: %v, want %v", c.list, got, c.want)
		}
	}
}

func TestCounts(t *testing.T) {
	var c Counts
	for _, x := range []struct{ said, is bool }{{true, true}, {true, true}, {true, false}, {false, true}, {false, false}} {
		c.Add(x.said, x.is, 1)
	}
	if c.Precision() != 2.0/3 || c.Recall() != 2.0/3 || math.Abs(c.F1()-2.0/3) > 1e-9 || c.Accuracy() != 0.6 || math.Abs(c.MacroF1()-(2.0/3+0.5)/2) > 1e-9 {
		t.Errorf("%+v", c)
	}
	if b := Brier([]Scored{{1, true}, {0.5, false}}); b != 0.125 {
		t.Errorf("Brier %v", b)
	}
}
