package segment

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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

// What Encode writes, Read reads back, costs to a twelfth of a nat; the same words give the same bytes.
func TestEncode(t *testing.T) {
	words := map[string]float64{"a": 3, "abc": 9.5, "abcdefghijklmnopqrstuvw": 12, "abcdefghijklmnopqrstuvwxyz": 15, "b2b": 40, "zoo": 0}
	b, err := Encode(words)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encode(maps.Clone(words))
	if err != nil || !bytes.Equal(b, again) {
		t.Error("the same words give other bytes", err)
	}
	m, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	for w, cost := range words {
		node := root
		for i := range len(w) {
			node = m.words.next(node, w[i])
		}
		if got := float64(m.words.cost(node)); math.Abs(got-min(cost, 254.0/steps)) > 0.5/steps+1e-6 {
			t.Errorf("%s costs %v, not %v", w, got, cost)
		}
	}
	for _, bad := range []string{"", "Ab", "a b", strings.Repeat("a", 65)} {
		if _, err := Encode(map[string]float64{bad: 1}); err == nil {
			t.Errorf("%q is taken for a word", bad)
		}
	}
	for i := range b {
		if _, err := Read(b[:i]); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for a model", i, len(b))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, words := range []map[string]float64{{}, {"a": 1}, {"down": 8, "downtime": 12, "abcdefghijklmnopqrstuvwxyz": 20}} {
		b, err := Encode(words)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// The checksum is put right, or nothing behind it would be tried.
		m, err := Read(binary.LittleEndian.AppendUint32(slices.Clip(b), crc32.ChecksumIEEE(b)))
		if err == nil {
			m.Words("#DownTimeAgain2", nil)
		}
	})
}

func FuzzWords(f *testing.F) {
	m, names := model(f), NewNames([]string{"JioCinema", "Ron DeSantis"})
	for _, s := range []string{"#jiocinemaisacrap", "#\xff", "ȺȺȺdown", "#디샌티스Down", strings.Repeat("e\u0301", 30), "_A_b__C9", "ﬁasco", "Ａ１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		at := 0
		for _, s := range m.Words(tag, names) {
			if s.Start < at || s.End <= s.Start && tag != "" || s.End > len(tag) {
				t.Fatalf("%q: %+v behind %d", tag, s, at)
			}
			if len(tag) <= MaxTag && utf8.ValidString(tag) && !utf8.ValidString(tag[s.Start:s.End]) {
				t.Fatalf("%q: %+v cuts a letter", tag, s)
			}
			at = s.End
		}
	})
}

func TestNoAllocation(t *testing.T) {
	m, names := model(t), NewNames([]string{"JioCinema", "Jio"})
	spans := make([]Span, 0, MaxTag)
	if n := testing.AllocsPerRun(100, func() { spans, _ = m.Append(spans[:0], "#JioCinemaIsDown2022디샌티스", names) }); n > 0 {
		t.Errorf("%v allocations a tag", n)
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
