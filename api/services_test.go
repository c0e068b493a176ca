package api_test

import (
	"context"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/reaction"
)

type counted struct{ from, to time.Time }

func (c *counted) ServiceCounts(_ context.Context, e *reaction.Event, from, to time.Time) ([]reaction.ServiceCount, error) {
	c.from, c.to = from, to
	out := []reaction.ServiceCount{{Service: e.ServiceNames()[0], Posts: 8, Complaints: 2}, {Service: "Quiet"}}
	return out, nil
}

func TestServicesOfAnEvent(t *testing.T) {
	c := &counted{}
	h := start(t, func(o *api.Options) { o.Services = c })
	h.launch(t)
	a := read[struct {
		Services []struct {
			Service           string
			Posts, Complaints int64
			Share             *float64 `json:"complaint_share"`
		}
		Passport struct{ Event, Represents string }
	}](t, h.get(t, "/v1/events/launch/services?from=2026-03-01T10:30:00Z&to=2026-03-01T11:00:00Z").want(t, 200))
	if !c.from.Equal(noon.Add(-90*time.Minute)) || !c.to.Equal(noon.Add(-time.Hour)) || a.Passport.Event != "launch" {
		t.Errorf("counted from %s to %s, passport %+v", c.from, c.to, a.Passport)
	}
	if s := a.Services; len(s) != 2 || s[0].Service != "Big Stage" || s[0].Share == nil || *s[0].Share != 0.25 || s[1].Share != nil {
		t.Errorf("services: %+v", s)
	}
	h.get(t, "/v1/events/nowhere/services").problem(t, 404)
	// A series of a service must name one that the event follows.
	h.get(t, "/v1/events/launch/trend?series=service:Big+Stage,complaint:Big+Stage").want(t, 200)
	h.get(t, "/v1/events/launch/trend?series=service:Elsewhere").problem(t, 422, "Elsewhere")
}
