package segment

import (
	"os"
	"strings"
	"testing"
)

const shared = "../../../shared/data/"

func model(t testing.TB) *Model {
	t.Helper()
	b, err := os.ReadFile("../models/segment.bin")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWords(t *testing.T) {
	names := NewNames([]string{"JioCinema", "Jio", "Ron DeSantis", "Twitter Spaces", "디샌티스", "Atlético Madrid"})
	m := model(t)
	for tag, want := range map[string]string{
		"#jiocinemaisacrap":      "jiocinema is a crap",
		"jiodown":                "jio down",
		"#DeSantisIsDown":        "DeSantis Is Down",
		"#twitterspacesdown":     "twitter spaces down",
		"#QatarWorldCup2022":     "Qatar World Cup 2022",
		"7thSeptember":           "7th September",
		"season1episode2":        "season 1 episode 2",
		"BBCnews":                "BBC news",
		"#starbucksing":          "starbucksing",
		"ThisIsBBCNews":          "This Is BBC News",
		"#world_cup":             "world cup",
		"#디샌티스":                  "디샌티스",
		"#디샌티스Down":              "디샌티스 Down",
		"#ワールドカップ2022":           "ワールドカップ 2022",
		"#nofunciona":            "no funciona",
		"#AtléticoMadridcaído":   "Atlético Madrid caído",
		"#soooogood":             "soooo good",
		"#thatsmydaddy":          "thats my daddy",
		"":                       "",
		"#":                      "",
		"__":                     "",
		"#\xff":                  "#\xff",
		strings.Repeat("a", 101): strings.Repeat("a", 101),
	} {
		if got := Join(tag, m.Words(tag, names)); got != want {
			t.Errorf("%s: %q, not %q", tag, got, want)
		}
	}
}

// TestEvalExact measures against HashSet's files: `go test -run Eval -v ./nlp/segment`.
func TestEvalExact(t *testing.T) {
	m := model(t)
	for _, c := range []struct {
		file, name string
		half       Half
		least      float64
	}{
		{"boun-celebi-et-al.csv", "BOUN", Both, 0.84},
		{"boun-celebi-et-al.csv", "BOUN, the half that was looked at", Build, 0},
		{"boun-celebi-et-al.csv", "BOUN, the half that was not", Kept, 0.84},
		{"stan-dev-celebi-etal.csv", "STAN-dev", Both, 0.81},
		{"stan-dev-celebi-etal.csv", "STAN-dev, the half that was looked at", Build, 0},
		{"stan-dev-celebi-etal.csv", "STAN-dev, the half that was not", Kept, 0},
	} {
		f, err := os.Open(shared + "hashset/" + c.file)
		if err != nil {
			t.Skip("HashSet is in ../shared/data, which is not here")
		}
		right, n, err := m.Exact(f, c.half, nil)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := float64(right) / float64(n)
		t.Logf("segmentation, %s: exact %.3f of %d (at least %.2f)", c.name, got, n, c.least)
		if got < c.least {
			t.Errorf("%s: %.3f is less than %.2f", c.name, got, c.least)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	m := model(b)
	tags := strings.Fields("#QatarWorldCup2022 #jiocinemaisacrap #tryingtosleep #TheFreshPrinceOfBelAir #디샌티스 #football #season1episode2 #WorldCup")
	var spans []Span
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		spans, _ = m.Append(spans[:0], tags[i%len(tags)], nil)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tags/s")
}
