package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// labels are the texts of a chart.
func labels(c *Chart) []label {
	var out []label
	for _, s := range c.shapes {
		if l, ok := s.(label); ok {
			out = append(out, l)
		}
	}
	return out
}

func has(c *Chart, text string) bool {
	for _, l := range labels(c) {
		if strings.Contains(l.text, text) {
			return true
		}
	}
	return false
}

// strokes are the lines of a chart drawn in the colour and width of a pen.
func strokes(c *Chart, p pen) [][]point {
	var out [][]point
	for _, s := range c.shapes {
		if l, ok := s.(strokeShape); ok && l.pen.ink == p.ink && l.pen.width == p.width {
			out = append(out, l.lines...)
		}
	}
	return out[1:] // the first is the legend's
}

func TestTextsDoNotCollide(t *testing.T) {
	sizes := []Options{{}, {Width: 640, Height: 400}, {Width: 480, Height: 480}, {Width: 1600, Height: 900}}
	fonts := fallback(t)
	for _, s := range samples() {
		for _, o := range sizes {
			o.Location, o.Fonts = s.opts.Location, fonts
			if s.opts.Width > 0 {
				o.Width, o.Height = s.opts.Width, s.opts.Height
			}
			c, err := FromTrend(s.result, o)
			if err != nil {
				if o.Width == 640 {
					continue // a chart that does not fit is refused, and never drawn over itself
				}
				t.Errorf("%s: %v", s.name, err)
				continue
			}
			apart(t, s.name, c)
		}
	}
}

// apart checks that no two texts overlap and that none leaves the canvas.
func apart(t *testing.T, name string, c *Chart) {
	t.Helper()
	all := labels(c)
	for i, l := range all {
		b := l.box()
		if b.x < 0 || b.y < 0 || b.x+b.w > float64(c.width) || b.y+b.h > float64(c.height) {
			t.Errorf("%s at %d x %d: %q leaves the canvas: %+v", name, c.width, c.height, l.text, b)
		}
		for _, o := range all[:i] {
			d := o.box()
			if !l.behind && !o.behind && b.x < d.x+d.w && d.x < b.x+b.w && b.y < d.y+d.h && d.y < b.y+b.h {
				t.Errorf("%s at %d x %d: %q lies on %q", name, c.width, c.height, l.text, o.text)
			}
		}
	}
}

func TestShapesStayOnCanvas(t *testing.T) {
	fonts := fallback(t)
	for _, s := range samples() {
		c := drawn(t, s, fonts)
		in := func(p point) bool {
			return p.x >= 0 && p.y >= 0 && p.x <= float64(c.width) && p.y <= float64(c.height)
		}
		for _, sh := range c.shapes {
			var pts []point
			switch v := sh.(type) {
			case rectShape:
				pts = []point{{v.box.x, v.box.y}, {v.box.x + v.box.w, v.box.y + v.box.h}}
			case areaShape:
				pts = v.outline
			case strokeShape:
				for _, l := range v.lines {
					pts = append(pts, l...)
				}
			}
			for _, p := range pts {
				if !in(p) {
					t.Fatalf("%s: %T leaves the canvas at %v", s.name, sh, p)
				}
			}
		}
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	fonts := fallback(t)
	for _, s := range samples() {
		c := drawn(t, s, fonts)
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), `<svg xmlns="http://www.w3.org/2000/svg"`) || !strings.Contains(b.String(), `role="img"`) {
			t.Errorf("%s: it begins with %.120s", s.name, b.String())
		}
		if i := strings.IndexAny(b.String(), "\x00\x07\u202e\u202c\u2066"); i >= 0 {
			t.Errorf("%s: a control character got through at %d", s.name, i)
		}
		texts := map[string]string{}
		in := ""
		d := xml.NewDecoder(&b)
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			switch v := tok.(type) {
			case xml.StartElement:
				if in = v.Name.Local; in == "script" || in == "b" {
					t.Fatalf("%s: the element %s came from a text", s.name, in)
				}
			case xml.CharData:
				texts[in] += string(v)
			}
		}
		if got := strings.TrimSpace(texts["title"]); got != c.title {
			t.Errorf("%s: title %q, want %q", s.name, got, c.title)
		}
		if got := strings.TrimSpace(texts["desc"]); got != c.Alt() {
			t.Errorf("%s: desc %q, want %q", s.name, got, c.Alt())
		}
	}
}

func TestSameFiguresSameBytes(t *testing.T) {
	fonts := fallback(t)
	s := samples()[1]
	c := drawn(t, s, fonts)
	var want, wantPNG bytes.Buffer
	if err := errors.Join(c.SVG(&want), c.PNG(&wantPNG)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			// Half of the charts are laid out anew: fonts and charts may both be shared.
			again, err := FromTrend(s.result, Options{Location: s.opts.Location, Fonts: fonts, Scale: 1})
			if err != nil {
				t.Error(err)
				return
			}
			for _, x := range []*Chart{c, again} {
				var svg, png bytes.Buffer
				if err := errors.Join(x.SVG(&svg), x.PNG(&png)); err != nil {
					t.Error(err)
				}
				if !bytes.Equal(svg.Bytes(), want.Bytes()) || !bytes.Equal(png.Bytes(), wantPNG.Bytes()) {
					t.Error("the same figures gave other bytes")
				}
			}
		})
	}
	wg.Wait()
}

func TestAlt(t *testing.T) {
	fonts := fallback(t)
	by := map[string]*Chart{}
	for _, s := range samples() {
		by[s.name] = drawn(t, s, fonts)
		o := s.opts
		o.Width, o.Height = 0, 0 // words need no room
		var b strings.Builder
		if err := Describe(&b, s.result, o); err != nil || b.String() != by[s.name].Alt()+"\n" {
			t.Errorf("%s: described as %q with error %v, drawn as %q", s.name, b.String(), err, by[s.name].Alt())
		}
	}
	const shown = "The evening show, live. Complaints and posts per minute, 24 May 2023, "
	for name, want := range map[string]string{
		"gap": shown + "17:00–20:00 EDT (America/New_York). Complaints: 0 at first, highest so far 573 at 18:08, 4 at last. " +
			"Posts: 292 at first, highest so far 3,576 at 18:06, 1,059 at last. Unknown for 14% of the time. " +
			"Sources, with the share of the time heard: Bluesky 86% and Mastodon 100%; all at once 86%.",
		"all-unknown": shown + "21:00–24:00 UTC. Complaints: no value known. Posts: no value known. Unknown for 100% of the time. " +
			"Sources, with the share of the time heard: Bluesky 0% and Mastodon 100%; all at once 0%.",
		"all-zero": shown + "21:00–24:00 UTC. Complaints: 0 throughout. Posts: 0 throughout. Sources, heard throughout: Bluesky and Mastodon.",
		"marks": "Simulated: nothing here happened. The evening show, live. Complaints and posts per minute, with the state of " +
			"Evening stream, 24 May 2023, 17:00–20:00 EDT (America/New_York). Complaints: 0 at first, highest 573 at 18:08, 4 at last. " +
			"Posts: 292 at first, highest 3,764 at 18:17, 1,059 at last. State of Evening stream: up 64%, degraded 11%, down 14%, " +
			"unknown 11%; down from 18:02. Marked: planned start 18:00, live 18:05, planned end 19:30. Sources, heard throughout: Bluesky and Mastodon.",
		"korean-words": "모의 훈련 자료로, 실제로 일어난 일이 아니다. 저녁 쇼 생중계. 분당 불만·게시물 수와 Evening stream 상태, " +
			"2023년 5월 25일 06:00~09:00, 한국 시간(KST). 불만: 처음 0건, 최고 573건(07:08), 마지막 4건. 게시물: 처음 292건, " +
			"최고 3,764건(07:17), 마지막 1,059건. Evening stream 상태: 정상 64%, 불안정 11%, 중단 14%, 확인 불가 11%; 07:02부터 중단. " +
			"표시된 시점: 시작 예정 07:00, 시작 07:05, 종료 예정 08:30. 출처(전 구간 수신): 블루스카이, 마스토돈.",
	} {
		if got := by[name].Alt(); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestMarksOfOrigin(t *testing.T) {
	fonts := fallback(t)
	plain := figures(10, time.Minute).posts(flat(3)).r
	for _, tc := range []struct {
		simulated, recorded bool
	}{{false, false}, {true, false}, {false, true}, {true, true}} {
		r := plain
		r.Passport.Simulated, r.Passport.Recorded = tc.simulated, tc.recorded
		c := drawn(t, sample{result: r}, fonts)
		if has(c, "SIMULATED") != tc.simulated || has(c, "recorded") != tc.recorded {
			t.Errorf("simulated %v, recorded %v: the marks are not so", tc.simulated, tc.recorded)
		}
		apart(t, "marks", c)
	}
}

func TestUnknownIsNotZero(t *testing.T) {
	fonts := fallback(t)
	unknown := figures(60, time.Minute).posts(flat(5)).gap(20, 40)
	c := drawn(t, sample{result: unknown.r}, fonts)
	lines := strokes(c, light.pen(0))
	if len(lines) != 2 {
		t.Fatalf("%d stretches of line around a gap, want 2", len(lines))
	}
	if a, b := lines[0][len(lines[0])-1], lines[1][0]; b.x-a.x < 200 {
		t.Errorf("the line stops at %v and goes on at %v: the gap is not as wide as its 20 buckets", a, b)
	}
	if !has(c, "unknown: not heard") {
		t.Error("the legend does not explain what is unknown")
	}
	zero := drawn(t, sample{result: figures(60, time.Minute).posts(flat(0)).r}, fonts)
	if lines := strokes(zero, light.pen(0)); len(lines) != 1 || has(zero, "unknown") {
		t.Errorf("zero is known, and must be one line without a word of the unknown: %v", lines)
	}
}

// A share of no posts is not known, but nobody was deaf either.
func TestNoShareWithoutPostsIsNotBlindness(t *testing.T) {
	b := figures(30, time.Minute).share(flat(0.2))
	for i := 10; i < 20; i++ {
		b.r.Series[0].Points[i].Value = nil
	}
	c := drawn(t, sample{result: b.r}, fallback(t))
	if len(strokes(c, light.pen(0))) != 2 {
		t.Error("the line must be broken where there is no share")
	}
	if has(c, "unknown: not") {
		t.Error("the chart says that something was not heard")
	}
}

func TestNoPeakIsLost(t *testing.T) {
	fonts := fallback(t)
	for _, n := range []int{800, 860, 930, 8640, 20_000} {
		for _, at := range []int{0, n / 2, n - 1} {
			b := figures(n, 10*time.Second).posts(func(i int) float64 {
				if i == at {
					return 100
				}
				return 1
			})
			c := drawn(t, sample{result: b.r}, fonts)
			top := 1e9
			lines := strokes(c, light.pen(0))
			for _, l := range lines {
				for _, p := range l {
					top = min(top, p.y)
				}
			}
			if len(lines) != 1 {
				t.Errorf("%d buckets: the line is in %d pieces", n, len(lines))
			}
			if grid := strokes(c, pen{width: 1, ink: light.grid}); top > grid[len(grid)-1][0].y+1 {
				t.Errorf("%d buckets: the peak at %d is drawn at y %.1f, under the line of 100", n, at, top)
			}
		}
	}
}

// One deaf bucket among thousands is still to be seen.
func TestNoGapIsLost(t *testing.T) {
	b := figures(8640, 10*time.Second).posts(flat(5)).gap(4321, 4322)
	c := drawn(t, sample{result: b.r}, fallback(t))
	for _, s := range c.shapes {
		if r, ok := s.(rectShape); ok && r.fill == light.unseen && r.box.h > leastPlot {
			if r.box.w < 1 {
				t.Errorf("the gap is %v pixels wide", r.box.w)
			}
			return
		}
	}
	t.Error("the gap is not drawn")
}

func TestOpenBucketsAreDashed(t *testing.T) {
	c := drawn(t, sample{result: figures(60, time.Minute).posts(flat(5)).open(50).r}, fallback(t))
	if lines := strokes(c, light.pen(0)); len(lines) != 1 {
		t.Errorf("%d solid stretches, want 1", len(lines))
	}
	if !has(c, "still filling") {
		t.Error("the legend does not say what is still filling")
	}
}

func TestFromTrendRefuses(t *testing.T) {
	good := func() *builder { return figures(10, time.Minute).posts(flat(1)) }
	three := good().share(flat(0.1)).add(trend.Latency, unitMillis, "", flat(20))
	short := good().complaints(flat(1))
	short.r.Series[1].Points = short.r.Series[1].Points[:9]
	shifted := good()
	shifted.r.Series[0].Points[3].Bucket = kickoff
	step := good()
	step.r.Passport.Step = "soon"
	for _, tc := range []struct {
		name string
		r    trend.Result
		o    Options
		want string
	}{
		{"three units", three.r, Options{}, "a chart has room for two units, and these series have 3: posts, share and ms"},
		{"nothing", trend.Result{Passport: good().r.Passport}, Options{}, "there is no series with a bucket to draw"},
		{"lengths", short.r, Options{}, "series complaints has 9 buckets where posts has 10"},
		{"times", shifted.r, Options{}, "bucket 3 of series posts begins at 2023-05-24T21:00:00Z, not at 2023-05-24T21:03:00Z"},
		{"step", step.r, Options{}, `the step "soon" of the figures cannot be drawn`},
		{"negative", good().complaints(flat(-1)).r, Options{}, "series complaints has the value -1, which has no place on an axis from zero"},
		{"small", good().r, Options{Width: 100}, "a chart of 100 x 540 pixels cannot be drawn: it may be 480 x 320 to 4096 x 4096"},
		{"scale", good().r, Options{Scale: 9}, "a scale of 9 is not between 0.5 and 4"},
		{"huge", good().r, Options{Width: 4096, Height: 4096, Scale: 2}, "a chart of 4096 x 4096 pixels at scale 2 is larger than 40 million pixels"},
	} {
		if _, err := FromTrend(tc.r, tc.o); err == nil || err.Error() != tc.want {
			t.Errorf("%s: error %v, want %s", tc.name, err, tc.want)
		}
	}
}

func TestPostsAreAlwaysOnTheLeft(t *testing.T) {
	b := figures(10, time.Minute).share(flat(0.25)).posts(flat(9))
	b.r.Passport.Filter = map[string]string{"source": string(reaction.X), "lang": "ko"}
	c := drawn(t, sample{result: b.r}, fallback(t))
	if !has(c, "Posts (left)") || !has(c, "Share of complaints (right)") {
		t.Error("the axes are the wrong way round")
	}
	if !has(c, "only Bluesky and Mastodon · only posts in ko") {
		t.Error("the filter is not told")
	}
}

func BenchmarkLayout(b *testing.B) { bench(b, func(*Chart) error { return nil }) }
func BenchmarkSVG(b *testing.B)    { bench(b, func(c *Chart) error { return c.SVG(io.Discard) }) }
func BenchmarkPNG(b *testing.B)    { bench(b, func(c *Chart) error { return c.PNG(io.Discard) }) }

// bench draws three hours by the minute with a gap, at 1920 x 1080 pixels.
func bench(b *testing.B, draw func(*Chart) error) {
	fonts := fallback(b)
	r := figures(180, time.Minute).complaints(burst(62, 900)).posts(crowd(4200)).gap(70, 95).r
	b.ReportAllocs()
	for b.Loop() {
		c, err := FromTrend(r, Options{Fonts: fonts})
		if err != nil {
			b.Fatal(err)
		}
		if err := draw(c); err != nil {
			b.Fatal(err)
		}
	}
}
