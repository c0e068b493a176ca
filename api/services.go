package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/trend"
)

type servicesInput struct {
	Slug string `path:"slug" maxLength:"64" doc:"The event's slug."`
	From string `query:"from" doc:"Start, RFC 3339; rounded down to a bucket. Default: where what is known begins."`
	To   string `query:"to" doc:"End, exclusive, RFC 3339; rounded up to a bucket. Default: where what is known ends."`
}

type servicesOutput struct {
	Body struct {
		Services []serviceAnswer `json:"services" doc:"Every service that the event follows, by name."`
		Passport trend.Passport  `json:"passport" doc:"What the figures must carry to be cited. They are at least what is told where its coverage is below 1."`
	}
}

type serviceAnswer struct {
	Service    string   `json:"service" doc:"As the event's definition writes it; also the series service:NAME and complaint:NAME."`
	Posts      int64    `json:"posts" doc:"Posts that name it, without reposts and those deleted since."`
	Complaints int64    `json:"complaints" doc:"Of these, complaints about it."`
	Share      *float64 `json:"complaint_share" doc:"Complaints as a share of the posts; null where there are none."`
}

func (s *server) serviceOperations() {
	register(s, figures, huma.Operation{
		OperationID: "list-services", Method: http.MethodGet, Path: eventPath + "/services", Tags: []string{tagFigures},
		Summary: "How many posts name each service that an event follows, and how many complain of it",
		Description: "A service is named by the words of the event's definition, which differ in how much they find: " +
			"compare a service with its own past, not with another.",
	}, s.listServices)
}

func (s *server) listServices(ctx context.Context, in *servicesInput) (*servicesOutput, error) {
	q, r, err := s.figure(ctx, &FigureInput{Slug: in.Slug, Series: []string{string(trend.Posts)}, From: in.From, To: in.To}, time.UTC)
	if err != nil {
		return nil, err
	}
	counts, err := s.Services.ServiceCounts(ctx, q.Event, q.From, q.To)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	out := &servicesOutput{}
	if out.Body.Passport = r.Passport; r.Passport.Sources == nil {
		out.Body.Passport.Sources = []trend.SourceCoverage{}
	}
	out.Body.Services = make([]serviceAnswer, len(counts))
	for i, c := range counts {
		a := &out.Body.Services[i]
		if a.Service, a.Posts, a.Complaints = c.Service, c.Posts, c.Complaints; c.Posts > 0 {
			share := float64(c.Complaints) / float64(c.Posts)
			a.Share = &share
		}
	}
	return out, nil
}
