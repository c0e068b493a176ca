package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/app"
	"outcry/internal/eventfile"
	"outcry/internal/reaction"
)

const tonight = `
slug: tonight
title: Tonight
starts_at: 2199-11-20T16:00:00Z
ends_at: 2199-11-20T18:00:00Z
match: {any: ["tonight"]}
`

// An event's life is told at the command line, in this process and through a server alike.
func TestEventLifeAtTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve bool
	}{{"in this process", false}, {"through a server", true}} {
		t.Run(c.name, func(t *testing.T) {
			dir := dataDir(t)
			if c.serve {
				var out lockedBuffer
				child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
				await(t, dir, &out)
			}
			event := func(args ...string) string {
				return must(t, append([]string{"event"}, append(args, "--data", dir)...)...)
			}
			event("apply", "-f", eventFile(t, tonight))
			told := event("postpone", "tonight", "--starts-at", "2199-11-21T16:00:00+09:00", "--note", "fog")
			if told != "event tonight is postponed to 2199-11-21T07:00:00Z\n" {
				t.Errorf("told %q", told)
			}
			event("postpone", "tonight", "--until-further-notice")
			event("start", "tonight", "--ends-at", "2199-11-22T00:00:00Z")
			event("end", "tonight")
			event("start", "tonight", "--note", "goes on")
			event("cancel", "tonight", "--note", "after all")
			event("apply", "-f", eventFile(t, tonight)) // with the first times, which are still to come

			var got []string
			for line := range strings.Lines(event("life", "tonight")) {
				words := regexp.MustCompile(`  +`).Split(strings.TrimSpace(line), -1)
				got = append(got, strings.Join(slices.Delete(words, 1, 2), "|")) // without the time
			}
			said := regexp.MustCompile(`\|20[0-9TZ:-]+\|`)
			for i := range got {
				got[i] = said.ReplaceAllString(got[i], "|said|")
			}
			want := []string{
				"STATUS|SAID BY|SAID AT|PLANNED|NOTE",
				"scheduled|WHO|said|2199-11-20T16:00:00Z to 2199-11-20T18:00:00Z",
				"postponed|WHO|said|2199-11-21T07:00:00Z to 2199-11-21T09:00:00Z|fog",
				"postponed|WHO|said|until further notice|until further notice",
				"live|WHO|said|2199-11-21T07:00:00Z to 2199-11-22T00:00:00Z",
				"ended|WHO|said|2199-11-21T07:00:00Z to 2199-11-22T00:00:00Z",
				"live|WHO|said|2199-11-21T07:00:00Z to 2199-11-22T00:00:00Z|goes on",
				"cancelled|WHO|said|2199-11-21T07:00:00Z to 2199-11-22T00:00:00Z|after all",
				"scheduled|WHO|said|2199-11-20T16:00:00Z to 2199-11-20T18:00:00Z",
			}
			if g, w := strings.Join(got, "\n"), strings.ReplaceAll(strings.Join(want, "\n"), "WHO", operator); g != w {
				t.Errorf("got:\n%s\nwant:\n%s", g, w)
			}
		})
	}
}

func TestMovesThatCannotBeMeant(t *testing.T) {
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, tonight), "--data", dir)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"postponed until when":     {[]string{"postpone", "tonight"}, exitUsage, "--until-further-notice"},
		"no time":                  {[]string{"postpone", "tonight", "--starts-at", "tomorrow"}, exitUsage, "tomorrow"},
		"no event":                 {[]string{"end", "nothing"}, exitFailed, "nothing"},
		"before it began":          {[]string{"end", "tonight"}, exitFailed, "has not begun"},
		"several mistakes at once": {[]string{"start", "tonight", "--at", "2199-01-01T00:00:00Z", "--note", "a\x07"}, exitFailed, "still to come"},
		"no such template":         {[]string{"template", "nothing"}, exitFailed, "neither a template nor an event"},
	} {
		r := outcry(t, append(append([]string{"event"}, c.args...), "--data", dir)...)
		if r.code != c.code || !strings.Contains(r.err, c.want) {
			t.Errorf("%s: exit %d, %s", name, r.code, r.err)
		}
	}
}

// A server moves events by their plan while it runs.
func TestAServerMovesEventsByTheirPlan(t *testing.T) {
	dir := dataDir(t)
	now := time.Now()
	must(t, "event", "apply", "--data", dir, "-f", eventFile(t, "slug: now\ntitle: Now\nstarts_at: "+now.Add(-time.Minute).Format(time.RFC3339)+
		"\nends_at: "+now.Add(time.Hour).Format(time.RFC3339)+"\nmatch: {any: [now]}\n"))
	if life := must(t, "event", "life", "now", "--data", dir); strings.Contains(life, "live") {
		t.Errorf("a command moved it:\n%s", life)
	}
	var out lockedBuffer
	child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--log-level", "info")
	await(t, dir, &out)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(must(t, "event", "life", "now", "--data", dir), string(reaction.ByPlan)); {
		if time.Now().After(deadline) {
			t.Fatalf("it is still scheduled:\n%s", out.String())
		}
	}
}

func TestTemplatesArePrinted(t *testing.T) {
	list := must(t, "event", "template")
	templates, err := eventfile.Templates()
	if err != nil {
		t.Fatal(err)
	}
	for _, tpl := range templates {
		if !strings.Contains(list, tpl.Name) || must(t, "event", "template", tpl.Name) != tpl.YAML {
			t.Errorf("%s is not printed", tpl.Name)
		}
	}
	dir := dataDir(t)
	must(t, "event", "apply", "-f", eventFile(t, tonight), "--data", dir)
	text := must(t, "event", "template", "tonight", "--data", dir)
	if d := eventfile.Draft([]byte(text)); d.Event == nil || d.Event.Slug != "" || d.Event.Match.Any[0] != "tonight" {
		t.Errorf("of an event:\n%s", text)
	}
	if _, held, err := app.FindHolder(dir); err != nil || held {
		t.Errorf("the directory is still held: %v", err)
	}
}
