package x

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

func bookOf(t *testing.T, x *fakeX) *rulebook {
	return newRulebook(clientOf(t, x), slog.New(slog.DiscardHandler))
}

// values are the fake's rules, as "tag value".
func (x *fakeX) values() (out []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.rules {
		out = append(out, r.Tag+" "+r.Value)
	}
	return out
}

func TestRulesFollowTheEvents(t *testing.T) {
	for _, made := range []int{http.StatusCreated, http.StatusOK} { // the library takes 200 for an error
		synctest.Test(t, func(t *testing.T) {
			x := newFakeX(t)
			x.made = made
			x.rules = []rule{{ID: "1", Value: "cats", Tag: "somebody else's"}, {ID: "2", Value: `"old"`, Tag: "outcry:9:0"}}
			a, b := event(1, "launch"), event(2, "launch")
			b.Match.None = []string{"party"}
			l := listen(t, x, a)
			l.pass(time.Second)
			if got, want := x.values(), []string{"somebody else's cats", `outcry:1:0 "launch"`}; !slices.Equal(got, want) {
				t.Errorf("the rules are %q, want %q", got, want)
			}
			if !l.station.Listens(1) || l.station.Listens(2) {
				t.Error("it does not listen for what it has rules for")
			}
			l.wanted.set(a, b)
			l.purse.set(a, b)
			l.pass(5 * time.Second)
			if got, want := x.values(), []string{"somebody else's cats", `outcry:1:0 "launch"`, `outcry:2:0 "launch" -"party"`}; !slices.Equal(got, want) {
				t.Errorf("the rules are %q, want %q", got, want)
			}
			if n := x.dialled(); n != 1 || !l.station.Listens(2) {
				t.Errorf("it connected %d times", n)
			}
			l.wanted.set(b)
			l.purse.set(b)
			l.pass(5 * time.Second)
			if got, want := x.values(), []string{"somebody else's cats", `outcry:2:0 "launch" -"party"`}; !slices.Equal(got, want) {
				t.Errorf("the rules are %q, want %q", got, want)
			}
			if l.station.Listens(1) {
				t.Error("it listens for an event without rules")
			}
			if x.wrote() > 4 {
				t.Errorf("rules were written %d times", x.wrote())
			}
			x.post("cats") // for others: it costs, and is not ours
			ours, _ := x.post("launch")
			l.pass(time.Second)
			if l.purse.sold() != 2 {
				t.Error("a post for others is not paid for")
			}
			l.same([]string{ours})
			writes := x.wrote()
			l.pass(time.Hour)
			if x.wrote() != writes {
				t.Errorf("%d writes in an hour in which nothing changed", x.wrote()-writes)
			}
		})
	}
}

// Events that ask for the same share a rule, also one of another program.
func TestRulesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.rules = []rule{{ID: "1", Value: `"other"`, Tag: "somebody else's"}}
		b := bookOf(t, x)
		if err := b.reconcile(t.Context(), []reaction.Event{event(1, "launch"), event(2, "Launch"), event(3, "launch"), event(4, "other")}); err != nil {
			t.Fatal(err)
		}
		if got := x.values(); len(got) != 3 {
			t.Errorf("the rules are %q", got)
		}
		for id := range int64(4) {
			if !b.listens(id + 1) {
				t.Errorf("event %d has no rule", id+1)
			}
		}
		if err := b.reconcile(t.Context(), []reaction.Event{event(3, "launch")}); err != nil {
			t.Fatal(err)
		}
		if got, want := x.values(), []string{`somebody else's "other"`, `outcry:1:0 "launch"`}; !slices.Equal(got, want) {
			t.Errorf("the rules are %q, want %q", got, want)
		}
	})
}

// Of a rule that X refuses every term but the bad one is asked for in the end, and the bad one told.
func TestABadTermIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.foul = func(v string) string {
			if strings.Contains(v, "bad") {
				return "no viable alternative at character 'b'"
			}
			return ""
		}
		b := bookOf(t, x)
		terms := []string{"bad"}
		for i := range 30 {
			terms = append(terms, fmt.Sprintf("term%d", i))
		}
		e, other := event(1, terms...), event(2, "launch")
		if err := b.reconcile(t.Context(), []reaction.Event{e, other}); err != nil {
			t.Fatal(err)
		}
		want := []Trouble{{1, "bad", "X does not take it: no viable alternative at character 'b'"}}
		if got := b.troubles(); !slices.Equal(got, want) {
			t.Errorf("told %+v", got)
		}
		if !b.listens(1) || !b.listens(2) {
			t.Error("an event is not listened for")
		}
		all := strings.Join(x.values(), "\n")
		for _, s := range terms[1:] {
			if !strings.Contains(all, `"`+s+`"`) {
				t.Errorf("%s is not asked for", s)
			}
		}
		if x.wrote() > 12 {
			t.Errorf("it took %d writes", x.wrote())
		}
		// What must not be there may be bad too: then it is left to the line.
		x.set(func() {
			x.foul = func(v string) string { return map[bool]string{true: "no"}[strings.Contains(v, "-")] }
		})
		bad := event(3, "one", "two")
		bad.Match.None = []string{"three"}
		if err := b.reconcile(t.Context(), []reaction.Event{bad}); err != nil {
			t.Fatal(err)
		}
		if got, want := x.values(), []string{`outcry:3:0 "one"`, `outcry:3:1 "two"`}; !slices.Equal(got, want) {
			t.Errorf("the rules are %q, want %q", got, want)
		}
	})
}

// Of an event that is not to be listened for any more it is not said that it is, whatever X says.
func TestAnEventThatIsGoneIsGoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		b := bookOf(t, x)
		if err := b.reconcile(t.Context(), []reaction.Event{event(1, "launch"), event(2, "concert")}); err != nil {
			t.Fatal(err)
		}
		x.set(func() { x.answers["/2/tweets/search/stream/rules"] = page503 })
		if err := b.reconcile(t.Context(), []reaction.Event{event(2, "concert")}); err == nil {
			t.Error("X answers")
		}
		if b.listens(1) || !b.listens(2) {
			t.Error("it listens for what is not wanted")
		}
	})
}

// A rule that X takes and does not have is no rule, and not asked for again and again.
func TestWhatXHasCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		b := bookOf(t, x)
		x.answers["/2/tweets/search/stream/rules"] = func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				x.set(func() { x.writes++ })
			}
			x.answer(w, map[string]int{"GET": 200, "POST": 201}[r.Method], `{"meta":{"sent":"2026-11-22T10:15:50.467Z","summary":{"created":1}}}`)
		}
		if err := b.reconcile(t.Context(), []reaction.Event{event(1, "launch")}); err == nil || b.listens(1) {
			t.Errorf("X has the rule: %v", err)
		}
		if x.wrote() != 1 {
			t.Errorf("it took %d writes", x.wrote())
		}
	})
}

func TestNoMoreRulesThanFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		for i := range 10 {
			x.rules = append(x.rules, rule{ID: asID(i + 1), Value: fmt.Sprintf("cats%d", i), Tag: "theirs"})
		}
		b := bookOf(t, x)
		var events []reaction.Event
		for i := range 5 {
			e := event(int64(i + 1))
			for j := range 250 {
				e.Match.Accounts = append(e.Match.Accounts, fmt.Sprintf("@a%d_%d", i, j))
			}
			events = append(events, e)
		}
		if err := b.reconcile(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		if n := len(x.rules); n != maxRules {
			t.Errorf("%d rules", n)
		}
		left := map[int64]int{}
		for _, s := range b.troubles() {
			left[s.Event]++
		}
		for i := range int64(5) {
			if !b.listens(i+1) || left[i+1] < 50 || left[i+1] > 60 {
				t.Errorf("event %d lacks %d terms", i+1, left[i+1])
			}
		}
	})
}

func TestTermsInXsWords(t *testing.T) {
	e := reaction.Event{ID: 1, Match: reaction.Match{
		Any:  []string{"launch", "Launch", `the "big"  day`, "#DeSaster", "＃데모", "@acme", "@acme@mastodon.social", "https://example.org/live", "디샌티스", "OR", "-not", "😀", "#a b", "!!!"},
		None: []string{"party time", "@bots", "#ad"}, Accounts: []string{"@ACME", "@other.bsky.social", "@news_1"},
	}}
	queries, trouble := pack(&e, maxRule, func(string) string { return "" })
	var got []string
	for _, q := range queries {
		got = append(got, q.value+"|"+q.author)
	}
	const without = ` -"party time" -from:bots -@bots -#ad|`
	want := []string{
		`("launch" OR "the big day" OR #DeSaster OR #데모 OR @acme OR url:"https://example.org/live" OR "디샌티스" OR "OR" OR "-not" OR "😀" OR @news_1)` + without,
		`from:acme` + without + "acme", `from:news_1` + without + "news_1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(trouble) != 2 || trouble[0].Term != "#a b" || trouble[1].Term != "!!!" {
		t.Errorf("told %+v", trouble)
	}
}

// Long lists make several queries, each with what must not be there, none too long, and no term is lost.
func TestLongLists(t *testing.T) {
	e := reaction.Event{ID: 1}
	for i := range reaction.MaxTerms {
		e.Match.Any = append(e.Match.Any, fmt.Sprintf("%d%s", i, strings.Repeat("긴", i%60)))
		e.Match.None = append(e.Match.None, fmt.Sprintf("without %d", i))
	}
	for _, size := range []int{maxRule, maxSearch} {
		queries, trouble := pack(&e, size, func(string) string { return "" })
		n := 0
		for _, q := range queries {
			n += len(q.terms)
			if len(q.value) > size || !strings.Contains(q.value, `) -"without 0" -"without 1"`) && !strings.Contains(q.value, `" -"without 0" -"without 1"`) {
				t.Errorf("a query of %d bytes: %s", len(q.value), q.value)
			}
		}
		if n != len(e.Match.Any) {
			t.Errorf("%d of %d terms are asked for", n, len(e.Match.Any))
		}
		if len(trouble) == 0 || len(trouble) == len(e.Match.None) {
			t.Errorf("%d terms could not be ruled out", len(trouble))
		}
	}
}

// FuzzTerms holds that whatever people write makes queries that are whole, within bounds, and say no
// more than was written.
func FuzzTerms(f *testing.F) {
	f.Add("launch", "party", "@acme")
	f.Add(`a" OR from:b "`, `\`, "@a b")
	f.Add("#a)(", "#", "@")
	f.Add("https://a\"b", "http://x y", "@名")
	f.Fuzz(func(t *testing.T, any, none, account string) {
		e := reaction.Event{ID: 1, Slug: "e", Title: "e", StartsAt: time.Unix(1e9, 0), Match: reaction.Match{Any: []string{any, "always"}, None: []string{none}, Accounts: []string{account}}}
		e.Normalise()
		if _, err := match.Compile([]reaction.Event{e}); err != nil || len(e.Validate()) > 0 {
			return
		}
		queries, _ := pack(&e, maxSearch, func(string) string { return "" })
		for _, q := range queries {
			if len(q.value) > maxSearch || strings.Count(q.value, `"`)%2 != 0 || strings.ContainsAny(q.value, "\n\r\t\\") {
				t.Fatalf("%q", q.value)
			}
			depth, quoted := 0, false
			for i, c := range q.value {
				switch {
				case c == '"':
					quoted = !quoted
				case quoted:
				case c == '(':
					depth++
				case c == ')':
					depth--
				}
				if depth < 0 || depth > 1 || depth == 1 && i > 0 && c == '(' && !quoted {
					t.Fatalf("%q", q.value)
				}
			}
			if depth != 0 || quoted {
				t.Fatalf("%q", q.value)
			}
		}
	})
}
