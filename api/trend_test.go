package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/trend"
)

type trendBody struct {
	Series []struct {
		Name, Unit string
		Points     []struct {
			Bucket  time.Time
			Local   string
			Value   *float64
			AtLeast *float64 `json:"at_least"`
			Blind   []string
		}
	}
	Marks    []trend.Mark
	Passport trend.Passport
	Links    map[string]string
}

const window = "from=2026-03-01T10:00:00Z&to=2026-03-01T10:03:00Z"

func TestTrend(t *testing.T) {
	h := start(t)
	h.launch(t)
	a := h.get(t, "/v1/events/launch/trend?step=1m&tz=Asia/Seoul&series=posts,complaints&series=tag:%23LaunchFail&"+window).want(t, 200)
	b := read[trendBody](t, a)
	var names []string
	for _, s := range b.Series {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"posts", "complaints", "tag:launchfail"}) {
		t.Fatalf("series are %v", names)
	}
	posts := b.Series[0].Points
	if len(posts) != 3 || *posts[0].Value != 3 || *posts[1].Value != 2 {
		t.Fatalf("posts are %+v", posts)
	}
	if last := posts[2]; last.Value != nil || !slices.Equal(last.Blind, []string{"x"}) {
		t.Errorf("a bucket that X was not heard in is %+v", last)
	}
	if posts[0].Local != "2026-03-01T19:00:00+09:00" || !posts[0].Bucket.Equal(noon.Add(-2*time.Hour)) {
		t.Errorf("first bucket is %v, locally %s", posts[0].Bucket, posts[0].Local)
	}
	p := b.Passport
	if !p.GeneratedAt.Equal(noon) || p.TimeZone != "Asia/Seoul" || p.DeletedSince != 1 || p.Step != "1m" {
		t.Errorf("passport is %+v", p)
	}
	if !strings.Contains(string(a.body), `"value":null`) {
		t.Error("unknown is not null")
	}

	again := read[trendBody](t, h.get(t, p.Permalink).want(t, 200))
	if len(again.Series) != 3 || len(again.Series[0].Points) != 3 || again.Passport.Permalink != p.Permalink {
		t.Errorf("the permalink %s leads to %+v", p.Permalink, again)
	}
	for form, kind := range map[string]string{"csv": "text/csv", "svg": "image/svg+xml", "png": "image/png", "txt": "text/plain"} {
		if k := h.get(t, b.Links[form]).want(t, 200).Header.Get("Content-Type"); !strings.HasPrefix(k, kind) {
			t.Errorf("%s leads to %s", b.Links[form], k)
		}
	}
}

func TestTrendDefaults(t *testing.T) {
	h := start(t)
	h.launch(t)
	for name, c := range map[string]struct {
		query    string
		step     string
		from, to string
	}{
		"all of it":         {"", "10s", "10:00:00", "10:03:00"},
		"authors":           {"series=authors&" + window, "1m", "10:00:00", "10:03:00"},
		"rounded outwards":  {"step=5m&from=2026-03-01T10:01:01Z&to=2026-03-01T10:05:00.5Z", "5m", "10:00:00", "10:10:00"},
		"another offset":    {"step=1h&from=2026-03-01T19:30:00%2B09:00&to=2026-03-01T20:30:00%2B09:00", "1h", "10:00:00", "12:00:00"},
		"from only":         {"step=1m&from=2026-03-01T10:01:00Z", "1m", "10:01:00", "10:03:00"},
		"to only":           {"step=1h&to=2026-03-01T11:00:00Z", "1h", "10:00:00", "11:00:00"},
		"a long window":     {"from=2026-02-28T10:00:00Z", "5m", "10:00:00", "10:05:00"},
		"steps as Go's own": {"step=3600s&" + window, "1h", "10:00:00", "11:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			p := read[trendBody](t, h.get(t, "/v1/events/launch/trend?"+c.query).want(t, 200)).Passport
			from, to := p.From.Format(time.TimeOnly), p.To.Format(time.TimeOnly)
			if p.Step != c.step || from != c.from || to != c.to {
				t.Errorf("%s from %s to %s, want %s from %s to %s", p.Step, from, to, c.step, c.from, c.to)
			}
		})
	}
}

func TestTrendFilters(t *testing.T) {
	h := start(t)
	h.launch(t)
	b := read[trendBody](t, h.get(t, "/v1/events/launch/trend?series=posts&step=1m&source=bluesky,x&source=mastodon&lang=ko&"+window).want(t, 200))
	if f := b.Passport.Filter; f["source"] != "bluesky,x,mastodon" || f["lang"] != "ko" {
		t.Errorf("filter is %v", f)
	}
	if b = read[trendBody](t, h.get(t, "/v1/events/launch/trend?series=posts&step=1m&source=bluesky&lang=ko&"+window).want(t, 200)); *b.Series[0].Points[0].Value != 1 {
		t.Errorf("Korean posts on Bluesky are %+v", b.Series[0].Points)
	}
}

func TestTrendMistakes(t *testing.T) {
	h := start(t)
	h.launch(t)
	for query, has := range map[string]string{
		"series=postings":                        "query.series",
		"series=symptom:headache":                "headache",
		"series=tag:":                            "query.series",
		"series=tag:a%00b":                       "query.series it holds control characters",
		"series=tag:%ff":                         "query.series it holds control characters or is not UTF-8",
		"series=tag:" + strings.Repeat("a", 300): "longer than 200 bytes",
		"series=authors&step=10s":                "query.step authors are counted by the minute",
		"series=authors&lang=ko":                 "query.lang",
		"step=7s":                                "10s, 20s, 30s",
		"step=soon":                              `"soon"`,
		"step=-1m":                               "query.step",
		"step=10s&from=1970-01-01T00:00:00Z":     "buckets",
		"from=2022-11-20":                        "query.from \"2022-11-20\" is not a time like 2022-11-20T16:00:00Z",
		"from=2022-11-20T16:00:00+09:00":         "written %2B",
		"from=0001-01-01T00:00:00Z":              "1970 and 2200",
		"to=9999-12-31T23:59:59Z":                "1970 and 2200",
		"from=2026-03-01T10:00:00Z&to=2026-03-01T10:00:00Z": "query.to",
		"from=2027-03-01T10:00:00Z":                         "query.from nothing is known after",
		"to=2020-03-01T10:00:00Z":                           "query.to nothing is known before",
		"tz=Mars/Base":                                      "query.tz",
		"tz=Local":                                          "query.tz",
		"tz=../../etc/passwd":                               "query.tz",
		"source=Big%20X":                                    "query.source",
		"lang=" + strings.Repeat("k", 40):                   "query.lang",
		"colour=red":                                        "query.colour there is no such parameter: use series, from, to, step, source, lang, tz",
		"step=1m&step=5m":                                   "query.step it is given more than once",
	} {
		t.Run(query, func(t *testing.T) { h.get(t, "/v1/events/launch/trend?"+query).problem(t, 422, has) })
	}
	h.get(t, "/v1/events/launch/trend?from=%zz").problem(t, 400, "escapes")
	h.get(t, "/v1/events/launch/trend?a;b").problem(t, 400, "semicolon")
	h.get(t, "/v1/events/none/trend").problem(t, 404, `"none"`)
	h.get(t, "/v1/events/launch/trend.csv?tz=UTC").problem(t, 422, "query.tz there is no such parameter")
	many := make([]string, 13)
	for i := range many {
		many[i] = "tag:t" + string(rune('a'+i))
	}
	h.get(t, "/v1/events/launch/trend?series="+strings.Join(many, ",")).problem(t, 422, "query.series 13 are more than 12")
}

func TestTrendCSV(t *testing.T) {
	h := start(t)
	h.launch(t)
	a := h.get(t, "/v1/events/launch/trend.csv?step=1m&series=posts,complaint_share&series="+url.QueryEscape("health:Big Stage")+
		"&series="+url.QueryEscape(`tag:=HYPERLINK("x")`)+"&"+window).want(t, 200)
	want := `bucket,posts,complaint_share,health:Big Stage,"tag:=hyperlink(""x"")",covered,blind,late,capped,filled,open
2026-03-01T10:00:00Z,3,0.6666666666666666,0,0,1,,,,,false
2026-03-01T10:01:00Z,2,0,2,0,1,,,,,false
2026-03-01T10:02:00Z,,,2,,0,x,,,,false
`
	if string(a.body) != want {
		t.Errorf("got\n%swant\n%s", a.body, want)
	}
	if a.Header.Get("Outcry-Simulated") != "false" || a.Header.Get("Outcry-Coverage") != "0.6666666666666666" {
		t.Errorf("passport in headers is %v", a.Header)
	}
	link := a.Header.Get("Link")
	path, rest, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if rest != `; rel="describedby"; type="application/json"` {
		t.Fatalf("Link is %q", link)
	}
	h.get(t, path).want(t, 200)
}

func TestChart(t *testing.T) {
	h := start(t)
	h.launch(t)
	a := h.get(t, "/v1/events/launch/trend.png?tz=Asia/Seoul&width=640&height=480&scale=1.5").want(t, 200)
	if string(a.body) != "png 640x480@1.5 Asia/Seoul A launch" || a.Header.Get("Content-Type") != "image/png" {
		t.Errorf("drew %q", a.body)
	}
	a = h.get(t, "/v1/events/launch/trend.svg").want(t, 200)
	if string(a.body) != "svg 960x540@2 UTC A launch" || a.Header.Get("Outcry-Coverage") == "" ||
		!strings.Contains(a.Header.Get("Content-Security-Policy"), "style-src 'unsafe-inline'") {
		t.Errorf("drew %q with %v", a.body, a.Header)
	}
	if a = h.get(t, "/v1/events/launch/trend.svg?theme=dark&locale=ko").want(t, 200); string(a.body) != "svg 960x540@2 UTC A launch dark ko" {
		t.Errorf("drew %q", a.body)
	}
	a = h.get(t, "/v1/events/launch/trend.txt?tz=Asia/Seoul&locale=ko").want(t, 200)
	if string(a.body) != "txt 0x0@0 Asia/Seoul A launch  ko" || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" || a.Header.Get("Outcry-Simulated") != "false" {
		t.Errorf("wrote %q with %v", a.body, a.Header)
	}
	h.get(t, "/v1/events/launch/trend.svg?theme=sepia").problem(t, 422, "query.theme")
	h.get(t, "/v1/events/launch/trend.txt?locale=fr").problem(t, 422, "query.locale")
	h.get(t, "/v1/events/launch/trend.txt?theme=dark").problem(t, 422, "query.theme there is no such parameter")
	h.get(t, "/v1/events/launch/trend.png?width=4096&height=4096&scale=4").problem(t, 422, "million pixels")
	h.get(t, "/v1/events/launch/trend.png?width=10").problem(t, 422, "query.width")
	h.get(t, "/v1/events/launch/trend.svg?series=posts,complaints,reposts,recovery").problem(t, 422, "4 series are too many")
	p := h.get(t, "/v1/events/launch/trend.svg?width=666").problem(t, 500)
	if strings.Contains(p.Detail, "pencil") || !strings.Contains(h.log.String(), "pencil") || !strings.Contains(h.log.String(), p.RequestID) {
		t.Errorf("told %q, logged %s", p.Detail, h.log)
	}
}
