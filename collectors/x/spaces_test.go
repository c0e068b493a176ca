package x

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

func TestWhatASpaceSays(t *testing.T) {
	begin := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	show := reaction.Event{Status: reaction.Live, StartsAt: begin, EndsAt: begin.Add(2 * time.Hour)}
	for name, c := range map[string]struct {
		data     string
		after    time.Duration
		change   func(*reaction.Event)
		state    health.State
		audience int64 // -1: none
		detail   string
	}{
		"before its time":     {`{"state":"scheduled","scheduled_start":"2026-03-01T18:00:00.000Z"}`, -time.Hour, nil, health.Unknown, -1, "scheduled for 18:00 UTC, not started"},
		"a little late":       {`{"state":"scheduled","scheduled_start":"2026-03-01T18:00:00.000Z"}`, 4 * time.Minute, nil, health.Unknown, -1, "scheduled for 18:00 UTC, not started"},
		"too late":            {`{"state":"scheduled","scheduled_start":"2026-03-01T18:00:00.000Z"}`, 5 * time.Minute, nil, health.Down, -1, "scheduled for 18:00 UTC, not started"},
		"for whenever":        {`{"state":"scheduled"}`, time.Hour, nil, health.Unknown, -1, "scheduled, not started"},
		"live":                {`{"state":"live","participant_count":123456,"started_at":"2026-03-01T18:07:30.000Z"}`, 10 * time.Minute, nil, health.Up, 123456, "began at 18:07 UTC"},
		"live with nobody":    {`{"state":"live","participant_count":0}`, 10 * time.Minute, nil, health.Up, 0, ""},
		"live, not counted":   {`{"state":"live"}`, 10 * time.Minute, nil, health.Up, -1, ""},
		"live, miscounted":    {`{"state":"live","participant_count":-4}`, 10 * time.Minute, nil, health.Up, -1, ""},
		"ended too soon":      {`{"state":"ended","ended_at":"2026-03-01T18:26:00.000Z"}`, 30 * time.Minute, nil, health.Down, -1, "ended at 18:26 UTC, before the event's planned end"},
		"ended in time":       {`{"state":"ended","ended_at":"2026-03-01T19:59:00.000Z"}`, 2 * time.Hour, nil, health.Unknown, -1, "ended at 19:59 UTC"},
		"ended for whom":      {`{"state":"ended","ended_at":"2026-03-01T18:26:00.000Z"}`, time.Hour, func(e *reaction.Event) { e.EndsAt = time.Time{} }, health.Unknown, -1, "ended at 18:26 UTC"},
		"of an earlier day":   {`{"state":"ended","ended_at":"2026-02-01T18:26:00.000Z"}`, -time.Hour, nil, health.Unknown, -1, "ended at 18:26 UTC"},
		"cancelled":           {`{"state":"canceled"}`, 0, nil, health.Unknown, -1, "cancelled"},
		"words of somebody's": {`{"state":"<b>call 555</b>","participant_count":7}`, 0, nil, health.Unknown, -1, "in a state that is not known"},
	} {
		s, err := readSpace([]byte(`{"data":` + c.data + `}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e := show
		if c.change != nil {
			c.change(&e)
		}
		x := s.sample(&e, begin.Add(c.after))
		got := int64(-1)
		if x.Audience != nil {
			got = *x.Audience
		}
		if x.State != c.state || got != c.audience || x.Detail != c.detail || !x.At.Equal(begin.Add(c.after)) {
			t.Errorf("%s: %s, %d listen, %q", name, x.State, got, x.Detail)
		}
	}
	for body, gone := range map[string]bool{
		`{"errors":[{"value":"1","title":"Not Found Error","type":"https://api.twitter.com/2/problems/resource-not-found"}]}`: true,
		`{"errors":[{"title":"Forbidden","type":"https://api.twitter.com/2/problems/not-authorized-for-resource"}]}`:          false,
		`{"data":null}`: false, `{}`: false, `[]`: false, ``: false, `{"data":{"state":7}}`: false,
	} {
		if s, err := readSpace([]byte(body)); s != nil || err == nil || errors.Is(err, errGone) != gone {
			t.Errorf("%s: %v, %v", body, s, err)
		}
	}
}

// A Space is looked at as often as asked and never too often, is paid for once a day, and is known
// by two events as two services of one probe.
func TestTheAudienceOfASpace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := counting(x, func(time.Time) int64 { return 0 })
		n, gone := 0, false
		c.space("1eaKbrPAqbwKX", func() string {
			if n++; gone {
				return `{"errors":[{"title":"Not Found Error","type":"https://api.twitter.com/2/problems/resource-not-found"}]}`
			}
			return fmt.Sprintf(`{"data":{"id":"1eaKbrPAqbwKX","state":"live","participant_count":%d}}`, 1000*n)
		})
		probe := []health.Probe{{Kind: health.ProbeAudience, Space: "1eaKbrPAqbwKX", Every: "30s"}, {Kind: health.ProbeAudience, Space: "../../2/users/me"}, {Kind: "http", URL: "https://example.org"}}
		a, b := paid(1, 0, 6, "launch"), paid(2, 50, 6, "launch")
		a.Services = []health.Service{{Name: "Spaces", Probes: probe}}
		b.Services = []health.Service{{Name: "Spaces", Probes: probe}, {Name: "X", Probes: probe[:1]}}
		d := sit(t, x, c, 100, nil, a, b)
		d.pass(10*time.Minute + 5*time.Second)
		d.mu.Lock()
		if len(d.samples) != 42 && len(d.samples) != 40 {
			t.Errorf("%d samples in ten minutes", len(d.samples))
		}
		first, last := d.samples[0], d.samples[len(d.samples)-1]
		if first.Service != "Spaces" || last.Service != "X" || first.State != health.Up || *first.Audience != 1000 ||
			!strings.HasPrefix(first.Vantage, "n1/audience-") || strings.Contains(first.Vantage, "1eaK") {
			t.Errorf("the first is %+v, the last %+v", first, last)
		}
		d.samples = nil
		d.mu.Unlock()

		c.mu.Lock()
		gone = true
		c.mu.Unlock()
		d.pass(50 * time.Minute)
		d.mu.Lock()
		if len(d.forgot) != 0 {
			t.Error("what was measured is forgotten at once")
		}
		d.mu.Unlock()
		d.pass(20 * time.Minute)
		d.end()
		if s := d.samples[len(d.samples)-1]; s.State != health.Unknown || s.Audience != nil || s.Detail != "X does not have this Space" {
			t.Errorf("of a Space that is gone: %+v", s)
		}
		if want := []string{"Spaces " + probeOf("1eaKbrPAqbwKX"), "X " + probeOf("1eaKbrPAqbwKX")}; fmt.Sprint(d.forgot) != fmt.Sprint(want) {
			t.Errorf("forgotten is %q, want %q", d.forgot, want)
		}
		if now, _, _ := d.bank.spent(); now != c.owed() {
			t.Errorf("X bills %s, the books say %s", c.owed(), now)
		}
	})
}

func TestASpaceThatCannotBeLookedAt(t *testing.T) {
	for want, c := range map[string]struct {
		usd    float64
		answer func(*fakeX, http.ResponseWriter)
	}{
		"the limit for X leaves nothing to ask with": {0, nil},
		"X takes no more requests for now":           {50, func(x *fakeX, w http.ResponseWriter) { x.answer(w, 429, `{"title":"Too Many Requests"}`) }},
		"X does not let us ask":                      {50, func(x *fakeX, w http.ResponseWriter) { x.answer(w, 401, `{"title":"Unauthorized"}`) }},
		"X could not be asked":                       {50, func(x *fakeX, w http.ResponseWriter) { x.answer(w, 503, `call <b>555</b>`) }},
	} {
		synctest.Test(t, func(t *testing.T) {
			x := newFakeX(t)
			c2 := counting(x, func(time.Time) int64 { return 0 })
			x.answers["/2/spaces/abc"] = func(w http.ResponseWriter, _ *http.Request) { c.answer(x, w) }
			e := paid(1, c.usd, 6, "launch")
			e.Services = []health.Service{{Name: "Spaces", Probes: []health.Probe{{Kind: health.ProbeAudience, Space: "abc"}}}}
			d := sit(t, x, c2, 100, nil, e)
			d.pass(15 * time.Second)
			d.end()
			if len(d.samples) == 0 || d.samples[0].State != health.Unknown || d.samples[0].Detail != want {
				t.Errorf("%q: the samples are %+v", want, d.samples)
			}
		})
	}
}

// Many Spaces are looked at less often, so that X's limit is kept.
func TestManySpacesTakeTurns(t *testing.T) {
	var e reaction.Event
	for i := range 20 {
		e.Services = append(e.Services, health.Service{Name: fmt.Sprint(i), Probes: []health.Probe{{Kind: health.ProbeAudience, Space: fmt.Sprint("s", i), Every: "1s"}}})
	}
	list := spacesOf([]reaction.Event{e})
	perWindow := 0
	for _, w := range list {
		perWindow += int(window / w.every)
	}
	if len(list) != 20 || perWindow > 300 {
		t.Errorf("%d Spaces are looked at %d times in 15 minutes", len(list), perWindow)
	}
	if vantage(strings.Repeat("n", 500), "abc") == "" || len(vantage(strings.Repeat("n", 500), "abc")) > health.MaxVantageBytes {
		t.Error("a vantage is too long")
	}
}

func FuzzReadSpace(f *testing.F) {
	for _, s := range []string{`{"data":{"state":"live","participant_count":3,"started_at":"2026-03-01T18:00:00Z"}}`, `{"errors":[{}]}`, `{"errors":7}`, `null`, "\xff"} {
		f.Add([]byte(s))
	}
	e := reaction.Event{Status: reaction.Live, StartsAt: time.Unix(0, 0), EndsAt: time.Unix(1<<40, 0)}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := readSpace(body)
		if err != nil {
			return
		}
		x := s.sample(&e, time.Unix(1000, 0))
		x.Service = "s"
		if field, text, ok := x.Check(); !ok || x.Audience != nil && *x.Audience < 0 || x.State == health.Down && x.Audience != nil {
			t.Errorf("%+v: %s: %s", x, field, text)
		}
	})
}
