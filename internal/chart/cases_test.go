package chart

import (
	"math"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// kickoff is the beginning of every test window.
var kickoff = time.Date(2023, 5, 24, 21, 0, 0, 0, time.UTC)

// builder makes results for tests: series over n buckets.
type builder struct {
	r    trend.Result
	step time.Duration
	n    int
}

func figures(n int, step time.Duration) *builder {
	b := &builder{step: step, n: n}
	b.r.Passport = trend.Passport{
		Event: "evening-show", Title: "The evening show, live", Step: trend.StepText(step),
		From: kickoff, To: kickoff.Add(time.Duration(n) * step),
		Sources: []trend.SourceCoverage{
			{Source: reaction.Bluesky, Coverage: 1, Listened: true},
			{Source: reaction.Mastodon, Coverage: 1, Listened: true},
		},
		Coverage: 1, Method: trend.Method, GeneratedAt: time.Date(2023, 5, 25, 9, 0, 0, 0, time.UTC),
		Represents: "Public posts on Bluesky, Mastodon that match the event's terms: not the whole audience, " +
			"not people who noticed and did not post, and not those on other platforms.",
	}
	return b
}

// add appends a series whose values value gives; NaN is unknown for no want of listening.
func (b *builder) add(name trend.Name, unit, counts string, value func(i int) float64) *builder {
	s := trend.Series{Name: name, Unit: unit, Counts: counts}
	for i := range b.n {
		p := trend.Point{Bucket: kickoff.Add(time.Duration(i) * b.step), Covered: 1}
		if v := value(i); !math.IsNaN(v) {
			p.Value = &v
		} else if !name.OfPosts() {
			p.Covered = 0
		}
		s.Points = append(s.Points, p)
	}
	b.r.Series = append(b.r.Series, s)
	return b
}

func (b *builder) posts(value func(i int) float64) *builder {
	return b.add(trend.Posts, unitPosts, "public posts that match the event's terms, reposts included", value)
}

func (b *builder) complaints(value func(i int) float64) *builder {
	return b.add(trend.Complaints, unitPosts,
		"posts that complain of an outage, by the rules of the tagger; reposts are not counted", value)
}

func (b *builder) share(value func(i int) float64) *builder {
	return b.add(trend.ComplaintShare, unitShare,
		"complaints as a share of posts that are not reposts; unknown where there were no such posts", value)
}

// change alters the points of every series of posts in [from, to).
func (b *builder) change(from, to int, f func(p *trend.Point)) *builder {
	for _, s := range b.r.Series {
		for i := from; i < to && s.Name.OfPosts(); i++ {
			f(&s.Points[i])
		}
	}
	return b
}

func (b *builder) gap(from, to int) *builder {
	b.r.Passport.Coverage = 1 - float64(to-from)/float64(b.n)
	b.r.Passport.Sources[0].Coverage = b.r.Passport.Coverage
	return b.change(from, to, func(p *trend.Point) {
		p.Value, p.Covered, p.Blind = nil, 0, []reaction.Source{reaction.Bluesky}
	})
}

func (b *builder) partly(from, to int, covered float64) *builder {
	return b.change(from, to, func(p *trend.Point) {
		p.Covered, p.Blind = covered, []reaction.Source{reaction.Bluesky}
	})
}

func (b *builder) open(from int) *builder {
	return b.change(from, b.n, func(p *trend.Point) { p.Open = true })
}

// crowd is a rush at the start of an event that ebbs away, with a jitter that is the same each
// time.
func crowd(peak float64) func(i int) float64 {
	return func(i int) float64 {
		t := float64(i)
		rise := 1 / (1 + math.Exp(-(t-60)/4))
		return math.Round(peak * (0.08 + rise*math.Exp(-max(t-60, 0)/70)) * (1 + 0.13*jitter(i)))
	}
}

// burst is nothing until bucket at, then a peak that ebbs away.
func burst(at int, peak float64) func(i int) float64 {
	return func(i int) float64 {
		if i < at {
			return math.Round(max(0, peak*0.01*(1+jitter(i))))
		}
		t := float64(i - at)
		return math.Round(peak * (1 - math.Exp(-t/3)) * math.Exp(-t/22) * (1 + 0.15*jitter(i)))
	}
}

// jitter is a number between -1 and 1 that looks arbitrary.
func jitter(i int) float64 {
	s := math.Sin(float64(i)*12.9898) * 43758.5453
	return 2*(s-math.Floor(s)) - 1
}

func ratio(a, b func(i int) float64) func(i int) float64 {
	return func(i int) float64 { return a(i) / b(i) }
}

func flat(v float64) func(int) float64 { return func(int) float64 { return v } }

// sample is a chart the golden files hold.
type sample struct {
	name   string
	result trend.Result
	opts   Options
}

func newYork() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return zone
}

func seoulByName() *time.Location {
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		panic(err)
	}
	return zone
}

// seoul has no name but its abbreviation.
func seoul() *time.Location { return time.FixedZone("KST", 9*3600) }

func samples() []sample {
	posts, bad := crowd(4200), burst(62, 900)
	two := func() *builder { return figures(180, time.Minute).complaints(bad).posts(posts) }
	health := func(i int) float64 {
		switch {
		case i < 20:
			return math.NaN()
		case i >= 62 && i < 87:
			return 2
		case i >= 55 && i < 100:
			return 1
		}
		return 0
	}
	simulated := two().add("health:Evening stream", unitState, "the worst state of Evening stream in the bucket: 0 up, 1 degraded, 2 down", health)
	simulated.r.Passport.Simulated = true
	simulated.r.Passport.Represents = "Simulated: nobody wrote these posts, and nothing in them happened."
	marked := simulated.r
	marked.Marks = []trend.Mark{
		{At: kickoff.Add(time.Hour), Kind: trend.MarkPlannedStart, Text: "planned start"},
		{At: kickoff.Add(65 * time.Minute), Kind: trend.MarkStatus, Text: "live"},
		{At: kickoff.Add(150 * time.Minute), Kind: trend.MarkPlannedEnd, Text: "planned end"},
		{At: kickoff.Add(200 * time.Minute), Kind: trend.MarkStatus, Text: "ended after the window"},
	}
	states := healthOnly(health).r
	states.Marks = marked.Marks
	translated := marked
	translated.Passport.Title = "저녁 쇼 생중계"
	recorded := figures(180, time.Minute).complaints(bad).share(ratio(bad, posts)).gap(0, 7).partly(7, 8, 0.4)
	recorded.r.Passport.Recorded, recorded.r.Passport.DeletedSince = true, 1204
	korean := figures(180, time.Minute).complaints(bad).posts(posts)
	korean.r.Passport.Title = "불꽃축제 생중계: 결제 장애와 시민 반응, 그리고 먹통이 된 예매 창구 앞에서 기다린 사람들의 이야기"
	heard := two().gap(20, 32)
	for _, s := range heard.r.Series {
		for i := range s.Points {
			switch p := &s.Points[i]; {
			case i >= 70 && i < 84:
				p.Value, p.Covered, p.Blind, p.Capped = nil, 0, []reaction.Source{reaction.Bluesky}, []reaction.Source{reaction.Bluesky}
			case i >= 100 && i < 118:
				p.Filled = []reaction.Source{reaction.Mastodon}
			case i >= 165:
				p.Value, p.Covered, p.Blind, p.Late = nil, 0, []reaction.Source{reaction.Mastodon}, []reaction.Source{reaction.Mastodon}
			}
		}
	}
	heard.r.Passport.Sources = []trend.SourceCoverage{
		{Source: reaction.Bluesky, Listened: true, Coverage: 154.0 / 180, Gap: 12.0 / 180, Capped: 14.0 / 180},
		{Source: reaction.Mastodon, Listened: true, Coverage: 161.0 / 180, Filled: 18.0 / 180, Late: 15.0 / 180, Partly: 4.0 / 180},
	}
	heard.r.Passport.Coverage, heard.r.Passport.Filled, heard.r.Passport.DeletedSince, heard.r.Passport.Late = 139.0/180, 18.0/180, 31, 210
	return []sample{
		{"calm", figures(120, time.Minute).posts(crowd(38)).r, Options{}},
		{"gap", two().gap(70, 95).partly(95, 97, 0.5).partly(40, 52, 0.8).open(170).r, Options{Location: newYork()}},
		{"coverage", heard.r, Options{Location: newYork()}},
		{"coverage-words", heard.r, Options{Location: seoulByName(), Locale: Korean}},
		{"two-axes", recorded.r, Options{Location: newYork()}},
		{"one-point", figures(1, time.Minute).complaints(flat(3)).posts(flat(41)).r, Options{}},
		{"all-unknown", two().gap(0, 180).r, Options{}},
		{"all-zero", figures(180, time.Minute).complaints(flat(0)).posts(flat(0)).r, Options{}},
		{"day-of-10s", figures(8640, 10*time.Second).complaints(burst(3000, 40)).posts(crowdOfDay).gap(5000, 5400).r, Options{Location: newYork()}},
		{"korean", korean.r, Options{Location: seoul()}},
		{"simulated", simulated.r, Options{Location: newYork()}},
		{"sparse", figures(150, time.Minute).complaints(func(i int) float64 { return math.Floor(max(0, 3.6*jitter(i*7)-0.6)) }).r, Options{}},
		{"health-only", states, Options{}},
		{"audience", audience(health).r, Options{Location: newYork()}},
		{"many", many().r, Options{Location: newYork()}},
		{"days", figures(45*24, time.Hour).posts(func(i int) float64 { return math.Round(200 + 150*math.Sin(float64(i)/24*2*math.Pi) + 40*jitter(i)) }).r, Options{}},
		{"hostile", hostile().r, Options{}},
		{"marks", marked, Options{Location: newYork()}},
		{"dark", marked, Options{Location: newYork(), Theme: Dark}},
		{"crowded", crowded().r, Options{Location: newYork(), Width: 720, Height: 480}},
		{"korean-words", translated, Options{Location: seoulByName(), Locale: Korean, Theme: Dark}},
		{"small", two().gap(100, 120).r, Options{Width: MinWidth, Height: MinHeight, Location: newYork()}},
	}
}

func crowdOfDay(i int) float64 {
	v := 18 * (1 + math.Sin(float64(i)/8640*2*math.Pi)) * (1 + 0.6*jitter(i))
	if i == 6789 {
		v = 190 // one bucket alone, which no drawing may lose
	}
	return math.Round(v)
}

func healthOnly(state func(int) float64) *builder {
	b := figures(180, time.Minute)
	b.r.Passport.Sources = nil
	b.add("health:Evening stream", unitState, "the worst state of Evening stream in the bucket: 0 up, 1 degraded, 2 down", state)
	b.add("health:Tickets", unitState, "the worst state of Tickets in the bucket: 0 up, 1 degraded, 2 down", func(i int) float64 { return math.Floor(math.Abs(jitter(i/9)) * 2.2) })
	return b
}

func audience(state func(int) float64) *builder {
	b := figures(540, 20*time.Second)
	b.complaints(func(i int) float64 { return burst(186, 300)(i) })
	b.add(trend.Audience, unitPeople, "the last audience that the service reported in the bucket", func(i int) float64 {
		if i%3 != 0 || i > 250 && i < 330 {
			return math.NaN()
		}
		return math.Round(610_000 * (0.2 + 0.8*math.Exp(-math.Abs(float64(i)-180)/90)))
	})
	return b.add(trend.Health, unitState, "the worst state of the event's services in the bucket: 0 up, 1 degraded, 2 down", func(i int) float64 { return state(i / 3) })
}

func many() *builder {
	b := figures(180, time.Minute).complaints(burst(62, 900))
	for i, n := range []trend.Name{trend.FirstHand, trend.Recovery, "symptom:audio", "symptom:join", "symptom:buffering", "tag:desaster", "tag:디재스터"} {
		b.add(n, unitPosts, "posts of one kind", burst(62+6*i, 700-90*float64(i)))
	}
	return b
}

func hostile() *builder {
	b := figures(60, time.Minute).complaints(burst(20, 50))
	b.r.Passport.Title = "\u202eevil\u202c <script>alert('x')</script> & \"quotes\" \x00\x07 z" + strings.Repeat("\u0301", 10_000) + "algo " + strings.Repeat("long ", 200)
	b.r.Passport.Sources[0].Source = "my_own-source"
	b.r.Marks = []trend.Mark{
		{At: kickoff.Add(20 * time.Minute), Kind: trend.MarkStatus, Text: "\u202egnikaerb\u202c </text><script>alert(1)</script>"},
		{At: kickoff.Add(40 * time.Minute), Kind: trend.MarkStatus, Text: "z" + strings.Repeat("\u0335", 10_000) + strings.Repeat(" and on", 2000)},
		{At: kickoff.Add(41 * time.Minute), Kind: "no such kind", Text: "\x00\u2066"},
	}
	b.r.Passport.Notes = []string{"12 posts came <b>without</b> an author\u2066: how many people wrote them is unknown"}
	return b
}

// crowded has more to say than its plot has room for.
func crowded() *builder {
	b := figures(180, time.Minute).complaints(burst(62, 900)).posts(crowd(4200)).gap(70, 95)
	for i, text := range []string{"postponed", "moved to another room", "live", "sound is back", "cut off again", "the host leaves", "ended"} {
		b.r.Marks = append(b.r.Marks, trend.Mark{At: kickoff.Add(time.Duration(50+6*i) * time.Minute), Kind: trend.MarkStatus, Text: text})
	}
	return b
}
