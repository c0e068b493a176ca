package trend

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// situation is an evening at 18:10, ten minutes after the planned start, as a test describes it.
type situation struct {
	g     Glance
	hours []Hour
}

func situated(change ...func(*situation)) *situation {
	e := &reaction.Event{ID: 1, Slug: "e", Title: "E", StartsAt: t0, EndsAt: minute(120), Status: reaction.Scheduled,
		Services: []health.Service{{Name: "Rooms"}}}
	x := &situation{g: Glance{Event: e, Now: minute(10), Standing: Standing{Clock: minute(10), Moving: true}, Symptoms: map[string]int64{}}}
	x.heard(reaction.X, 10)
	x.heard(reaction.Bluesky, 10)
	for i := 1; i <= 8; i++ { // an hour before with 1 complaint in 100 posts
		x.stretch(i, 100, 1, 0)
	}
	for _, c := range change {
		c(x)
	}
	x.g.From, x.g.To = x.g.Lately(x.g.Now)
	for i := range x.g.Stretches { // they were placed by how many stretches ago they were
		back := time.Duration(x.g.Stretches[i].From.Unix())
		x.g.Stretches[i].From = x.g.From.Add(-back * SummaryWindow)
	}
	return x
}

// stretch sets what was counted so many stretches ago.
func (x *situation) stretch(ago int, own, complaints, recovery int64) {
	s := Stretch{From: time.Unix(int64(ago), 0), Posts: own + own/2, Reposts: own / 2, Complaints: complaints, Recovery: recovery}
	for i := range x.g.Stretches {
		if x.g.Stretches[i].From.Equal(s.From) {
			x.g.Stretches[i] = s
			return
		}
	}
	x.g.Stretches = append(x.g.Stretches, s)
}

func (x *situation) heard(s reaction.Source, until float64) {
	for i := range x.g.Heard {
		if x.g.Heard[i].Source == s {
			x.g.Heard = append(x.g.Heard[:i], x.g.Heard[i+1:]...)
			break
		}
	}
	h := Heard{Source: s, Last: minute(until), Whole: minute(until), Covered: min(max((until-5)/5, 0), 1)}
	if until < 9.5 {
		h.Why = reaction.CoverageGap
	}
	x.g.Heard = append(x.g.Heard, h)
}

func now(own, complaints int64) func(*situation) {
	return func(x *situation) { x.stretch(0, own, complaints, 0) }
}

func symptom(name string, n int64) func(*situation) {
	return func(x *situation) { x.g.Symptoms[name] = n }
}

// measured adds samples of a service every ten seconds of [from, to), in minutes.
func measured(service string, state health.State, from, to float64) func(*situation) {
	return func(x *situation) {
		for at := minute(from); at.Before(minute(to)); at = at.Add(10 * time.Second) {
			x.g.Samples = append(x.g.Samples, health.Sample{Service: service, Vantage: "a", At: at, State: state})
		}
	}
}

func lost(s reaction.Source, since float64) func(*situation) {
	return func(x *situation) { x.heard(s, since) }
}

// wanting makes a source one that is not heard as it should be, since a minute.
func wanting(s reaction.Source, why reaction.CoverageState, since float64, partly bool) func(*situation) {
	return func(x *situation) {
		x.heard(s, since)
		h := &x.g.Heard[len(x.g.Heard)-1]
		if h.Why, h.Partly = why, partly; partly {
			h.Last, h.Covered = minute(10), 1
		}
	}
}

func status(s reaction.Status) func(*situation) {
	return func(x *situation) { x.g.Event.Status = s }
}

func services(names ...string) func(*situation) {
	return func(x *situation) {
		x.g.Event.Services = nil
		for _, n := range names {
			x.g.Event.Services = append(x.g.Event.Services, health.Service{Name: n})
		}
	}
}

func simulated(x *situation) { x.g.Event.Simulated = true }

func up(from, to float64) func(*situation)   { return measured("Rooms", health.Up, from, to) }
func down(from, to float64) func(*situation) { return measured("Rooms", health.Down, from, to) }

func TestSummaries(t *testing.T) {
	for _, c := range []struct {
		name   string
		change []func(*situation)
		state  State
		en, ko string
	}{
		{"the example", []func(*situation){simulated, now(100, 41), symptom("audio", 30), up(-60, -2), down(-2, 10), lost(reaction.Bluesky, 5)},
			StateBroken,
			"Simulated. 41% of posts heard in the last 5 minutes complain, most often of no sound (usually 1%); Rooms has been down for 12 minutes; " +
				"Bluesky has not been heard since 18:05 UTC.",
			"모의 상황입니다. 최근 5분 동안 수집된 글의 41%가 장애를 호소하고 있으며(평소 1%) '소리가 안 들린다'는 내용이 가장 많고, " +
				"Rooms 서비스는 12분째 중단된 상태이고, 블루스카이는 18:05 UTC부터 수집되지 않고 있습니다."},
		{"all is well", []func(*situation){now(412, 3), up(-60, 10)}, StateCalm,
			"3 of 412 posts in the last 5 minutes complain; Rooms is up.",
			"최근 5분 동안 올라온 글 412건 가운데 3건이 장애를 호소하고 있고, Rooms 서비스는 정상입니다."},
		{"nobody complains", []func(*situation){now(1412, 0), up(-60, 10)}, StateCalm,
			"None of the 1,412 posts in the last 5 minutes complains; Rooms is up.",
			"최근 5분 동안 올라온 글 1,412건 가운데 장애를 호소하는 글은 없고, Rooms 서비스는 정상입니다."},
		{"people complain, the service looks up", []func(*situation){now(200, 60), symptom("join", 40), symptom("audio", 10), up(-60, 10)}, StateComplaints,
			"30% of posts in the last 5 minutes complain, most often of not getting in (usually 1%); yet Rooms looks up.",
			"최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있으며(평소 1%) '들어갈 수 없다'는 내용이 가장 많지만, Rooms 서비스는 측정상 정상으로 보입니다."},
		{"the service is down, few complain", []func(*situation){now(200, 2), up(-60, 7), down(7, 10)}, StateDegraded,
			"2 of 200 posts in the last 5 minutes complain; Rooms has been down for 3 minutes.",
			"최근 5분 동안 올라온 글 200건 가운데 2건이 장애를 호소하고 있고, Rooms 서비스는 3분째 중단된 상태입니다."},
		{"the service works partly", []func(*situation){now(200, 2), up(-60, 9), measured("Rooms", health.Degraded, 9.2, 10)}, StateDegraded,
			"2 of 200 posts in the last 5 minutes complain; Rooms has worked only partly for less than a minute.",
			"최근 5분 동안 올라온 글 200건 가운데 2건이 장애를 호소하고 있고, Rooms 서비스는 방금부터 일부만 작동합니다."},
		{"the service is not measured", []func(*situation){now(200, 60)}, StateComplaints,
			"30% of posts in the last 5 minutes complain (usually 1%); how Rooms is doing is not known.",
			"최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있고(평소 1%), Rooms 서비스의 상태는 알 수 없습니다."},
		{"no services", []func(*situation){now(200, 60), services()}, StateComplaints,
			"30% of posts in the last 5 minutes complain (usually 1%).",
			"최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있습니다(평소 1%)."},
		{"small numbers", []func(*situation){now(4, 3), symptom("video", 2), services()}, StateComplaints,
			"3 of 4 posts in the last 5 minutes complain, most often of no picture.",
			"최근 5분 동안 올라온 글 4건 가운데 3건이 장애를 호소하고 있으며 '화면이 안 나온다'는 내용이 가장 많습니다."},
		{"two of three are not many", []func(*situation){now(3, 2), services()}, StateCalm,
			"2 of 3 posts in the last 5 minutes complain.",
			"최근 5분 동안 올라온 글 3건 가운데 2건이 장애를 호소하고 있습니다."},
		{"one post", []func(*situation){now(1, 1), services()}, StateCalm,
			"The one post heard in the last 5 minutes complains.",
			"최근 5분 동안 올라온 글 1건이 모두 장애를 호소하고 있습니다."},
		{"no posts", []func(*situation){now(0, 0), up(-60, 10)}, StateCalm,
			"No posts were heard in the last 5 minutes; Rooms is up.",
			"최근 5분 동안 수집된 글이 없고, Rooms 서비스는 정상입니다."},
		{"nothing was ever heard", []func(*situation){func(x *situation) { x.g.Heard, x.g.Stretches, x.g.Standing = nil, nil, Standing{} }}, StateUnknown,
			"No posts have been heard yet; how Rooms is doing is not known.",
			"아직 수집된 글이 없고, Rooms 서비스의 상태는 알 수 없습니다."},
		{"every source is blind", []func(*situation){lost(reaction.X, 4), lost(reaction.Bluesky, 2), up(-60, 10)}, StateUnknown,
			"Rooms is up; nothing has been heard since 18:04 UTC.",
			"Rooms 서비스는 정상이고, 18:04 UTC부터 글이 수집되지 않고 있습니다."},
		{"live feeds fell silent", []func(*situation){now(200, 2), down(-60, 30), func(x *situation) {
			x.g.Standing = Standing{Clock: minute(10), Silent: true}
			x.g.Now = minute(30)
		}}, StateDegraded,
			"Rooms has been down for an hour and 30 minutes; nothing has been heard since 18:10 UTC.",
			"Rooms 서비스는 1시간 30분째 중단된 상태이고, 18:10 UTC부터 글이 수집되지 않고 있습니다."},
		{"down for long", []func(*situation){now(200, 60), down(-200, 10)}, StateBroken,
			"30% of posts in the last 5 minutes complain (usually 1%); Rooms has been down for more than 3 hours.",
			"최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있고(평소 1%), Rooms 서비스는 3시간 넘게 중단된 상태입니다."},
		{"recovering by what people say", []func(*situation){func(x *situation) {
			x.stretch(1, 200, 80, 0)
			x.stretch(0, 200, 20, 12)
		}}, StateRecovering,
			"Complaints have fallen from 40% to 10% of posts; 12 posts say that it works again; how Rooms is doing is not known.",
			"장애를 호소하는 글의 비율이 40%에서 10%로 줄었고, 다시 된다는 글이 12건 있고, Rooms 서비스의 상태는 알 수 없습니다."},
		{"recovering by what is measured", []func(*situation){func(x *situation) {
			x.stretch(1, 10, 8, 0)
			x.stretch(0, 10, 1, 0)
		}, down(-10, 5), up(5, 10)}, StateRecovering,
			"Complaints have fallen from 8 in five minutes to 1; Rooms has been up again for 5 minutes.",
			"장애를 호소하는 글이 5분에 8건에서 1건으로 줄었고, Rooms 서비스는 5분째 다시 정상입니다."},
		{"falling alone is no recovery", []func(*situation){func(x *situation) {
			x.stretch(1, 200, 80, 0)
			x.stretch(0, 200, 30, 0)
		}, up(-60, 10)}, StateComplaints,
			"15% of posts in the last 5 minutes complain (usually 1%); yet Rooms looks up.",
			"최근 5분 동안 올라온 글의 15%가 장애를 호소하고 있지만(평소 1%), Rooms 서비스는 측정상 정상으로 보입니다."},
		{"not begun", []func(*situation){now(50, 0), up(-60, 10), func(x *situation) { x.g.Event.StartsAt = minute(60) }}, StateNotStarted,
			"It is due to begin at 19:00 UTC; none of the 50 posts in the last 5 minutes complains; Rooms is up.",
			"19:00 UTC에 시작할 예정이고, 최근 5분 동안 올라온 글 50건 가운데 장애를 호소하는 글은 없고, Rooms 서비스는 정상입니다."},
		{"trouble before it begins", []func(*situation){now(50, 20), func(x *situation) { x.g.Event.StartsAt = minute(60 * 24) }, services()}, StateComplaints,
			"It is due to begin at 18:00 UTC on 2 March 2026; 40% of posts in the last 5 minutes complain (usually 1%).",
			"2026년 3월 2일 18:00 UTC에 시작할 예정이고, 최근 5분 동안 올라온 글의 40%가 장애를 호소하고 있습니다(평소 1%)."},
		{"postponed", []func(*situation){now(200, 60), status(reaction.Postponed), up(-60, 10)}, StatePostponed,
			"Postponed. 30% of posts in the last 5 minutes complain (usually 1%); yet Rooms looks up.",
			"연기되었습니다. 최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있지만(평소 1%), Rooms 서비스는 측정상 정상으로 보입니다."},
		{"cancelled", []func(*situation){now(200, 0), status(reaction.Cancelled), services()}, StateCancelled,
			"Cancelled. None of the 200 posts in the last 5 minutes complains.",
			"취소되었습니다. 최근 5분 동안 올라온 글 200건 가운데 장애를 호소하는 글은 없습니다."},
		{"ended", []func(*situation){now(200, 0), status(reaction.Ended), services()}, StateOver,
			"It has ended; none of the 200 posts in the last 5 minutes complains.",
			"행사는 끝났고, 최근 5분 동안 올라온 글 200건 가운데 장애를 호소하는 글은 없습니다."},
		{"past its end, in trouble", []func(*situation){now(200, 60), down(-20, 10), func(x *situation) { x.g.Event.EndsAt = minute(9) }}, StateBroken,
			"The planned end has passed; 30% of posts in the last 5 minutes complain (usually 1%); Rooms has been down for 30 minutes.",
			"예정된 종료 시각이 지났고, 최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있고(평소 1%), Rooms 서비스는 30분째 중단된 상태입니다."},
		{"a recording of an event that ended is played", []func(*situation){now(200, 0), status(reaction.Ended), services(), func(x *situation) { x.g.Recorded = true }}, StateCalm,
			"Recorded. None of the 200 posts in the last 5 minutes complains.",
			"기록을 재생한 것입니다. 최근 5분 동안 올라온 글 200건 가운데 장애를 호소하는 글은 없습니다."},
		{"a recording that was played", []func(*situation){now(200, 2), services(), func(x *situation) {
			x.g.Recorded, x.g.Moving = true, false
			x.g.Now = minute(60 * 24 * 400)
		}}, StateCalm,
			"Recorded. 2 of 200 posts in the 5 minutes to 18:10 UTC on 1 March 2026 complain.",
			"기록을 재생한 것입니다. 2026년 3월 1일 18:10 UTC까지 5분 동안 올라온 글 200건 가운데 2건이 장애를 호소하고 있습니다."},
		{"some servers of a source are lost", []func(*situation){now(100, 2), services(), wanting(reaction.Mastodon, reaction.CoverageGap, 4, true)}, StateCalm,
			"2 of 100 posts heard in the last 5 minutes complain; Mastodon has been heard only in part since 18:04 UTC.",
			"최근 5분 동안 수집된 글 100건 가운데 2건이 장애를 호소하고 있고, 마스토돈은 18:04 UTC부터 일부만 수집되고 있습니다."},
		{"a source is behind, another is left out", []func(*situation){now(100, 2), services(), wanting(reaction.Bluesky, reaction.CoverageLate, 4, false), wanting(reaction.X, reaction.CoverageCapped, 3, false),
			func(x *situation) { x.heard(reaction.Mastodon, 10) }}, StateCalm,
			"2 of 100 posts heard in the last 5 minutes complain; Bluesky is behind: what was said there after 18:04 UTC is still to be heard; " +
				"X has been left out since 18:03 UTC, to keep to the spending limit.",
			"최근 5분 동안 수집된 글 100건 가운데 2건이 장애를 호소하고 있고, 블루스카이는 18:04 UTC 이후 올라온 것이 늦게 수집되고 있으며, " +
				"X는 18:03 UTC부터 비용 한도 때문에 수집에서 제외되고 있습니다."},
		{"all is left out", []func(*situation){services(), wanting(reaction.Bluesky, reaction.CoverageCapped, 4, false), wanting(reaction.X, reaction.CoverageCapped, 3, false)}, StateUnknown,
			"Posts have been left out since 18:04 UTC, to keep to the spending limit.",
			"글은 18:04 UTC부터 비용 한도 때문에 수집에서 제외되고 있습니다."},
		{"all is behind", []func(*situation){services(), wanting(reaction.Bluesky, reaction.CoverageLate, 4, false), wanting(reaction.X, reaction.CoverageLate, 3, false)}, StateUnknown,
			"What was said after 18:04 UTC is still to be heard.",
			"글은 18:04 UTC 이후 올라온 것이 늦게 수집되고 있습니다."},
		{"many services", []func(*situation){now(200, 0), services("Rooms", "Chat", "Login", "Video"), down(-60, 10),
			measured("Chat", health.Down, 0, 10), measured("Login", health.Degraded, -60, 10), measured("Video", health.Down, -60, 10)}, StateDegraded,
			"None of the 200 posts in the last 5 minutes complains; Rooms has been down for an hour and 10 minutes; " +
				"Chat has been down for 10 minutes; 2 more services are in trouble too.",
			"최근 5분 동안 올라온 글 200건 가운데 장애를 호소하는 글은 없고, Rooms 서비스는 1시간 10분째 중단된 상태이고, " +
				"Chat 서비스는 10분째 중단된 상태이고, 그 밖의 서비스 2개도 마찬가지입니다."},
		{"some services are known", []func(*situation){now(200, 60), services("Rooms", "Chat"), up(-60, 10)}, StateComplaints,
			"30% of posts in the last 5 minutes complain (usually 1%); Rooms is up; how Chat is doing is not known.",
			"최근 5분 동안 올라온 글의 30%가 장애를 호소하고 있고(평소 1%), Rooms 서비스는 정상이고, Chat 서비스의 상태는 알 수 없습니다."},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := situated(c.change...)
			s := Summarise(&x.g, x.hours)
			if s.State != c.state {
				t.Errorf("state %s, want %s", s.State, c.state)
			}
			if s.Sentence.EN != c.en {
				t.Errorf("en\n got %s\nwant %s", s.Sentence.EN, c.en)
			}
			if s.Sentence.KO != c.ko {
				t.Errorf("ko\n got %s\nwant %s", s.Sentence.KO, c.ko)
			}
		})
	}
}

func TestSummaryCountsWhatIsKnown(t *testing.T) {
	x := situated(now(100, 40), lost(reaction.Bluesky, 4))
	x.hours = []Hour{
		{From: t0, Posts: 200, Complaints: 41, Deleted: 3, Peak: minute(8), PeakComplaints: 20, Audience: map[string]int64{"Rooms": 10}},
		{From: minute(-60), Posts: 100, Complaints: 20, Peak: minute(-3), PeakComplaints: 20, Audience: map[string]int64{"Rooms": 70, "Other": 99}},
	}
	s := Summarise(&x.g, x.hours)
	if s.Posts != nil || s.Complaints != nil || s.ComplaintShare != nil || s.HeardPosts != 150 || s.HeardOwn != 100 || s.HeardComplaints != 40 {
		t.Errorf("with a blind source: %+v", s)
	}
	if *s.Total != (SummaryTotal{300, 61, 3}) || !s.Peak.At.Equal(minute(-3)) || s.Peak.Complaints != 20 || *s.Services[0].AudiencePeak != 70 {
		t.Errorf("total %+v, peak %+v, services %+v", s.Total, s.Peak, s.Services)
	}
	x = situated(now(100, 40), lost(reaction.Bluesky, 7))
	if s = Summarise(&x.g, nil); s.Posts == nil || *s.Posts != 150 || *s.ComplaintShare != 0.4 || len(s.Blind) != 1 {
		t.Errorf("with a source that was heard for some of it: %+v", s)
	}
	b, err := json.Marshal(Summarise(&situated(func(x *situation) { x.g.Heard, x.g.Stretches, x.g.Standing = nil, nil, Standing{} }).g, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"at":null`, `"window":null`, `"posts":null`, `"total":null`, `"peak":null`, `"symptoms":[]`, `"blind":[]`, `"usual_share":null`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not in %s", want, b)
		}
	}
}

// A state does not flicker with a probe that misses the fault now and then, nor with one failure.
func TestStatesAreSmooth(t *testing.T) {
	x := situated(now(100, 0))
	for i := range 120 {
		at := minute(-10).Add(time.Duration(i) * 10 * time.Second)
		st := health.Down
		if i%7 == 0 || i < 30 {
			st = health.Up
		}
		if i == 12 {
			st = health.Down
		}
		x.g.Samples = append(x.g.Samples, health.Sample{Service: "Rooms", Vantage: "a", At: at, State: st},
			health.Sample{Service: "Rooms", Vantage: "b", At: at.Add(4 * time.Second), State: st})
	}
	s := Summarise(&x.g, nil).Services[0]
	if s.State != "down" || s.Since == nil || s.Since.Sub(minute(-5)).Abs() > 30*time.Second {
		t.Errorf("%s since %v, want down since about %v", s.State, s.Since, minute(-5))
	}
	// One of two places sees it down: that is not down, and not up.
	x = situated(now(100, 0), up(-60, 10))
	for at := minute(0); at.Before(minute(10)); at = at.Add(10 * time.Second) {
		x.g.Samples = append(x.g.Samples, health.Sample{Service: "Rooms", Vantage: "b", At: at, State: health.Down})
	}
	if s := Summarise(&x.g, nil).Services[0]; s.State != "degraded" {
		t.Errorf("seen down from one of two places: %s", s.State)
	}
	// What is measured every five minutes holds in between, and not for ever.
	for after, want := range map[float64]string{0: "up", 3: "up", 9: "up", 11: "unknown"} {
		x = situated(func(x *situation) {
			x.g.Clock, x.g.Now = minute(after), minute(after)
			for i := range 5 {
				x.g.Samples = append(x.g.Samples, health.Sample{Service: "Rooms", Vantage: "a", At: minute(float64(-20 + 5*i)), State: health.Up})
			}
		})
		if s := Summarise(&x.g, nil).Services[0]; s.State != want {
			t.Errorf("%v minutes after the last sample: %s", after, s.State)
		}
	}
}

func TestHostileNamesStayOutOfTheSentence(t *testing.T) {
	name := "Ro\u202eoms\n<b>" + strings.Repeat("e\u0301\u0301\u0301\u0301", 200)
	x := situated(now(100, 0), services(name), measured(name, health.Down, 0, 10))
	s := Summarise(&x.g, nil).Sentence
	for _, text := range []string{s.EN, s.KO} {
		if strings.ContainsAny(text, "\u202e\n") || utf8.RuneCountInString(text) > 300 || !strings.Contains(text, "Rooms <b>") {
			t.Errorf("the sentence is %q", text)
		}
	}
}

func TestStanding(t *testing.T) {
	old := t0.Add(-time.Hour)
	for _, c := range []struct {
		name  string
		feeds []FeedClock
		want  Standing
	}{
		{"none", nil, Standing{}},
		{"live", []FeedClock{{"live/x/0", minute(10), t0, false}, {"replay/1/a", minute(1), t0, false}}, Standing{minute(10), true, false}},
		{"a run", []FeedClock{{"replay/1/a", minute(1), t0, false}, {"replay/1/b", minute(9), t0, true}}, Standing{minute(1), true, false}},
		{"runs that ended", []FeedClock{{"replay/1/a", minute(1), t0, true}, {"replay/1/b", minute(9), t0, true}}, Standing{minute(9), false, false}},
		{"live, silent", []FeedClock{{"live/x/0", minute(3), old, false}}, Standing{minute(3), false, true}},
		{"live, ended", []FeedClock{{"live/x/0", minute(3), old, true}}, Standing{minute(3), false, false}},
	} {
		if got := Stand(c.feeds, t0); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
