package chart

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\n\n c ":           "a b c",
		"\u202eright to left":   "right to left",
		"nul\x00 bell\x07":      "nul bell",
		"bad \xff byte":         "bad \ufffd byte",
		"\u1112\u1161\u11ab글":   "한글",
		"e\u0301":               "é",
		"z\ufe0f\u200d\ufffe!":  "z!",
		"\u0301starts":          "starts",
		"\ue000private":         "private",
		"x\u2028line separator": "x line separator",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	zalgo := clean("z" + strings.Repeat("\u0335", 10_000))
	if n := utf8.RuneCountInString(zalgo); n != 1+maxMarks {
		t.Errorf("10,000 combining marks leave %d characters, want %d", n, 1+maxMarks)
	}
	if n := utf8.RuneCountInString(clean(strings.Repeat("a ", 5000))); n > 2*maxRunes+1 {
		t.Errorf("a long text leaves %d characters", n)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("plain", 120.0)
	f.Add("\u202eتجربة \x00 한국어 제목입니다 z\u0301\u0301", 33.0)
	fonts, err := LoadFonts(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, w float64) {
		c := clean(s)
		if !utf8.ValidString(c) || strings.ContainsFunc(c, func(r rune) bool { return r < ' ' }) {
			t.Fatalf("clean(%q) = %q", s, c)
		}
		r := ruler{fonts: fonts}
		w = min(max(w, 40), 2000)
		for _, line := range r.wrap(c, w, 12, false, 3) {
			if got, _ := r.measure(line, 12, false); got > w && utf8.RuneCountInString(line) > 2+maxMarks {
				t.Fatalf("%q is %.1f wide, more than %.1f", line, got, w)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	r := ruler{fonts: fallback(t)}
	wide := func(s string) float64 { w, _ := r.measure(s, 12, false); return w }
	for _, tc := range []struct {
		text string
		w    float64
		most int
		want []string
	}{
		{"", 100, 2, nil},
		{"one two three", wide("one two") + 1, 3, []string{"one two", "three"}},
		{"one two three", wide("one two"), 3, []string{"one two", "three"}},
		{"one two three four", wide("one two"), 2, []string{"one two", "three…"}},
		{"wwwwwwwwww", wide("wwww"), 3, []string{"wwww", "wwww", "ww"}},
		{"한국어제목", 24, 3, []string{"한국", "어제", "목"}},
	} {
		got := r.wrap(tc.text, tc.w, 12, false, tc.most)
		if strings.Join(got, "|") != strings.Join(tc.want, "|") {
			t.Errorf("wrap(%q, %.1f) = %q, want %q", tc.text, tc.w, got, tc.want)
		}
	}
}

func TestLoadFonts(t *testing.T) {
	if f, err := LoadFonts(fstest.MapFS{}); err != nil || f.Complete() {
		t.Errorf("without files: complete %v, error %v; want the fall-back", f.Complete(), err)
	}
	half := fstest.MapFS{regularFile: {Data: []byte("x")}}
	if f, err := LoadFonts(half); err != nil || f.Complete() {
		t.Errorf("with one of two files: error %v; want the fall-back", err)
	}
	half[semiBoldFile] = &fstest.MapFile{Data: []byte("x")}
	if _, err := LoadFonts(half); err == nil || !strings.HasPrefix(err.Error(), "the regular chart font: ") {
		t.Errorf("with broken files: error %v", err)
	}
}

func TestPretendardHasHangul(t *testing.T) {
	r := ruler{fonts: pretendard(t)}
	w, exact := r.measure("불꽃축제 먹통 디재스터", 20, true)
	if !exact || w < 150 || w > 250 {
		t.Errorf("a Korean title is %.1f wide, exact %v", w, exact)
	}
	if _, exact := (&ruler{fonts: fallback(t)}).measure("먹통", 20, true); exact {
		t.Error("the fall-back claims to have Hangul")
	}
}

func TestDivide(t *testing.T) {
	for _, tc := range []struct {
		unit string
		most float64
		top  string
		n    int
	}{
		{unitPosts, 0, "2", 2}, {unitPosts, 1, "2", 2}, {unitPosts, 3, "3", 3}, {unitPosts, 7, "8", 4},
		{unitPosts, 573, "600", 3}, {unitPosts, 1_234_567, "1,250,000", 5},
		{unitShare, 0, "10%", 4}, {unitShare, 0.31, "0.4%", 4}, {unitShare, 100, "100%", 4}, {unitShare, 62, "75%", 3},
		{unitMillis, 0.8, "0.8", 4}, {unitMillis, 1900, "2,000", 4},
	} {
		s := &scale{unit: tc.unit, most: tc.most, known: true}
		divide([]*scale{s}, 260)
		if s.top() < s.most-1e-9 {
			t.Errorf("%v %s: the top %v is under the greatest value", tc.most, tc.unit, s.top())
		}
		if got := s.tick(s.n); got != tc.top || s.n != tc.n {
			t.Errorf("%v %s: top %s in %d steps, want %s in %d", tc.most, tc.unit, got, s.n, tc.top, tc.n)
		}
	}
	// No share lies above 100%, whatever the other axis needs.
	for posts := 1.0; posts < 5000; posts *= 1.3 {
		for share := 0.5; share <= 100; share += 3.3 {
			a, b := &scale{unit: unitPosts, most: posts}, &scale{unit: unitShare, most: share}
			divide([]*scale{a, b}, 260)
			if a.n != b.n || a.top() < posts || b.top() < share-1e-9 || b.top() > 100+1e-9 {
				t.Fatalf("%v posts and %v%%: tops %v and %v in %d and %d steps", posts, share, a.top(), b.top(), a.n, b.n)
			}
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0%", 0.00001: "under 0.1%", 0.004: "0.4%", 0.5: "50%", 0.996: "99.6%", 0.9999: "over 99.9%", 1: "100%",
	} {
		if got := english.percent(share); got != want {
			t.Errorf("percent(%v) = %s, want %s", share, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999: "999", 1000: "1,000", 1234567.75: "1,234,567.8", 12.04: "12", -1500: "-1,500"} {
		if got := number(v, 1); got != want {
			t.Errorf("number(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestTicks(t *testing.T) {
	measure := func(s string) float64 { return 7 * float64(len(s)) }
	at := func(zone *time.Location, s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	ny := newYork()
	kathmandu := time.FixedZone("+0545", 5*3600+45*60)
	for _, tc := range []struct {
		from, to time.Time
		want     string
	}{
		{at(time.UTC, "2023-05-24 18:00:00"), at(time.UTC, "2023-05-24 18:01:00"),
			"18:00:00/24 May 2023 18:00:10 18:00:20 18:00:30 18:00:40 18:00:50 18:01:00"},
		{at(ny, "2023-05-24 17:07:00"), at(ny, "2023-05-24 19:00:00"),
			"17:10/24 May 2023 17:20 17:30 17:40 17:50 18:00 18:10 18:20 18:30 18:40 18:50 19:00"},
		{at(ny, "2023-05-24 22:00:00"), at(ny, "2023-05-25 03:00:00"),
			"22:00/24 May 2023 22:30 23:00 23:30 00:00/25 May 00:30 01:00 01:30 02:00 02:30 03:00"},
		// The clocks go back: one o'clock comes twice.
		{at(ny, "2023-11-05 00:00:00"), at(ny, "2023-11-05 08:00:00"),
			"00:00/5 Nov 2023 01:00 01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00"},
		{at(kathmandu, "2023-05-24 00:10:00"), at(kathmandu, "2023-05-24 09:00:00"),
			"01:00/24 May 2023 02:00 03:00 04:00 05:00 06:00 07:00 08:00 09:00"},
		{at(time.UTC, "2023-12-20 00:00:00"), at(time.UTC, "2024-02-01 00:00:00"),
			"25 Dec/2023 1 Jan/2024 8 Jan 15 Jan 22 Jan 29 Jan"},
		{at(time.UTC, "2023-05-24 00:00:00"), at(time.UTC, "2024-05-24 00:00:00"),
			"Jun/2023 Jul Aug Sep Oct Nov Dec Jan/2024 Feb Mar Apr May"},
		{at(time.UTC, "1990-05-24 00:00:00"), at(time.UTC, "2023-05-24 00:00:00"),
			"1995 2000 2005 2010 2015 2020"},
	} {
		var got []string
		for _, m := range english.ticks(tc.from, tc.to, 830, 24, measure) {
			s := m.text
			if m.under != "" {
				s += "/" + m.under
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("from %s to %s:\n got %s\nwant %s", tc.from, tc.to, strings.Join(got, " "), tc.want)
		}
	}
}

func TestWindowText(t *testing.T) {
	ny := newYork()
	for _, tc := range []struct {
		from, to time.Time
		want     string
	}{
		{kickoff.In(ny), kickoff.Add(time.Hour).In(ny), "24 May 2023, 17:00–18:00 EDT (America/New_York)"},
		{kickoff, kickoff.Add(3 * time.Hour), "24 May 2023, 21:00–24:00 UTC"},
		{kickoff, kickoff.Add(10 * time.Second), "24 May 2023, 21:00:00–21:00:10 UTC"},
		{time.Date(2023, 11, 4, 12, 0, 0, 0, ny), time.Date(2023, 11, 5, 12, 0, 0, 0, ny),
			"4 November 2023, 12:00 to 5 November 2023, 12:00 EDT/EST (America/New_York)"},
		{kickoff.In(time.FixedZone("", 5*3600+45*60)), kickoff.Add(time.Minute).In(time.FixedZone("", 5*3600+45*60)),
			"25 May 2023, 02:45–02:46 UTC+05:45"},
	} {
		if got := english.windowText(tc.from, tc.to); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

func TestPer(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Second: "per 10 seconds", time.Minute: "per minute", 15 * time.Minute: "per 15 minutes",
		time.Hour: "per hour", 24 * time.Hour: "per day",
	} {
		if got := english.per(stepUnits(d)); got != want {
			t.Errorf("per(%s) = %s, want %s", d, got, want)
		}
	}
}
