package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

const trialsPath = "/v1/trials"

// Bounds of a trial.
const (
	maxTrialBytes  = 512 << 10
	trialPosts     = 2000 // of the event's own posts, the newest
	trialPage      = 500  // of them read at once
	trialExamples  = 20
	trialText      = 280 // characters of an example's text
	trialsAtOnce   = 2
	trialCheckEach = 1000 // posts between looks at whether the client still waits
)

type trialInput struct{ upload }

type trialRequest struct {
	Match reaction.Match `json:"match" doc:"The terms to try."`
	Event string         `json:"event,omitempty" maxLength:"64" doc:"The slug of an event whose stored posts the terms are tried on too."`
}

type trialOutput struct{ Body trialAnswer }

type trialAnswer struct {
	Seen    int               `json:"seen" doc:"Posts the terms were tried on."`
	Matched int               `json:"matched" doc:"Those that they match."`
	From    *time.Time        `json:"from" doc:"The time of the oldest post they were tried on; null where there was none."`
	To      *time.Time        `json:"to" doc:"The time of the newest."`
	Terms   []match.TermCount `json:"terms" doc:"How many posts each term was found in, by itself, in the order of any, none, accounts."`
	// Of the named event's stored posts.
	Kept     int            `json:"kept" doc:"Of the event's stored posts, those the terms match as well."`
	Lost     int            `json:"lost" doc:"Of the event's stored posts, those its own terms match and these do not."`
	Unclear  int            `json:"unclear" doc:"Of the event's stored posts, those that neither match by what is kept of them: their author was, or an earlier term."`
	Examples []trialExample `json:"examples" doc:"The newest of what is matched."`
	Losses   []trialExample `json:"lost_examples" doc:"The newest of what is lost."`
}

// trialExample is a post without its author.
type trialExample struct {
	Source reaction.Source `json:"source"`
	At     time.Time       `json:"at"`
	Text   string          `json:"text" doc:"As it was posted, clipped: escape it before you show it."`
	URL    string          `json:"url,omitempty"`
	Stored bool            `json:"stored" doc:"True where the post belongs to the event already."`
}

func (s *server) trialOperations() {
	register(s, reads, huma.Operation{
		OperationID: "try-terms", Method: http.MethodPost, Path: trialsPath, Tags: []string{tagEvents},
		Summary: "Try out terms on posts that were heard lately",
		Description: "On the posts of the last hour that belonged to no event, as far as this process remembers them, and on the newest 2,000 stored posts " +
			"of the event where one is named. Authors are not kept, so that an account is found only where it is mentioned.",
	}, s.tryTerms)
	s.body(http.MethodPost, trialsPath, "The terms; at most 512 KiB.", map[string]*huma.Schema{typeJSON: schema[trialRequest](s)})
}

func (s *server) tryTerms(ctx context.Context, in *trialInput) (*trialOutput, error) {
	if _, err := in.expect(typeJSON); err != nil {
		return nil, err
	}
	data, err := in.read(maxTrialBytes)
	if err != nil {
		return nil, err
	}
	var req trialRequest
	if err := decode(data, "body", &req); err != nil {
		return nil, err
	}
	if list := checkMatch(req.Match); len(list) > 0 {
		return nil, wrong(bodyMistakes(list)...)
	}
	var e *reaction.Event
	if req.Event != "" {
		if e, err = s.event(ctx, req.Event); err != nil {
			return nil, err
		}
	}
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	answer, err := s.try(ctx, req.Match, e)
	if err != nil {
		return nil, err
	}
	return &trialOutput{Body: answer}, nil
}

// turn waits until there is a core to spare for a trial or a large draft: there are never many at
// once. The caller gives the turn back with done.
func (s *server) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.trying <- struct{}{}:
		return func() { <-s.trying }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checkMatch lists what is wrong with terms.
func checkMatch(m reaction.Match) []reaction.Problem {
	return slices.DeleteFunc(match.Validate(&reaction.Event{Match: m}), func(p reaction.Problem) bool {
		return !strings.HasPrefix(p.Path, "match")
	})
}

// try tries terms on what was heard lately, and on the posts of e unless it is nil.
func (s *server) try(ctx context.Context, m reaction.Match, e *reaction.Event) (a trialAnswer, err error) {
	a.Examples, a.Losses = []trialExample{}, []trialExample{}
	trial, err := match.NewTrial(m)
	if err != nil {
		return a, err
	}
	shown := 0
	for p := range s.Heard.Heard(e != nil && e.Simulated) {
		if a.Seen%trialCheckEach == 0 && ctx.Err() != nil {
			return a, ctx.Err()
		}
		if a.see(p); !trial.Look(p) {
			continue
		}
		if a.Matched++; shown < trialExamples {
			a.Examples, shown = append(a.Examples, showExample(p, false)), shown+1
		}
	}
	if e != nil {
		if err := s.tryStored(ctx, trial, e, &a); err != nil {
			return a, err
		}
	}
	a.Terms = orEmpty(trial.Terms())
	slices.SortStableFunc(a.Examples, func(x, y trialExample) int { return y.At.Compare(x.At) })
	a.Examples = a.Examples[:min(len(a.Examples), trialExamples)]
	return a, nil
}

// tryStored tries terms on the newest stored posts of an event, beside the event's own terms.
func (s *server) tryStored(ctx context.Context, trial *match.Trial, e *reaction.Event, a *trialAnswer) error {
	own, err := match.NewTrial(e.Match)
	if err != nil { // an event from before such terms were refused
		own = nil
	}
	shown := 0
	q := reaction.PostQuery{Event: e, Limit: trialPage}
	for range trialPosts / trialPage {
		posts, err := s.Posts.Posts(ctx, q)
		if err != nil {
			return missing(err, "There is no event %q.", clip(e.Slug))
		}
		for i := range posts {
			if posts[i].DeletedAt != nil {
				continue // its words are gone
			}
			p := match.Shown(&posts[i])
			a.see(&p)
			switch {
			case trial.Look(&p):
				a.Matched++
				if a.Kept++; shown < trialExamples {
					a.Examples, shown = append(a.Examples, showExample(&p, true)), shown+1
				}
			case own != nil && own.Look(&p):
				if a.Lost++; len(a.Losses) < trialExamples {
					a.Losses = append(a.Losses, showExample(&p, true))
				}
			default:
				a.Unclear++
			}
		}
		if len(posts) < trialPage {
			return nil
		}
		last := posts[len(posts)-1]
		q.After = &reaction.PostPosition{At: last.At, Source: last.Source, ID: last.ID}
	}
	return nil
}

// see counts a post that the terms are tried on.
func (a *trialAnswer) see(p *reaction.Post) {
	a.Seen++
	at := p.At.UTC()
	if a.From == nil || at.Before(*a.From) {
		a.From = &at
	}
	if a.To == nil || at.After(*a.To) {
		a.To = &at
	}
}

func showExample(p *reaction.Post, stored bool) trialExample {
	text := p.Text
	if r := []rune(text); len(r) > trialText {
		text = string(r[:trialText]) + "…"
	}
	return trialExample{p.Source, p.At.UTC(), text, p.URL, stored}
}
