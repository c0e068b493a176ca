package eventfile

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"outcry/internal/reaction"
	"outcry/internal/strictyaml"
)

//go:embed templates/*.yaml
var files embed.FS

// builtIn are the names of the templates that come with the program, in the order they are shown.
var builtIn = []string{"audio-launch", "tv-interview", "town-hall", "match-stream", "product-launch", "is-it-down"}

// Files is this package to those who declare an interface for it.
type Files struct{}

// Templates is Templates.
func (Files) Templates() ([]reaction.Template, error) { return Templates() }

// TemplateOf is TemplateOf.
func (Files) TemplateOf(e *reaction.Event) (reaction.Template, error) { return TemplateOf(e) }

// Draft is Draft.
func (Files) Draft(data []byte) reaction.Draft { return Draft(data) }

// Templates lists the templates that come with the program. In the place of what is an event's own
// they have placeholders: see reaction.Placeholder.
func Templates() ([]reaction.Template, error) {
	list, err := loaded()
	return slices.Clone(list), err
}

var loaded = sync.OnceValues(func() ([]reaction.Template, error) {
	out := make([]reaction.Template, 0, len(builtIn))
	for _, name := range builtIn {
		text, err := files.ReadFile("templates/" + name + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
		t := reaction.Template{Name: name, BuiltIn: true, YAML: string(text)}
		t.Title, t.About = heading(t.YAML)
		var e reaction.Event
		strictyaml.Read(text, name, &e) // its times are placeholders: the rest is read all the same
		t.Event = e.Outline()
		out = append(out, t)
	}
	return out, nil
})

// heading reads a template's title, its first comment, and the paragraph about it.
func heading(text string) (title, about string) {
	var words []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		switch comment = strings.TrimSpace(comment); {
		case !ok:
			return title, strings.Join(words, " ")
		case title == "":
			title = comment
		case comment != "":
			words = append(words, comment)
		}
	}
	return title, strings.Join(words, " ")
}

// TemplateOf makes a template of an earlier event: what it was, without its slug, times, status,
// and whether it was open to anyone.
func TemplateOf(e *reaction.Event) (reaction.Template, error) {
	t := reaction.Template{
		Name: e.Slug, Title: e.Title, Event: e.Outline(),
		About: "As " + e.Slug + " of " + e.StartsAt.UTC().Format("2 January 2006") + " was set up.",
	}
	next := t.Event.Event()
	text, err := FormatDraft(&next)
	if err != nil {
		return t, err
	}
	t.YAML = "# " + t.About + " Give it a slug and times of its own.\n\n" + string(text)
	return t, nil
}
