package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func TestAppendStoresAnEnvelopeOnce(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "once")
	c := newChain("live/x/0").commit(reaction.Envelope{
		Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", time.Second)},
		Coverage: covered(0, time.Minute), Clock: t0.Add(time.Minute),
	}, complaint("DeSaster"), plain())

	did := appendAll(t, s, c)
	want(t, "stored", did.Stored, 2)
	did = appendAll(t, s, c)
	want(t, "known the second time", did.Known, true)
	want(t, "posts", sum(t, s, e, trend.Posts), 2)
	want(t, "complaints", sum(t, s, e, trend.Complaints), 1)
	want(t, "symptom", sum(t, s, e, "symptom:audio"), 1)
	want(t, "tag", sum(t, s, e, "tag:DeSaster"), 1)
	want(t, "authors", sum(t, s, e, trend.Authors), 2)
}

func TestAppendLeavesDuplicatesOut(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "twice")
	ch := newChain("live/x/0")
	for i := range 4 { // overlapping batches, with a repeat inside each
		p := []reaction.Matched{post(e, "a", 0), post(e, fmt.Sprint("n", i), time.Minute), post(e, "a", 0)}
		did := appendAll(t, s, ch.commit(reaction.Envelope{Posts: p}, plain(), plain(), plain()))
		want(t, "stored and duplicates", []int{did.Stored, did.Duplicates}, map[bool]any{true: []int{2, 1}, false: []int{1, 2}}[i == 0])
	}
	want(t, "posts", sum(t, s, e, trend.Posts), 5)
}

func TestAppendFollowsTheContiguousSequence(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "order")
	ch := newChain("live/x/0")
	env := func(min int) reaction.Envelope {
		return reaction.Envelope{Listening: []int64{e.ID}, Clock: t0.Add(time.Duration(min) * time.Minute), Cursor: []byte(fmt.Sprint(min))}
	}
	first, second, third := ch.commit(env(1)), ch.commit(env(2)), ch.commit(env(3))
	clock := func() string {
		w, err := s.Watermark(t.Context(), e.ID, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if w == nil {
			return "none"
		}
		return w.Format("15:04")
	}
	appendAll(t, s, third)
	want(t, "watermark before the first", clock(), "none")
	appendAll(t, s, first)
	want(t, "watermark after the first", clock(), "18:01")
	want(t, "third again", appendAll(t, s, third).Known, true)
	appendAll(t, s, second)
	want(t, "watermark after all", clock(), "18:03")
	want(t, "third again", appendAll(t, s, third).Known, true)
}

// A pass that begins anew, committed before the end of the pass before it, leaves the clock where both in
// their order would have.
func TestANewPassThatIsAheadBeginsItsClockInItsTurn(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {2, 0, 1}, {2, 1, 0}} {
		s, url := open(t)
		e := newEvent(t, s, "passes")
		ch := newChain("replay/1/a")
		var commits []postgres.Commit
		for i, min := range []int{30, 40, 1} {
			commits = append(commits, ch.commit(reaction.Envelope{Event: e.ID, Clock: t0.Add(time.Duration(min) * time.Minute), Restart: i == 2}))
		}
		for _, i := range order {
			appendAll(t, s, commits[i])
			if clock := count(t, url, "SELECT count(*) FROM feeds WHERE clock IS NULL AND last_seq > 0"); clock != 0 {
				t.Errorf("%v: the clock is lost", order)
			}
		}
		want(t, fmt.Sprint("clock after ", order), count(t, url, fmt.Sprintf("SELECT count(*) FROM feeds WHERE clock = '%s'", t0.Add(time.Minute).Format(time.RFC3339))), 1)
	}
}

func TestAnotherLifeOfTheLogIsNotMistakenForThisOne(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "epochs")
	c := newChain("live/x/0").commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0)}}, plain())
	appendAll(t, s, c)
	d := newChain("live/x/0").commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "b", 0)}}, plain())
	d.Epoch = "e2" // the same sequence again, of another log
	want(t, "stored", appendAll(t, s, d).Stored, 1)
}

func TestDeletionsWinWheneverTheyCome(t *testing.T) {
	for _, early := range []bool{false, true} {
		t.Run(fmt.Sprint("early=", early), func(t *testing.T) {
			s, _ := open(t)
			e := newEvent(t, s, "gone")
			ch := newChain("live/x/0")
			posts := reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", 0)}}
			gone := reaction.Envelope{Deletes: []reaction.Delete{{Source: reaction.X, ID: "a", At: t0.Add(time.Minute)}}}
			if early {
				appendAll(t, s, ch.commit(gone))
			}
			appendAll(t, s, ch.commit(posts, complaint("tag"), plain()))
			if !early {
				want(t, "deleted", appendAll(t, s, ch.commit(gone)).Deletes, 1)
				want(t, "deleted again", appendAll(t, s, ch.commit(gone)).Deletes, 0)
			}
			want(t, "posts", sum(t, s, e, trend.Posts), 1)
			want(t, "complaints", sum(t, s, e, trend.Complaints), 0)
			want(t, "tag", sum(t, s, e, "tag:tag"), 0)
			got, err := s.Posts(t.Context(), reaction.PostQuery{Event: e, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range got {
				if p.ID == "a" && (p.Text != "" || p.DeletedAt == nil || len(p.Tags.Reasons) > 0) {
					t.Errorf("the deleted post is still told: %+v", p)
				}
			}
			r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts}, From: t0, To: t0.Add(time.Hour), Step: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "deleted since", r.Passport.DeletedSince, 1)
		})
	}
}

func TestDeletedAccountTakesAllItsPostsAlong(t *testing.T) {
	s, _ := open(t)
	e, other := newEvent(t, s, "account", endless), newEvent(t, s, "other")
	ch := newChain("live/x/0")
	a, b := post(e, "a", 0), post(e, "b", 0)
	c := post(other, "a", 0)
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{a, b, c}}, plain(), plain(), plain()))
	did := appendAll(t, s, ch.commit(reaction.Envelope{Deletes: []reaction.Delete{{
		Source: reaction.X, At: t0.Add(time.Hour), Authors: []reaction.Membership{{Event: e.ID, Author: a.Events[0].Author}}}}}))
	want(t, "deleted", did.Deletes, 1)
	want(t, "posts left", sum(t, s, e, trend.Posts), 1)
	want(t, "posts of the other event", sum(t, s, other, trend.Posts), 1)

	// What the account posted before and comes later is gone as well; what it posts afterwards is not.
	early, later := post(e, "xa", time.Minute), post(e, "ya", 2*time.Hour)
	early.Events[0].Author, later.Events[0].Author = a.Events[0].Author, a.Events[0].Author
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{early, later}}, plain(), plain()))
	want(t, "posts with a late and a new one", sum(t, s, e, trend.Posts), 2)
}

func TestEditsMoveNetFiguresAndKeepGross(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "edits")
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0)}}, complaint("old")))
	edit := post(e, "a", 0)
	edit.Edit, edit.EditedAt, edit.Text = true, t0.Add(time.Minute), "all is well"
	lost := post(e, "never-seen", 0)
	lost.Edit, lost.EditedAt, lost.Events[0].UpdateOnly = true, t0.Add(time.Minute), true
	did := appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{edit, lost}},
		reaction.Tags{Version: 1, Lang: "en", Hashtags: []reaction.Hashtag{{Text: "new", Key: "new"}}}, plain()))
	want(t, "edits", did.Edits, 1)
	want(t, "stored", did.Stored, 0)
	for name, n := range map[trend.Name]int{trend.Posts: 1, trend.Complaints: 0, "tag:old": 0, "tag:new": 1} {
		want(t, string(name), sum(t, s, e, name), n)
	}
	tags, err := s.Tags(t.Context(), trend.TagsQuery{Event: e, Limit: 10})
	if err != nil || len(tags) != 2 || tags[0].Tag != "new" || tags[0].Posts != 1 || tags[1].Posts != 0 || tags[1].Gross != 1 {
		t.Errorf("tags: %+v, %v", tags, err)
	}
}

// An edit that comes again, or after a later one, changes nothing; nor does a change of language
// look like a deletion.
func TestTheLastEditStands(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "versions")
	ch := newChain("replay/1/a")
	version := func(min int, lang, tag string) {
		p := post(e, "a", 0)
		p.Edit, p.EditedAt = true, t0.Add(time.Duration(min)*time.Minute)
		tags := complaint(tag)
		tags.Lang = lang
		appendAll(t, s, ch.commit(reaction.Envelope{Event: e.ID, Posts: []reaction.Matched{p}, Coverage: covered(0, time.Minute)}, tags))
	}
	appendAll(t, s, ch.commit(reaction.Envelope{Event: e.ID, Posts: []reaction.Matched{post(e, "a", 0)}}, complaint("first")))
	for range 3 {
		version(2, "ko", "last")
		version(1, "en", "middle")
	}
	for name, n := range map[trend.Name]int{trend.Posts: 1, "tag:first": 0, "tag:middle": 0, "tag:last": 1} {
		want(t, string(name), sum(t, s, e, name), n)
	}
	r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts}, From: t0, To: t0.Add(time.Hour), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "deleted since", r.Passport.DeletedSince, 0)
	want(t, "gross of all tags", count(t, url, "SELECT sum(gross) FROM tag_counts"), 2)
}

func TestAReplaysDeletionsStayWithItsEvent(t *testing.T) {
	s, _ := open(t)
	e, drill := newEvent(t, s, "real"), newEvent(t, s, "drill", func(e *reaction.Event) { e.Simulated = true })
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0), post(drill, "a", 0)}}, plain(), plain()))
	gone := reaction.Envelope{Event: drill.ID, Deletes: []reaction.Delete{{Source: reaction.X, ID: "a", At: t0}, {Source: reaction.X, ID: "b", At: t0}}}
	want(t, "deleted", appendAll(t, s, newChain("replay/2/a").commit(gone)).Deletes, 1)
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "b", 0), post(drill, "b", 0)}}, plain(), plain()))
	want(t, "posts of the real event", sum(t, s, e, trend.Posts), 2)
	want(t, "posts of the drill", sum(t, s, drill, trend.Posts), 0)
}

func TestEndlessEventKeepsAPostOnceWhateverItsDay(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "endless", func(e *reaction.Event) { e.EndsAt = time.Time{} })
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", 30*time.Hour)}}, plain(), plain()))
	did := appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 26*time.Hour), post(e, "c", 0)}}, plain(), plain()))
	want(t, "stored and duplicates", []int{did.Stored, did.Duplicates}, []int{1, 1})
	want(t, "posts", sum(t, s, e, trend.Posts), 3)
}

func TestLatePostsCountAndAreToldApart(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "late")
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID}, Coverage: covered(0, time.Hour), Clock: t0.Add(5 * time.Minute)}))
	appendAll(t, s, ch.commit(reaction.Envelope{Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", 5*time.Minute)}}, plain(), plain()))
	r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts}, From: t0, To: t0.Add(time.Hour), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "late", r.Passport.Late, 1)
	want(t, "first bucket", *r.Series[0].Points[0].Value, 1)
	want(t, "first bucket is closed", r.Series[0].Points[0].Open, false)
	want(t, "bucket of the watermark is open", r.Series[0].Points[5].Open, true)
}

func TestUnknownAuthorsAreNeverOnePerson(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "nobody")
	var posts []reaction.Matched
	var tags []reaction.Tags
	for i := range 5 {
		p := post(e, fmt.Sprint("p", i), 0)
		p.Events[0].Author = reaction.Person{}
		posts, tags = append(posts, p), append(tags, plain())
	}
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{
		Listening: []int64{e.ID}, Posts: posts, Coverage: covered(0, time.Hour), Clock: t0.Add(time.Hour)}, tags...))
	r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Authors}, From: t0, To: t0.Add(2 * time.Minute), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Series[0].Points[0].Value; v != nil {
		t.Errorf("five posts of unknown authors count as %v people", *v)
	}
	if v := r.Series[0].Points[1].Value; v == nil || *v != 0 {
		t.Errorf("a covered minute without posts has %v people, want 0", v)
	}
}

func TestSamplesOfADrillStayWithIt(t *testing.T) {
	s, _ := open(t)
	named := func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} }
	e := newEvent(t, s, "real", named)
	drill := newEvent(t, s, "drill", named, func(e *reaction.Event) { e.Simulated = true })
	latency := 12.5
	sample := func(event int64) reaction.ScopedSample {
		return reaction.ScopedSample{Event: event, Sample: health.Sample{Service: "Rooms", At: t0, State: health.Down, LatencyMS: &latency}}
	}
	appendAll(t, s, newChain("push/samples/n").commit(reaction.Envelope{Samples: []reaction.ScopedSample{sample(drill.ID), sample(drill.ID)}}))
	for event, n := range map[*reaction.Event]int{e: 0, drill: 1} {
		got, err := s.Samples(t.Context(), event, t0, t0.Add(time.Second), 10)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "samples of "+event.Slug, len(got), n)
	}
}

func TestAppendsOfManyFeedsDoNotBlockEachOtherForEver(t *testing.T) {
	s, _ := open(t)
	a, b := newEvent(t, s, "left"), newEvent(t, s, "right")
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for f := range 4 {
		ch := newChain(fmt.Sprintf("live/x/%d", f))
		wg.Go(func() {
			for i := range 15 {
				id := fmt.Sprintf("%d-%d", f, i)
				p, q := post(a, id, time.Duration(i)*time.Second), post(b, id, time.Duration(i)*time.Second)
				if f%2 == 1 {
					p, q = q, p
				}
				env := reaction.Envelope{Posts: []reaction.Matched{p, q}}
				if i%5 == 0 {
					env.Deletes = []reaction.Delete{{Source: reaction.X, ID: "none", At: t0}}
				}
				if _, err := s.Append(t.Context(), ch.commit(env, complaint("x", "y"), complaint("y", "x"))); err != nil {
					errs <- err
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	want(t, "posts", sum(t, s, a, trend.Posts)+sum(t, s, b, trend.Posts), 120)
}

func TestDeletedEventLeavesNothing(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "brief")
	ch := newChain("live/x/0")
	appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "a", 0)}, Coverage: covered(0, time.Minute)}, complaint("t")))
	if err := s.DeleteEvent(t.Context(), "brief"); err != nil {
		t.Fatal(err)
	}
	// What was on its way to it is taken in and left out.
	did := appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "b", 0)}, Coverage: covered(0, time.Minute)}, plain()))
	want(t, "stored", did.Stored, 0)
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Unmatched: []reaction.UnmatchedCount{{Source: reaction.X, Minute: t0, Posts: 3}}}))
	for _, table := range []string{"unmatched", "posts", "rollups", "crowds", "tag_counts", "tags", "coverage", "feed_events", "events"} {
		want(t, "rows in "+table, count(t, url, "SELECT count(*) FROM "+table), 0)
	}
}
