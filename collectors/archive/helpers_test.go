package archive

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// readAt is when the tests read their files.
var readAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// save writes each text to a file of its own.
func save(t testing.TB, texts ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range texts {
		path := filepath.Join(dir, fmt.Sprintf("file%d", i+1))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// opened reads files that must be readable.
func opened(t testing.TB, o Options, paths ...string) *Archive {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = readAt
	}
	if o.TempDir == "" {
		o.TempDir = t.TempDir()
	}
	a, err := Open(t.Context(), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func records(t testing.TB, a *Archive, after int64) (out []reaction.Record) {
	t.Helper()
	for rec, err := range a.Records(after) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

// lines is one line a record, as the tests expect them.
func lines(t testing.TB, a *Archive) (out []string) {
	t.Helper()
	for _, rec := range records(t, a, 0) {
		out = append(out, describe(rec))
	}
	return out
}

const stamp = "2006-01-02T15:04:05.999999Z07:00"

func describe(rec reaction.Record) string {
	var b strings.Builder
	b.WriteString(rec.At.Format(stamp))
	switch {
	case rec.Post != nil:
		p := rec.Post
		fmt.Fprintf(&b, " %s %s/%s %q", p.Kind, p.Source, p.ID, p.Text)
		for _, f := range []struct{ name, value string }{{"by", p.Author.ID}, {"@", p.Author.Handle}, {"lang", p.Lang}, {"of", p.Repeats}, {"url", p.URL}} {
			if f.value != "" {
				fmt.Fprintf(&b, " %s:%s", f.name, f.value)
			}
		}
		for _, f := range p.Facets {
			fmt.Fprintf(&b, " %s[%d:%d]%s", f.Kind, f.Start, f.End, f.Value)
		}
		if p.Retimed {
			b.WriteString(" retimed")
		}
		if !p.Received.IsZero() {
			b.WriteString(" received:" + p.Received.Format(stamp))
		}
		if rec.Edit {
			b.WriteString(" edit")
		}
		if !p.At.Equal(rec.At) {
			b.WriteString(" at:" + p.At.Format(stamp))
		}
	case rec.Delete != nil:
		fmt.Fprintf(&b, " delete %s/%s by:%s", rec.Delete.Source, rec.Delete.ID, rec.Delete.Author.ID)
	case rec.Sample != nil:
		s := rec.Sample
		fmt.Fprintf(&b, " sample %q %s", s.Service, s.State)
		if s.LatencyMS != nil {
			fmt.Fprintf(&b, " %vms", *s.LatencyMS)
		}
		if s.Audience != nil {
			fmt.Fprintf(&b, " audience:%d", *s.Audience)
		}
		fmt.Fprintf(&b, " %s %s", s.Vantage, s.Detail)
	}
	return strings.TrimSpace(b.String())
}

// golden is a text in some format and what it must become. Refusals are "line reason".
type golden struct {
	name    string
	text    string
	options Options
	want    []string
	refused []string
}

func (g golden) check(t *testing.T) {
	t.Run(g.name, func(t *testing.T) {
		var rejects bytes.Buffer
		g.options.Rejects = &rejects
		a := opened(t, g.options, save(t, g.text)...)
		if got := lines(t, a); !slices.Equal(got, g.want) {
			t.Errorf("records:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(g.want, "\n     "))
		}
		var refused []string
		for l := range strings.Lines(rejects.String()) {
			f := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
			if len(f) != 4 {
				t.Fatalf("rejects have the line %q", l)
			}
			refused = append(refused, f[1]+" "+f[2])
		}
		if !slices.Equal(refused, g.refused) {
			t.Errorf("refused:\n got %q\nwant %q", refused, g.refused)
		}
		info := a.Files()[0]
		if info.Accepted != int64(len(g.want)) || info.Rows != int64(len(g.want)+len(g.refused)) || a.Len() != info.Accepted {
			t.Errorf("counts do not add up: %+v, Len %d", info, a.Len())
		}
	})
}
