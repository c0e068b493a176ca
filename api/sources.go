package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// Listening knows what the collectors of live feeds told last.
type Listening interface {
	// FeedReports lists the live feeds that ever told how they are, by source and feed.
	FeedReports(ctx context.Context) ([]reaction.FeedReport, error)
}

type sourcesOutput struct {
	Body struct {
		Sources []sourceAnswer `json:"sources" doc:"By name. Which sources are set up is not known here: these are those of which something was ever told."`
	}
}

type sourceAnswer struct {
	Source reaction.Source         `json:"source"`
	State  reaction.ListeningState `json:"state" enum:"live,idle,connecting,late,blind,stopped,off" doc:"That of its worst feed. live: heard as it happens. idle: no event asks for it, or money for it is spent. connecting: no connection yet, or again. late: heard, and behind. blind: the last word is older than it may be, or a part of it is dead, or its collector is. stopped: it will not have us until a person mends it. off: nobody collects it any more."`
	Since  time.Time               `json:"since" doc:"Since when one of its feeds has been so."`
	Feeds  []feedAnswer            `json:"feeds" doc:"Its connections: one, or where the source is made of many servers, one for each of them."`
}

type feedAnswer struct {
	Feed      reaction.Feed           `json:"feed" example:"live/bluesky/0"`
	Host      string                  `json:"host,omitempty" doc:"The server that is listened to." example:"jetstream2.us-east.bsky.network"`
	State     reaction.ListeningState `json:"state" enum:"live,idle,connecting,late,blind,stopped,off" doc:"As of its source."`
	Since     time.Time               `json:"since" doc:"When it became so."`
	LastWord  *time.Time              `json:"last_word" doc:"When the source was last heard, by the collector's clock; null for never."`
	Clock     *time.Time              `json:"clock" doc:"The feed's event time: nothing older is expected. null where it has none."`
	Reason    string                  `json:"reason,omitempty" doc:"Why it is not live, for people."`
	Mend      string                  `json:"mend,omitempty" doc:"What a person can do."`
	Committed *time.Time              `json:"committed_at" doc:"When anything of it was last stored. Where that is longer ago than five minutes the feed is blind, whatever it told last, and off after a day."`
}

func (s *server) sourceOperations() {
	if s.Listening == nil {
		return
	}
	register(s, reads, huma.Operation{
		OperationID: "list-sources", Method: http.MethodGet, Path: "/v1/sources", Tags: []string{tagFigures},
		Summary: "How each source is listened to now",
		Description: "What the collectors of live feeds told last, on whatever machine they run. How well an event's sources were heard over time is " +
			"told by get-coverage.",
	}, s.listSources)
}

func (s *server) listSources(ctx context.Context, _ *struct{}) (*sourcesOutput, error) {
	reports, err := s.Listening.FeedReports(ctx)
	if err != nil {
		return nil, err
	}
	out := &sourcesOutput{}
	out.Body.Sources = []sourceAnswer{}
	for _, x := range trend.Listening(reports, s.Now()) {
		a := sourceAnswer{Source: x.Source, State: x.State, Since: x.Since.UTC()}
		for _, f := range x.Feeds {
			a.Feeds = append(a.Feeds, feedAnswer{f.Feed, f.Host, f.State, f.Since.UTC(), timeOrNull(f.LastWord), timeOrNull(f.Clock), f.Reason, f.Mend, timeOrNull(f.Committed)})
		}
		out.Body.Sources = append(out.Body.Sources, a)
	}
	return out, nil
}

// timeOrNull is a time that may not be known.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
