package api_test

import (
	"context"
	"fmt"

	"outcry/internal/reaction"
)

func (m *memory) Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (reaction.RunProgress, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return reaction.RunProgress{}, err
	}
	r := m.runs[e.Slug+"/"+run.Name]
	if r == nil || r.Done {
		r = &memoryRun{RunProgress: reaction.RunProgress{Name: run.Name}, plan: run}
		m.runs[e.Slug+"/"+run.Name] = r
	}
	return r.RunProgress, nil
}

// run finds an open run. The caller holds the lock.
func (m *memory) run(e *reaction.Event, name string) (*memoryRun, error) {
	if r := m.runs[e.Slug+"/"+name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("run %q: %w", name, reaction.ErrNotFound)
}

func (m *memory) Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return reaction.RunProgress{}, err
	}
	r, err := m.run(e, run)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	if after == r.Sent {
		r.records = append(r.records, records...)
		r.Sent += int64(len(records))
		r.Committed = r.Sent
		r.Clock = records[len(records)-1].At
	}
	return r.RunProgress, nil
}

func (m *memory) Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return reaction.RunProgress{}, err
	}
	r, err := m.run(e, run)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	if r.Sent != r.plan.Records {
		return r.RunProgress, fmt.Errorf("run %q: %d of %d records were sent: %w", run, r.Sent, r.plan.Records, reaction.ErrConflict)
	}
	r.Done = true
	return r.RunProgress, nil
}

func (m *memory) Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return reaction.RunProgress{}, err
	}
	r, err := m.run(e, run)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	return r.RunProgress, nil
}
