package api_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"outcry/api"
	"outcry/internal/health"
	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// memory keeps everything the API asks for in the process. It does what the contracts of stores.go
// say, by the plainest means.
type memory struct {
	mu       sync.Mutex
	events   map[string]reaction.Event
	lastID   int64
	posts    map[int64][]reaction.StoredPost
	coverage map[int64][]reaction.CoverageSpan
	reports  []reaction.FeedReport
	samples  []health.Sample
	life     map[int64][]reaction.Turn
	names    map[int64][]reaction.Name
	heard    []reaction.Post
	runs     map[string]*memoryRun
	fault    error // what every call fails with
	checks   []api.Check
}

type memoryRun struct {
	reaction.RunProgress
	plan    reaction.Run
	records []reaction.Record
}

func newMemory() *memory {
	return &memory{
		events: map[string]reaction.Event{}, posts: map[int64][]reaction.StoredPost{},
		coverage: map[int64][]reaction.CoverageSpan{}, life: map[int64][]reaction.Turn{}, runs: map[string]*memoryRun{}, names: map[int64][]reaction.Name{},
		checks: []api.Check{{Name: "database", OK: true}},
	}
}

// hold locks the memory and says whether the call fails. The caller unlocks.
func (m *memory) hold(ctx context.Context) error {
	m.mu.Lock()
	return cmp.Or(m.fault, ctx.Err())
}

func (m *memory) Events(ctx context.Context) ([]reaction.Event, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	var list []reaction.Event
	for _, e := range m.events {
		list = append(list, e)
	}
	return list, nil
}

func (m *memory) Event(ctx context.Context, slug string) (*reaction.Event, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	e, ok := m.events[slug]
	if !ok {
		return nil, fmt.Errorf("event %q: %w", slug, reaction.ErrNotFound)
	}
	return &e, nil
}

func (m *memory) CreateEvent(ctx context.Context, e *reaction.Event) error {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return err
	}
	if _, ok := m.events[e.Slug]; ok {
		return fmt.Errorf("event %q: %w", e.Slug, reaction.ErrExists)
	}
	m.lastID++
	e.ID, e.Revision = m.lastID, 1
	m.events[e.Slug] = *e
	m.life[e.ID] = []reaction.Turn{e.Begin(noon)}
	return nil
}

func (m *memory) ReplaceEvent(ctx context.Context, e *reaction.Event) error {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return err
	}
	old, ok := m.events[e.Slug]
	if !ok {
		return fmt.Errorf("event %q: %w", e.Slug, reaction.ErrNotFound)
	}
	next, life := *e, m.life[old.ID]
	c, changed, err := next.Succeed(&old, life[len(life)-1], noon)
	if err != nil {
		return err
	}
	if changed {
		m.life[old.ID] = append(life, c)
	}
	e.ID, e.Revision, e.Status = old.ID, old.Revision+1, next.Status
	m.events[e.Slug] = *e
	return nil
}

func (m *memory) Life(ctx context.Context, e *reaction.Event) ([]reaction.Turn, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	return slices.Clone(m.life[e.ID]), nil
}

func (m *memory) MoveEvent(ctx context.Context, slug string, move reaction.Move) (*reaction.Event, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	e, ok := m.events[slug]
	if !ok {
		return nil, fmt.Errorf("event %q: %w", slug, reaction.ErrNotFound)
	}
	life := m.life[e.ID]
	c, err := e.Move(move, life[len(life)-1])
	if err != nil {
		return nil, err
	}
	m.life[e.ID], m.events[slug] = append(life, c), e
	return &e, nil
}

func (m *memory) Heard(simulated bool) iter.Seq[*reaction.Post] {
	return func(yield func(*reaction.Post) bool) {
		for i := range m.heard {
			if !simulated && !yield(&m.heard[i]) {
				return
			}
		}
	}
}

func (m *memory) DeleteEvent(ctx context.Context, slug string) error {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return err
	}
	e, ok := m.events[slug]
	if !ok {
		return fmt.Errorf("event %q: %w", slug, reaction.ErrNotFound)
	}
	delete(m.events, slug)
	delete(m.posts, e.ID)
	delete(m.coverage, e.ID)
	return nil
}

func (m *memory) Window(ctx context.Context, e *reaction.Event) (from, to time.Time, recorded bool, err error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return from, to, false, err
	}
	from, to = e.ListenFrom, cmp.Or(e.EndsAt, e.StartsAt)
	for i, c := range m.coverage[e.ID] {
		if i == 0 || c.From.Before(from) {
			from = c.From
		}
		if i == 0 || c.To.After(to) {
			to = c.To
		}
		recorded = recorded || c.State == reaction.CoverageRecorded
	}
	return from, to, recorded, nil
}

func (m *memory) Trend(ctx context.Context, q trend.Query) (trend.Result, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return trend.Result{}, err
	}
	in := trend.Inputs{Labels: map[string][]trend.Count{}, Tags: map[string][]trend.Count{}, Coverage: m.coverage[q.Event.ID], Samples: m.samples}
	for _, c := range in.Coverage {
		in.Listened = append(in.Listened, c.Source)
	}
	for _, p := range m.posts[q.Event.ID] {
		if len(q.Sources) > 0 && !slices.Contains(q.Sources, p.Source) || len(q.Langs) > 0 && !slices.Contains(q.Langs, p.Tags.Lang) {
			continue
		}
		c := trend.Count{Bucket: p.At.Truncate(q.Step), Source: p.Source, Gross: 1}
		if p.DeletedAt == nil {
			c.Net = 1
		}
		for _, l := range p.Tags.Labels(p.Kind, p.Retimed, nil) {
			in.Labels[l] = append(in.Labels[l], c)
		}
		for _, h := range p.Tags.Hashtags {
			in.Tags[h.Key] = append(in.Tags[h.Key], c)
		}
	}
	return trend.Build(&q, &in)
}

func (m *memory) Tags(ctx context.Context, q trend.TagsQuery) ([]trend.TagRow, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	rows := map[string]*trend.TagRow{}
	for _, p := range m.posts[q.Event.ID] {
		if !q.From.IsZero() && p.At.Before(q.From) || !q.To.IsZero() && !p.At.Before(q.To) ||
			len(q.Sources) > 0 && !slices.Contains(q.Sources, p.Source) {
			continue
		}
		for _, h := range p.Tags.Hashtags {
			r := rows[h.Key]
			if r == nil {
				r = &trend.TagRow{Tag: h.Key, Display: h.Text, FirstAt: p.At, FirstIn: p.Source}
				rows[h.Key] = r
			}
			r.Gross++
			if p.DeletedAt == nil {
				r.Posts++
			}
			if !slices.Contains(r.Sources, p.Source) {
				r.Sources = append(r.Sources, p.Source)
			}
			r.Unknown++
		}
	}
	var out []trend.TagRow
	for _, r := range rows {
		if a := q.After; a == nil || r.Posts < a.Posts || r.Posts == a.Posts && r.Tag > a.Tag {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b trend.TagRow) int { return cmp.Or(cmp.Compare(b.Posts, a.Posts), cmp.Compare(a.Tag, b.Tag)) })
	return out[:min(len(out), q.Limit)], nil
}

func (m *memory) CoverageAround(ctx context.Context, e *reaction.Event, from, to time.Time) (spans, before []reaction.CoverageSpan, err error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, nil, err
	}
	for _, c := range m.coverage[e.ID] {
		switch {
		case c.To.After(from) && c.From.Before(to):
			spans = append(spans, c)
		case c.To.After(from.Add(-trend.GoneAfter)) && c.From.Before(from):
			before = append(before, c)
		}
	}
	return spans, before, nil
}

func (m *memory) FeedReports(ctx context.Context) ([]reaction.FeedReport, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	return m.reports, nil
}

// figures is the part of memory whose Samples reads; the other Samples takes them in.
type figures struct{ *memory }

func (m *memory) ofEvent(ctx context.Context, e *reaction.Event, from, to time.Time, limit int) ([]health.Sample, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	var out []health.Sample
	for _, s := range m.samples {
		named := slices.ContainsFunc(e.Services, func(v health.Service) bool { return v.Name == s.Service })
		if named && !s.At.Before(from) && s.At.Before(to) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b health.Sample) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Vantage, b.Vantage))
	})
	return out[:min(len(out), limit)], nil
}

func (f figures) Samples(ctx context.Context, e *reaction.Event, from, to time.Time, limit int) ([]health.Sample, error) {
	return f.ofEvent(ctx, e, from, to, limit)
}

func (m *memory) PushSamples(ctx context.Context, service string, samples []health.Sample) error {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return err
	}
	for _, e := range m.events {
		for _, s := range e.Services {
			if s.Name == service {
				m.samples = append(m.samples, samples...)
				return nil
			}
		}
	}
	return fmt.Errorf("service %q: %w", service, reaction.ErrNotFound)
}

func (m *memory) Posts(ctx context.Context, q reaction.PostQuery) ([]reaction.StoredPost, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	var out []reaction.StoredPost
	for _, p := range m.posts[q.Event.ID] {
		if passes(&p, &q) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b reaction.StoredPost) int { return before(place(a), place(b)) })
	return out[:min(len(out), q.Limit)], nil
}

func place(p reaction.StoredPost) reaction.PostPosition {
	return reaction.PostPosition{At: p.At, Source: p.Source, ID: p.ID}
}

func before(a, b reaction.PostPosition) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
}

func passes(p *reaction.StoredPost, q *reaction.PostQuery) bool {
	labels := p.Tags.Labels(p.Kind, p.Retimed, nil)
	for w := range strings.FieldsSeq(q.Text) {
		if !strings.Contains(match.Fold(p.Text), match.Fold(w)) {
			return false
		}
	}
	return (q.Label == "" || slices.Contains(labels, q.Label)) &&
		(q.Symptom == "" || slices.Contains(labels, reaction.SymptomPrefix+q.Symptom)) &&
		(q.Tag == "" || slices.ContainsFunc(p.Tags.Hashtags, func(h reaction.Hashtag) bool { return h.Key == q.Tag })) &&
		(q.Source == "" || p.Source == q.Source) && (q.Lang == "" || p.Tags.Lang == q.Lang) &&
		(q.From.IsZero() || !p.At.Before(q.From)) && (q.To.IsZero() || p.At.Before(q.To)) &&
		(q.After == nil || before(place(*p), *q.After) > 0)
}

func (m *memory) Ready(context.Context) []api.Check {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checks
}
