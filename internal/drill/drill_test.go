package drill

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func records(t testing.TB, d *Drill) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteRecords(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameOptionsSameBytes(t *testing.T) {
	o := Defaults(Launch)
	o.Scale = 0.3
	a, b := make1(t, o), make1(t, o)
	first := records(t, a)
	if a.Run().Records == 0 || !bytes.Equal(first, records(t, b)) || !bytes.Equal(first, records(t, a)) {
		t.Fatal("the same options made different records")
	}
	var x, y bytes.Buffer
	if err := a.WriteTruth(&x); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteTruth(&y); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x.Bytes(), y.Bytes()) || a.Run().Name != b.Run().Name {
		t.Error("the same options made different truths or names")
	}
	o.Seed++
	if c := make1(t, o); bytes.Equal(first, records(t, c)) || c.Run().Name == a.Run().Name {
		t.Error("another seed made the same drill")
	}
}

// A run that was interrupted goes on where it stopped, whatever its reader did to the records.
func TestRecordsAfter(t *testing.T) {
	o := Defaults(TownHall)
	o.Scale = 0.05
	d := make1(t, o)
	var all []string
	for r, err := range d.Records(0) {
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(r)
		all = append(all, string(b))
		if r.Post != nil {
			*r.Post = reaction.Post{Text: "changed"}
		}
	}
	if n := d.Run().Records; n != int64(len(all)) {
		t.Errorf("Run says %d records, there are %d", n, len(all))
	}
	for _, after := range []int{1, 500, len(all), len(all) + 5} {
		i := after
		for r := range d.Records(int64(after)) {
			if b, _ := json.Marshal(r); string(b) != all[i] {
				t.Fatalf("record %d differs after %d", i, after)
			}
			i++
		}
		if i < len(all) {
			t.Errorf("after %d the records end at %d of %d", after, i, len(all))
		}
	}
	for _, err := range d.Records(-1) {
		if err == nil {
			t.Error("a position of less than nothing is accepted")
		}
	}
}

// Another number of gaps takes records away and changes none.
func TestGapsOnlyTakeAway(t *testing.T) {
	ids := func(gaps int) map[string]string {
		o := Defaults(Neighbour)
		o.Scale, o.Gaps = 0.1, gaps
		m := map[string]string{}
		for r := range make1(t, o).Records(0) {
			if r.Post != nil {
				m[r.Post.ID[strings.LastIndex(r.Post.ID, "-"):]] = r.Post.Author.Handle + r.Post.Text
			}
		}
		return m
	}
	none, some := ids(0), ids(6)
	if len(some) >= len(none) {
		t.Fatalf("%d posts with gaps, %d without", len(some), len(none))
	}
	for id, text := range some {
		if none[id] != text {
			t.Fatalf("post %s is %q with gaps and %q without", id, text, none[id])
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*Options)
	}{
		{`scenario "storm" is none of launch, interview, townhall, calm, neighbour`, func(o *Options) { o.Scenario = "storm" }},
		{"scale -1", func(o *Options) { o.Scale = -1 }},
		{"scale 101", func(o *Options) { o.Scale = 101 }},
		{"noise NaN", func(o *Options) { o.Noise = math.NaN() }},
		{"korean 1.5", func(o *Options) { o.Korean = 1.5 }},
		{"copies +Inf", func(o *Options) { o.Copies = math.Inf(1) }},
		{"reposts 1 ", func(o *Options) { o.Reposts = 1 }},
		{"deletes -0.1", func(o *Options) { o.Deletes = -0.1 }},
		{"gaps 21", func(o *Options) { o.Gaps = 21 }},
		{"slug", func(o *Options) { o.Slug = "No Slug" }},
		{"start 0099", func(o *Options) { o.Start = time.Date(99, 1, 1, 0, 0, 0, 0, time.UTC) }},
	} {
		o := Defaults(Launch)
		c.change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New says %v, not %q", err, c.want)
		}
	}
}

func TestEvent(t *testing.T) {
	for _, in := range Scenarios() {
		d := make1(t, Options{Scenario: in.Scenario})
		e := d.Event()
		if p := e.Validate(); len(p) > 0 {
			t.Errorf("%s: %v", in.Scenario, p)
		}
		if !e.Simulated || !strings.HasPrefix(e.Title, "Simulated: ") || e.Slug != "drill-"+string(in.Scenario) || !e.StartsAt.Equal(in.Start) {
			t.Errorf("%s: event is %+v", in.Scenario, e)
		}
		if e.ListenFrom.After(d.Truth().From) || e.EndsAt.Before(d.Truth().To) {
			t.Errorf("%s: the drill does not lie within the event's times", in.Scenario)
		}
		run := d.Run()
		if _, err := reaction.ParseFeed("replay/" + e.Slug + "/" + run.Name); err != nil || !run.Simulated {
			t.Errorf("%s: run %+v: %v", in.Scenario, run, err)
		}
		terms := strings.ToLower(strings.Join(e.Match.Any, " "))
		for _, lang := range slices.Sorted(maps.Keys(d.script.words)) {
			for _, coin := range d.script.words[lang].coin {
				if strings.Contains(terms, strings.ToLower(strings.TrimPrefix(coin, "#"))) {
					t.Errorf("%s: the event knows %s before it is coined", in.Scenario, coin)
				}
			}
		}
	}
}

// A drill at another time is the same drill, moved.
func TestShift(t *testing.T) {
	o := Defaults(Interview)
	o.Scale = 0.05
	home := make1(t, o)
	o.Start = time.Date(2031, 3, 2, 7, 8, 9, 123, time.FixedZone("", 9*3600))
	away := make1(t, o)
	by := o.Start.Truncate(time.Second).Sub(home.Truth().Planned)
	a, b := home.Truth(), away.Truth()
	if !a.Recovery.Add(by).Equal(b.Recovery) || a.Total != b.Total || b.From.Nanosecond() != 0 {
		t.Errorf("moved by %s: %v and %v, %+v and %+v", by, a.Recovery, b.Recovery, a.Total, b.Total)
	}
}

func TestSeveralReaders(t *testing.T) {
	o := Defaults(TownHall)
	o.Scale = 0.02
	d := make1(t, o)
	want := records(t, make1(t, o))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			var b bytes.Buffer
			if err := d.WriteRecords(&b); err != nil || !bytes.Equal(b.Bytes(), want) || d.Truth().Records != d.Run().Records {
				t.Errorf("one of several readers got other records: %v", err)
			}
		})
	}
	wg.Wait()
}
