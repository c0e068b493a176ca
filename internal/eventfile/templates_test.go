package eventfile_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"outcry/internal/eventfile"
	"outcry/internal/reaction"
)

var anyPlaceholder = regexp.MustCompile(`<[A-Z][A-Z0-9 _-]*>`)

// filled is a template as a person leaves it who has filled in everything.
func filled(text string) string {
	return anyPlaceholder.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "<SLUG>":
			return "my-event"
		case "<START>":
			return "2026-05-24T18:00:00-04:00"
		case "<END>":
			return "2026-05-24T20:00:00-04:00"
		case "<URL>":
			return "https://example.org/live"
		case "<TAG>":
			return "BigNight"
		}
		word := strings.ReplaceAll(strings.Trim(name, "<>"), " ", "")
		if strings.HasSuffix(name, " KO>") {
			return "한글" + strings.ToLower(word)
		}
		return word
	})
}

func TestTemplatesAreReadOnceTheyAreFilled(t *testing.T) {
	templates, err := eventfile.Templates()
	if err != nil {
		t.Fatal(err)
	}
	if len(templates) < 6 {
		t.Fatalf("only %d templates", len(templates))
	}
	for _, tpl := range templates {
		t.Run(tpl.Name, func(t *testing.T) {
			if tpl.Title == "" || len(tpl.About) < 40 || !tpl.BuiltIn {
				t.Errorf("title %q, about %q", tpl.Title, tpl.About)
			}
			e, err := eventfile.Parse([]byte(filled(tpl.YAML)), tpl.Name)
			if err != nil {
				t.Fatalf("filled in:\n%v", err)
			}
			if e.Endless() != (tpl.Name == "is-it-down") || len(e.Services) == 0 || len(e.Entities) == 0 {
				t.Errorf("%+v", e)
			}
			if _, err := eventfile.Parse([]byte(tpl.YAML), tpl.Name); err == nil || !strings.Contains(err.Error(), "stands for something of the event's own") {
				t.Errorf("as it is, it is taken: %v", err)
			}
			checkTerms(t, tpl.Event.Match)
		})
	}
}

// A template's terms name the event's own things: "down" alone would bring in everybody's trouble.
func checkTerms(t *testing.T, m reaction.Match) {
	t.Helper()
	korean := false
	for _, term := range slices.Concat(m.Any, m.None, m.Accounts) {
		if reaction.Placeholder(term) == "" {
			t.Errorf("the term %q names nothing of the event's own", term)
		}
		korean = korean || strings.ContainsFunc(term, func(r rune) bool { return r >= '가' && r <= '힣' })
	}
	if !korean || len(m.Any) < 10 {
		t.Errorf("too few terms, or none in Korean: %q", m.Any)
	}
}

func TestTemplateOfAnEarlierEvent(t *testing.T) {
	e, err := eventfile.Parse(example(t, "desantis-launch.yaml"), "desantis-launch.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e.Public, e.Status = true, reaction.Ended
	tpl, err := eventfile.TemplateOf(e)
	if err != nil {
		t.Fatal(err)
	}
	d := eventfile.Draft([]byte(tpl.YAML))
	if d.Event == nil || d.Event.Slug != "" || !d.Event.StartsAt.IsZero() || d.Event.Status != "" || d.Event.Public {
		t.Fatalf("its own things are carried over:\n%s", tpl.YAML)
	}
	var paths []string
	for _, p := range d.Problems {
		paths = append(paths, p.Path)
	}
	if want := []string{"slug", "starts_at"}; !slices.Equal(paths, want) {
		t.Errorf("to be given are %q, want %q\n%s", paths, want, tpl.YAML)
	}
	ready := strings.NewReplacer(`slug: ""`, "slug: second", "starts_at:", "starts_at: 2027-05-24T18:00:00Z").Replace(tpl.YAML)
	next, err := eventfile.Parse([]byte(ready), "next")
	if err != nil {
		t.Fatalf("%v\n%s", err, ready)
	}
	if !slices.Equal(next.Match.Any, e.Match.Any) || len(next.Services) != len(e.Services) || next.Spend[reaction.X].USD != 50 {
		t.Errorf("%+v", next)
	}
}
