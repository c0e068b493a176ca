package api

import (
	"context"
	"iter"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// What the API needs of the rest of the house. Every implementation is safe for concurrent use,
// returns promptly when ctx ends, and wraps reaction.ErrAway when what it needs cannot be reached
// now and may be later: the client is then told 503 with Retry-After. The text of an error that
// wraps reaction.ErrConflict is written for people and sent to them, with 409; so are those that
// wrap reaction.ErrUnusable, with 422, reaction.ErrBusy, with 429, and reaction.ErrFull, with 507.
// Any error without a meaning written here is answered with 500, and its text is logged and never
// sent.
//
// Lists that go on after a position are in a total order that does not change between calls.

// Events keeps the definitions of live events.
type Events interface {
	// Events lists every event, in any order.
	Events(ctx context.Context) ([]reaction.Event, error)

	// Event finds one by its slug. reaction.ErrNotFound when there is none. The event is the
	// caller's own: changing it changes nothing in the store.
	Event(ctx context.Context, slug string) (*reaction.Event, error)

	// CreateEvent stores a normalised and valid event and sets its ID and Revision.
	// reaction.ErrExists when the slug is taken.
	CreateEvent(ctx context.Context, e *reaction.Event) error

	// ReplaceEvent puts e in the place of the event with the same slug, which keeps its ID, and
	// sets e's ID, Revision and Status, which follows the stored one by reaction.Event.Succeed.
	// reaction.ErrNotFound when there is none.
	ReplaceEvent(ctx context.Context, e *reaction.Event) error

	// DeleteEvent removes the event and all that is stored of it. reaction.ErrNotFound when there
	// is none.
	DeleteEvent(ctx context.Context, slug string) error
}

// Lives keeps what became of events. What Events stores of their status and times, it sets down too.
type Lives interface {
	// Life lists the changes in the life of an event, oldest first.
	Life(ctx context.Context, e *reaction.Event) ([]reaction.Turn, error)

	// MoveEvent gives an event another status, by reaction.Event.Move. The move is valid.
	// reaction.ErrNotFound when there is no such event.
	MoveEvent(ctx context.Context, slug string, m reaction.Move) (*reaction.Event, error)
}

// Heard remembers posts that were heard lately and belonged to no event.
type Heard interface {
	// Heard goes through them, newest first: those of drills where simulated is true, and those of
	// the real world otherwise. They are without authors, and not to be changed.
	Heard(simulated bool) iter.Seq[*reaction.Post]
}

// Files reads and writes events as files.
type Files interface {
	// Templates lists the templates that come with the program.
	Templates() ([]reaction.Template, error)

	// TemplateOf makes a template of an event.
	TemplateOf(e *reaction.Event) (reaction.Template, error)

	// Draft reads an event in YAML or JSON that may be wrong. Its event can be written as JSON.
	Draft(data []byte) reaction.Draft
}

// Figures answers with what was counted of an event. The event was read from Events for the same
// request; reaction.ErrNotFound means that it has been deleted since.
type Figures interface {
	// Window is the extent of what is known of the event: its coverage, and where there is none,
	// the planned times. An endless event that was never listened to ends now. recorded is true
	// when at least part of what is known comes from a replayed archive.
	Window(ctx context.Context, e *reaction.Event) (from, to time.Time, recorded bool, err error)

	// Trend answers a valid query with one series for each name in it, in that order, each with
	// one point for each bucket. GeneratedAt, Permalink, TimeZone and Filter of the passport are
	// left to the API.
	Trend(ctx context.Context, q trend.Query) (trend.Result, error)

	// Tags lists hashtags, most used first; no more than q.Limit, which is at least 1, beginning
	// after q.After where that is set.
	Tags(ctx context.Context, q trend.TagsQuery) ([]trend.TagRow, error)

	// CoverageAround lists the spans that overlap [from, to), ordered by source, then by From, and
	// beside them the last of each live feed that ends within trend.GoneAfter before from.
	CoverageAround(ctx context.Context, e *reaction.Event, from, to time.Time) (spans, before []reaction.CoverageSpan, err error)

	// Samples lists health samples of the event's services in [from, to), oldest first, then by
	// service and vantage point, no more than limit.
	Samples(ctx context.Context, e *reaction.Event, from, to time.Time, limit int) ([]health.Sample, error)
}

// Services counts posts by the services that an event follows.
type Services interface {
	// ServiceCounts counts, for every service of the event's ServiceNames, in their order, the posts in
	// [from, to) that name it and the complaints about it.
	ServiceCounts(ctx context.Context, e *reaction.Event, from, to time.Time) ([]reaction.ServiceCount, error)
}

// Posts finds stored posts.
type Posts interface {
	// Posts lists the event's posts that q does not filter out, newest first; no more than
	// q.Limit, which is at least 1, beginning after q.After where that is set. Posts deleted at
	// their source are among them, with DeletedAt set and without text.
	Posts(ctx context.Context, q reaction.PostQuery) ([]reaction.StoredPost, error)
}

// Retention tells what is kept of posts.
type Retention interface {
	// Kept tells what is kept of an event's posts. reaction.ErrNotFound when there is no such event.
	Kept(ctx context.Context, e *reaction.Event) (reaction.Kept, error)
}

// Deletions takes in deletions that people ask for.
type Deletions interface {
	// Forget makes a deletion durable: of one post, or of all that an author has posted until then.
	// reaction.ErrUnusable when it cannot be carried.
	Forget(ctx context.Context, d reaction.Delete) error

	// Rechecks tells, by source, how asking again for stored posts stands, of sources that do not tell
	// what is deleted. Overdue are the posts last seen before that time.
	Rechecks(ctx context.Context, before time.Time) ([]reaction.Rechecks, error)
}

// Replays takes in the records of runs: recordings and drills.
type Replays interface {
	// Begin opens a run, or finds it again after an interruption: Sent in the progress says after
	// how many records to go on.
	Begin(ctx context.Context, e *reaction.Event, run reaction.Run) (reaction.RunProgress, error)

	// Send makes the records durable that follow the first `after` ones of the run. It is
	// idempotent: `after` must equal the run's Sent, and where it does not, nothing is taken and
	// the progress returned (without an error) says where to go on. reaction.ErrNotFound when the
	// run was never begun.
	Send(ctx context.Context, e *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error)

	// Finish says that no more records follow. It may be called again. reaction.ErrNotFound when
	// the run was never begun.
	Finish(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error)

	// Progress says how far the run has come. reaction.ErrNotFound when it was never begun.
	Progress(ctx context.Context, e *reaction.Event, run string) (reaction.RunProgress, error)
}

// Samples takes in health samples that are pushed to the service.
type Samples interface {
	// PushSamples takes samples of one service; they are durable when it returns nil.
	// reaction.ErrNotFound when no event names the service.
	PushSamples(ctx context.Context, service string, samples []health.Sample) error
}

// Spending tells what reading X costs.
type Spending interface {
	// Spending tells it of an event, without spending anything.
	Spending(ctx context.Context, e *reaction.Event) (reaction.Spending, error)
}

// Status says whether the service can do its work.
type Status interface {
	// Ready makes every check now and lists them all, in an order that does not change.
	Ready(ctx context.Context) []Check
}

// Check is one thing the service needs.
type Check struct {
	Name   string `json:"name" doc:"What is checked." example:"database"`
	OK     bool   `json:"ok" doc:"True when it works."`
	Detail string `json:"detail,omitempty" doc:"What is wrong, or what was found; safe to show to anyone."`
}
