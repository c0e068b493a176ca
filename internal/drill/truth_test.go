package drill

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// TestProperties holds, for any options, what every drill must keep, and counts its records anew.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := Options{
			Scenario: rapid.SampledFrom(Scenarios()).Draw(rt, "scenario").Scenario,
			Seed:     rapid.Uint64().Draw(rt, "seed"),
			Start:    time.Unix(rapid.Int64Range(1e9, 2e9).Draw(rt, "start"), 0),
			Scale:    rapid.Float64Range(0.01, 0.03).Draw(rt, "scale"),
			Noise:    rapid.Float64Range(0, 5).Draw(rt, "noise"),
			Korean:   rapid.Float64Range(0, 1).Draw(rt, "korean"),
			Copies:   rapid.Float64Range(0, 0.8).Draw(rt, "copies"),
			Reposts:  rapid.Float64Range(0, 0.8).Draw(rt, "reposts"),
			Deletes:  rapid.Float64Range(0, 1).Draw(rt, "deletes"),
			Gaps:     rapid.IntRange(0, 20).Draw(rt, "gaps"),
		}
		check(rt, make1(t, o))
	})
}

func TestDefaultsKeepTheProperties(t *testing.T) {
	for _, in := range Scenarios() {
		check(t, make1(t, Defaults(in.Scenario)))
	}
}

type failer interface {
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

func check(t failer, d *Drill) {
	tr, e := d.Truth(), d.Event()
	terms := slices.Concat(e.Match.Any, e.Match.Accounts)
	for i := range terms {
		terms[i] = strings.ToLower(terms[i])
	}
	var labels []Label
	for l := range d.Labels() {
		labels = append(labels, l)
	}
	var last time.Time
	var n, samples int64
	ids := map[string]int{} // post id -> its place in labels
	var deletes []reaction.Delete
	sources := map[reaction.Source]int{}
	for r, err := range d.Records(0) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		if r.At.Before(last) || r.At.Before(tr.From) || !r.At.Before(tr.To) || r.At.Location() != time.UTC {
			t.Fatalf("record at %s after one at %s, in a drill from %s to %s", r.At, last, tr.From, tr.To)
		}
		last = r.At
		n++
		var source reaction.Source
		switch {
		case r.Post != nil && r.Delete == nil && r.Sample == nil:
			source = r.Post.Source
			if _, has := ids[r.Post.ID]; has {
				t.Fatalf("two posts are %s", r.Post.ID)
			}
			checkPost(t, terms, d, r.Post, &labels[len(ids)])
			ids[r.Post.ID] = len(ids)
			sources[source]++
		case r.Delete != nil && r.Post == nil && r.Sample == nil:
			source = r.Delete.Source
			deletes = append(deletes, *r.Delete)
			if !r.Delete.At.Equal(r.At) {
				t.Errorf("delete of %s says %s at %s", r.Delete.ID, r.Delete.At, r.At)
			}
		case r.Sample != nil && r.Post == nil && r.Delete == nil:
			samples++
			if !r.Sample.At.Equal(r.At) || !slices.ContainsFunc(e.Services, func(s health.Service) bool { return s.Name == r.Sample.Service }) {
				t.Errorf("sample %+v at %s", r.Sample, r.At)
			}
		default:
			t.Fatalf("record %+v is not one thing", r)
		}
		for _, g := range tr.Gaps {
			if g.Source == source && g.holds(r.At) {
				t.Errorf("a record of %s at %s in the gap from %s", source, r.At, g.From)
			}
		}
	}
	if n != tr.Records || n != d.Run().Records || samples != tr.Samples || int64(len(deletes)) != tr.Deletes || len(labels) != len(ids) {
		t.Errorf("%d records, %d samples, %d deletes, %d labels; truth says %d, %d, %d", n, samples, len(deletes), len(labels), tr.Records, tr.Samples, tr.Deletes)
	}
	recountLabels(t, &tr, labels, ids, deletes)
	checkCoverage(t, &tr, d.Run().Coverage)
}

func checkPost(t failer, terms []string, d *Drill, p *reaction.Post, l *Label) {
	switch {
	case p.ID != l.ID || p.Source != l.Source || !p.At.Equal(l.At) || p.Kind != l.Kind:
		t.Fatalf("label %+v is not of post %+v", l, p)
	case !strings.HasPrefix(p.ID, "drill-"+d.key+"-") || !strings.HasPrefix(p.Author.ID, "drill-"+d.key+"-"):
		t.Errorf("post %s by %s could be taken for a real one", p.ID, p.Author.ID)
	case !utf8.ValidString(p.Text) || strings.ContainsAny(p.Text, "[]{}|"):
		t.Errorf("%s text %q has loose ends", l.Lang, p.Text)
	case !p.Received.After(p.At):
		t.Errorf("post at %s is received at %s", p.At, p.Received)
	case p.Kind == reaction.Repost && p.Repeats == "", p.Kind != reaction.Repost && p.Kind != reaction.Quote && p.Repeats != "":
		t.Errorf("%s repeats %q", p.Kind, p.Repeats)
	case l.FirstHand && (!l.Complaint || l.Copy), l.Kind == reaction.Repost && l.Complaint:
		t.Errorf("label %+v contradicts itself", l)
	case !names(terms, p.Text):
		t.Errorf("%s text %q names nothing of the event", l.Lang, p.Text)
	}
	for _, f := range p.Facets {
		if got := p.Text[f.Start:f.End]; strings.TrimPrefix(got, "#") != f.Value {
			t.Errorf("facet %+v is on %q", f, got)
		}
	}
}

// names finds a term of the event in a text, whole words where the script has them. It is this
// test's own reading of what a match is.
func names(terms []string, text string) bool {
	text = strings.ToLower(text)
	for _, term := range terms {
		for at := 0; ; {
			i := strings.Index(text[at:], term)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(term)
			latin := func(i int) bool {
				return i >= 0 && i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9' || text[i] == '_')
			}
			if term[0] >= 0x80 || !latin(from-1) && !latin(to) {
				return true
			}
			at = to
		}
	}
	return false
}
