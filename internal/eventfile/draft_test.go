package eventfile_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"outcry/internal/eventfile"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

func TestADraftsFileComesBackAsItWasWritten(t *testing.T) {
	const text = "# my notes\nslug: show\ntitle: A show   # for now\nstarts_at: soon\nmatch:\n  any: [show, '#2024', \"\"]\nservcies: []\n"
	d := eventfile.Draft([]byte(text))
	if d.YAML != text {
		t.Errorf("it came back as\n%s", d.YAML)
	}
	if d.Event == nil || d.Event.Title != "A show" || d.Event.Match.Any[1] != "#2024" {
		t.Errorf("read as %+v", d.Event)
	}
	want := []string{"4 starts_at", "6 match.any[1]", "6 match.any[2]", "7 servcies"}
	if got := places(d); !reflect.DeepEqual(got, want) {
		t.Errorf("problems at %q, want %q", got, want)
	}
	for _, text := range []string{"slug: [", "- a\n- b\n", "just words", "slug: a\n---\nslug: b\n", "{\"slug\": \n"} {
		if d := eventfile.Draft([]byte(text)); d.Event != nil || len(d.Problems) == 0 || d.YAML != text {
			t.Errorf("%q: %+v", text, d)
		}
	}
}

func places(d reaction.Draft) (out []string) {
	for _, p := range d.Problems {
		out = append(out, fmt.Sprint(p.Line, " ", p.Path))
	}
	return out
}

// What a form sends comes back as a file, and problems are told at the file's lines.
func TestAFormsDraftBecomesAFile(t *testing.T) {
	d := eventfile.Draft([]byte(`{"slug":"show","title":"","starts_at":"","match":{"any":["a","  "]},"services":[{"name":"Stage"},{"name":"Stage"}],` +
		`"links":{"self":"/v1/events/show"},"window":{},"endless":true,"recorded":false,"colour":"red"}`))
	const want = `# Names the event in addresses: lower-case letters, digits and inner '-'. It cannot change later.
slug: show
# What people read above every figure.
title: ""
# The planned start, with its offset: 2026-05-24T18:00:00-04:00.
starts_at:
# Which posts belong to the event: any term of any or accounts, and no term of none.
match:
  any:
    - a
    - '  '
# What carries the event and can fail.
services:
  - name: Stage
  - name: Stage

# Left out, so that this holds:
#   ends_at: none: the event is endless
#   listen_from: an hour before the start
#   status: scheduled
#   platform: none
#   entities: none
#   sources: bluesky, mastodon and x
#   spend: none
#   retention: 30d
#   public: false
`
	if d.YAML != want {
		t.Errorf("got:\n%s\nwant:\n%s", d.YAML, want)
	}
	if got, want := places(d), []string{"4 title", "6 starts_at", "11 match.any[1]", "15 services[1].name", "0 colour"}; !reflect.DeepEqual(got, want) {
		t.Errorf("problems at %q, want %q", got, want)
	}
}

func TestADraftThatCannotBeKeptIsToldSo(t *testing.T) {
	for text, want := range map[string]string{
		"title: \"a \\0 b\"\n":                        "U+0000",
		"starts_at: 2026-01-01T00:00:00+24:00\n":      "cannot be kept",
		"title: " + strings.Repeat("x", 2<<20) + "\n": "longer than",
	} {
		found := false
		for _, p := range eventfile.Draft([]byte(text)).Problems {
			found = found || strings.Contains(p.Text, want)
		}
		if !found {
			t.Errorf("%.40q: nothing with %q", text, want)
		}
	}
}

// roundTrip holds that form and file hold the same: what is read from either is read from the
// other, with the same problems.
func roundTrip(t *testing.T, e *reaction.Event) {
	t.Helper()
	form, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	asFile := eventfile.Draft(form)
	if asFile.Event == nil {
		t.Fatalf("%s\n%+v", form, asFile.Problems)
	}
	if again, err := json.Marshal(asFile.Event); err != nil || string(again) != string(form) {
		t.Fatalf("the form is read as\n%s\nnot\n%s", again, form)
	}
	fromFile := eventfile.Draft([]byte(asFile.YAML))
	if fromFile.Event == nil {
		t.Fatalf("%s\n%+v", asFile.YAML, fromFile.Problems)
	}
	if again, err := json.Marshal(fromFile.Event); err != nil || string(again) != string(form) {
		t.Fatalf("the file is read as\n%s\nnot\n%s\n%s", again, form, asFile.YAML)
	}
	told := map[reaction.DraftProblem]bool{}
	for _, p := range fromFile.Problems {
		told[p] = true
		p.Line = 0 // of a value that is not in the file, a file's problem stands where it begins
		told[p] = true
	}
	for _, p := range asFile.Problems {
		if !told[p] || len(asFile.Problems) != len(fromFile.Problems) {
			t.Fatalf("problems differ:\n%+v\n%+v\n%s", asFile.Problems, fromFile.Problems, asFile.YAML)
		}
	}
}

func TestFormAndFileHoldTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		roundTrip(t, randomEvent(r))
	}
}

// randomEvent is an event that is right in places only.
func randomEvent(r *rand.Rand) *reaction.Event {
	words := []string{"", "a", "yes", "null", "~", "#tag", "# no tag", "- x", "0x1F", "1e3", "2026-01-01", "디샌티스", "a: b", "'", `"`, "\t", "é\u0301",
		" padded ", "multi\nline", "multi\n\n  line\n", "\u2028", "\u202eabc", "*x", "&x", "!x", "%", "@name", "https://example.org/#x", "😀", "<HOST>", "<<", "\r", "\x07", "true", ".inf"}
	word := func() string { return words[r.IntN(len(words))] }
	list := func() (out []string) {
		for range r.IntN(4) {
			out = append(out, word())
		}
		return out
	}
	at := func() time.Time {
		if r.IntN(3) == 0 {
			return time.Time{}
		}
		return time.Unix(r.Int64N(4e9), r.Int64N(2)*123456000).In(time.FixedZone("", (r.IntN(27)-13)*3600+r.IntN(2)*1800))
	}
	e := &reaction.Event{
		Slug: word(), Title: word(), StartsAt: at(), EndsAt: at(), ListenFrom: at(), Platform: reaction.Source(word()),
		Status: append([]reaction.Status{"", "odd"}, reaction.Statuses...)[r.IntN(7)],
		Match:  reaction.Match{Any: list(), None: list(), Accounts: list()}, Retention: reaction.Days(r.IntN(40)),
		Simulated: r.IntN(2) == 0, Public: r.IntN(2) == 0,
	}
	for range r.IntN(3) {
		e.Entities = append(e.Entities, reaction.Entity{Name: word(), Kind: word(), Aliases: list()})
	}
	for range r.IntN(3) {
		s := health.Service{Name: word()}
		for range r.IntN(3) {
			s.Probes = append(s.Probes, health.Probe{Kind: word(), URL: word(), Space: word(), Every: word(),
				Expect: map[string]any{word(): float64(r.IntN(1000)) / 4, word(): word(), "n": nil, "l": []any{word(), true, map[string]any{word(): 1}}}})
		}
		e.Services = append(e.Services, s)
	}
	for range r.IntN(3) {
		e.Sources = append(e.Sources, reaction.Source(word()))
	}
	if r.IntN(2) == 0 {
		e.Spend = map[reaction.Source]reaction.Cap{reaction.Source(word()): {USD: float64(r.IntN(100)) / 8}}
	}
	return e
}

func FuzzDraft(f *testing.F) {
	f.Add(string(example(f, "desantis-launch.yaml")))
	f.Add(`{"slug":"a","starts_at":"2026-01-01T00:00:00+09:00","match":{"any":["a"]},"services":[{"name":"s","probes":[{"kind":"http","expect":{"<<":1e400}}]}]}`)
	f.Add("slug: a\nservices: [{name: a, probes: [{kind: b, expect: {d: 2026-01-01, y: yes, b: 0b1, o: 0o7, f: 1e3}}]}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		d := eventfile.Draft([]byte(text))
		if d.Event == nil {
			if len(d.Problems) == 0 {
				t.Error("nothing was read and nothing is wrong")
			}
			return
		}
		roundTrip(t, d.Event)
	})
}
