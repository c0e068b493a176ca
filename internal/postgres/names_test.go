package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/auth"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// counted is a name with posts by as many authors, from first on.
func counted(key string, posts, total, first int) postgres.NameCount {
	n := postgres.NameCount{Name: reaction.Name{Key: key, Text: strings.ToUpper(key), Kind: "person", Posts: int64(posts), FirstAt: t0, LastAt: t0.Add(time.Minute)}, Total: int64(total)}
	n.People = trend.NewPeople()
	for i := range posts {
		n.People.Add(reaction.Person{byte(first + i), 1, byte(first + i), 2, byte(first + i), 3, byte(first + i), 4})
	}
	return n
}

func addNames(t *testing.T, s *postgres.Store, e *reaction.Event, list ...postgres.NameCount) {
	t.Helper()
	if err := s.AddNames(t.Context(), e.ID, list); err != nil {
		t.Fatal(err)
	}
}

func namesOf(t *testing.T, s *postgres.Store, e *reaction.Event, state reaction.NameState, limit int, after *reaction.NamePosition) []reaction.Name {
	t.Helper()
	list, err := s.Names(t.Context(), reaction.NameQuery{Event: e, State: state, Limit: limit, After: after})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNamesAddUp(t *testing.T) {
	s, _ := open(t)
	e, other := newEvent(t, s, "a"), newEvent(t, s, "b")
	addNames(t, s, e, counted("musk", 5, 5, 0), counted("bills", 7, 9, 0))
	addNames(t, s, e, counted("musk", 6, 11, 3)) // of authors 3 to 8: some are known
	addNames(t, s, other, counted("musk", 2, 2, 0))

	list := namesOf(t, s, e, "", 10, nil)
	if len(list) != 2 || list[0].Key != "musk" || list[0].Posts != 11 || list[0].Authors != 9 || list[0].State != reaction.NameOpen || list[0].Text != "MUSK" ||
		!list[0].FirstAt.Equal(t0) || !list[0].LastAt.Equal(t0.Add(time.Minute)) || !list[0].DecidedAt.IsZero() {
		t.Errorf("%+v", list)
	}
	if list[1].Key != "bills" || list[1].Posts != 9 { // all that was seen before it became a candidate
		t.Errorf("%+v", list[1])
	}
	if next := namesOf(t, s, e, "", 10, &reaction.NamePosition{Posts: 11, Key: "musk"}); len(next) != 1 || next[0].Key != "bills" {
		t.Errorf("the next page is %+v", next)
	}
	if err := s.DeleteEvent(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if left := namesOf(t, s, e, "", 10, nil); len(left) != 0 {
		t.Errorf("of a deleted event: %+v", left)
	}
	if err := s.AddNames(t.Context(), e.ID, []postgres.NameCount{counted("x", 5, 5, 0)}); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("names of a deleted event: %v", err)
	}
}

// Nodes count at the same time, and none loses what another counted.
func TestNodesCountNamesTogether(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "a")
	var all sync.WaitGroup
	for node := range 8 {
		all.Go(func() {
			for i := range 5 {
				if err := s.AddNames(t.Context(), e.ID, []postgres.NameCount{counted("b", 2, 2, 2*(5*node+i)), counted("a", 1, 1, node)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	list := namesOf(t, s, e, "", 10, nil)
	if len(list) != 2 || list[0].Posts != 80 || list[0].Authors != 80 || list[1].Posts != 40 || list[1].Authors != 8 {
		t.Errorf("%+v", list)
	}
}

// Of the open ones the most frequent stay, and of those that were decided on, all.
func TestNamesAreBounded(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "a")
	addNames(t, s, e, counted("refused", 1, 1, 0))
	if _, _, err := s.DecideName(t.Context(), "a", "refused", reaction.NameDecision{By: "me", Now: t0}); err != nil {
		t.Fatal(err)
	}
	var list []postgres.NameCount
	for i := range reaction.MaxNames + 20 {
		list = append(list, counted(fmt.Sprintf("n%04d", i), 1, 10+i, 0))
	}
	addNames(t, s, e, list...)
	states, err := s.NameStates(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(states) != reaction.MaxNames+1 || states["refused"] != reaction.NameRefused || states["n0019"] != "" || states["n0020"] != reaction.NameOpen {
		t.Errorf("%d are kept", len(states))
	}
}

func TestAcceptingANameChangesTheEvent(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "a", func(e *reaction.Event) { e.Entities = []reaction.Entity{{Name: "DeSantis", Kind: "person"}} })
	addNames(t, s, e, counted("elon musk", 5, 5, 0), counted("ron desantis", 5, 5, 0), counted("rt", 5, 5, 0))
	decide := func(key string, d reaction.NameDecision) (reaction.Name, *reaction.Event, error) {
		d.By, d.Now = "me", t0.Add(time.Hour)
		return s.DecideName(t.Context(), "a", key, d)
	}
	n, got, err := decide("elon musk", reaction.NameDecision{Accept: true, Kind: "other"})
	if err != nil || n.State != reaction.NameAccepted || n.By != "me" || n.Kind != "other" || !n.DecidedAt.Equal(t0.Add(time.Hour)) || got.Revision != e.Revision+1 {
		t.Fatalf("%+v, %+v, %v", n, got, err)
	}
	if _, got, err = decide("ron desantis", reaction.NameDecision{Accept: true, As: "desantis"}); err != nil || got.Revision != e.Revision+2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, got, err = decide("ron desantis", reaction.NameDecision{Accept: true}); err != nil || got.Revision != e.Revision+2 {
		t.Errorf("accepted again it is revision %d, %v", got.Revision, err)
	}
	stored, err := s.Event(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if l := stored.Entities; len(l) != 2 || len(l[0].Aliases) != 1 || l[0].Aliases[0] != "RON DESANTIS" || l[1].Name != "ELON MUSK" || l[1].Kind != "other" || stored.Status != e.Status {
		t.Errorf("entities %+v, %s", l, stored.Status)
	}
	if life, err := s.Life(t.Context(), e); err != nil || len(life) != 1 {
		t.Errorf("the event's life is %+v, %v", life, err)
	}

	for name, c := range map[string]struct {
		key  string
		d    reaction.NameDecision
		want error
	}{
		"no such name":   {"nobody", reaction.NameDecision{Accept: true}, reaction.ErrNotFound},
		"no such kind":   {"rt", reaction.NameDecision{Accept: true, Kind: "thing"}, reaction.ErrUnusable},
		"another kind":   {"rt", reaction.NameDecision{Accept: true, Kind: "place", As: "DeSantis"}, reaction.ErrConflict},
		"in two lines":   {"rt", reaction.NameDecision{Accept: true, As: "a\nb"}, reaction.ErrUnusable},
		"it is in there": {"elon musk", reaction.NameDecision{}, reaction.ErrConflict},
	} {
		if _, _, err := decide(c.key, c.d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := s.DecideName(t.Context(), "none", "rt", reaction.NameDecision{Now: t0}); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("no such event: %v", err)
	}

	// What is refused is not counted on, does not come back, and may still be accepted.
	if _, _, err := decide("rt", reaction.NameDecision{}); err != nil {
		t.Fatal(err)
	}
	addNames(t, s, e, counted("rt", 50, 55, 0))
	if list := namesOf(t, s, e, reaction.NameRefused, 10, nil); len(list) != 1 || list[0].Posts != 5 || list[0].By != "me" {
		t.Errorf("refused: %+v", list)
	}
	if open := namesOf(t, s, e, reaction.NameOpen, 10, nil); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
	if did, err := s.AcceptByRule(t.Context(), "a", "rt", reaction.NameDecision{Now: t0}, "many"); did || err != nil {
		t.Errorf("the rule accepts what was refused: %v, %v", did, err)
	}
	if _, _, err := decide("rt", reaction.NameDecision{Accept: true}); err != nil {
		t.Errorf("a change of mind: %v", err)
	}

	addNames(t, s, e, counted("bills", 30, 30, 0))
	if did, err := s.AcceptByRule(t.Context(), "a", "bills", reaction.NameDecision{Now: t0}, "30 posts"); !did || err != nil {
		t.Errorf("the rule: %v, %v", did, err)
	}
	if list := namesOf(t, s, e, reaction.NameAccepted, 10, nil); list[0].Key != "bills" || list[0].By != reaction.ByNameRule {
		t.Errorf("%+v", list[0])
	}
	log, err := s.Entries(t.Context(), 0, 10)
	if err != nil || len(log) != 1 || log[0].Actor != reaction.ByNameRule || log[0].Target != "a BILLS" || log[0].Outcome != auth.Done || log[0].Reason != "30 posts" {
		t.Errorf("audit %+v, %v", log, err)
	}
}

// Open candidates go with the posts that held them; what somebody decided on stays.
func TestOpenNamesGoWithThePosts(t *testing.T) {
	s, _ := open(t)
	over := newEvent(t, s, "over")
	endless := newEvent(t, s, "endless", func(e *reaction.Event) { e.EndsAt = time.Time{} })
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{Listening: []int64{over.ID, endless.ID},
		Posts: []reaction.Matched{post(over, "a", 0), post(endless, "a", 0)}, Clock: t0.Add(time.Hour)}, plain(), plain()))
	for _, e := range []*reaction.Event{over, endless} {
		recent := counted("recent", 5, 5, 0)
		recent.LastAt = t0.Add(1000 * time.Hour)
		addNames(t, s, e, counted("open", 5, 5, 0), counted("refused", 5, 5, 0), recent)
		if _, _, err := s.DecideName(t.Context(), e.Slug, "refused", reaction.NameDecision{Now: t0, By: "me"}); err != nil {
			t.Fatal(err)
		}
	}
	sweep(t, s, over, time.Now().Add(31*24*time.Hour))
	sweep(t, s, endless, t0.Add(40*24*time.Hour))
	if err := s.Prune(t.Context(), postgres.Memory{}, t0); err != nil {
		t.Fatal(err)
	}
	for e, want := range map[*reaction.Event]string{over: "map[refused:refused]", endless: "map[recent:open refused:refused]"} {
		states, err := s.NameStates(t.Context(), e.ID)
		if err != nil || fmt.Sprint(states) != want {
			t.Errorf("%s: %v, %v", e.Slug, states, err)
		}
	}
	if err := s.AddNames(t.Context(), over.ID, []postgres.NameCount{counted("late", 5, 5, 0)}); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("names of posts that are removed: %v", err)
	}
}
