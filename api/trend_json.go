package api

import (
	"context"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

type trendOutput struct {
	Link      string `header:"Link" doc:"The same figure as CSV (rel=\"alternate\")."`
	Simulated bool   `header:"Outcry-Simulated" doc:"true when nothing in the event happened."`
	Body      trendAnswer
}

// trendAnswer is a trend.Result with local times and without null in the place of lists.
type trendAnswer struct {
	Series   []trendSeries  `json:"series" doc:"One for each name asked for, in that order."`
	Marks    []trendMark    `json:"marks" doc:"Moments in the window that a reader should know of, in order of time."`
	Passport trend.Passport `json:"passport" doc:"What the figure must carry to be cited."`
	Links    trendLinks     `json:"links" doc:"The same figure in other forms."`
}

type trendSeries struct {
	Name   trend.Name   `json:"name"`
	Unit   string       `json:"unit" doc:"posts, posts counted by the source, share (0 to 1), people, ms, or state (0 up, 1 degraded, 2 down)."`
	Counts string       `json:"counts" doc:"What exactly is counted, in a sentence."`
	Points []trendPoint `json:"points" doc:"One a bucket, in order of time."`
}

// trendPoint is a trend.Point. Its fields are written out here for their descriptions.
type trendPoint struct {
	Bucket  time.Time         `json:"bucket" doc:"Start of the bucket, UTC."`
	Local   string            `json:"local,omitempty" doc:"The same in the time zone asked for."`
	Value   *float64          `json:"value" doc:"null where it is not known, which is never the same as zero."`
	AtLeast *float64          `json:"at_least,omitempty" doc:"The part of an unknown count that was heard from the sources that could see."`
	Of      *float64          `json:"of,omitempty" doc:"For a share: how many posts it is a share of."`
	Covered float64           `json:"covered" doc:"Share of the bucket (0 to 1) during which every source was heard."`
	Blind   []reaction.Source `json:"blind,omitempty" doc:"Sources not heard, or not by all their servers, during some of the bucket."`
	Late    []reaction.Source `json:"late,omitempty" doc:"Of these, those that are only behind: the rest is still to come."`
	Capped  []reaction.Source `json:"capped,omitempty" doc:"Of these, those that were left out on purpose, by a spending limit."`
	Filled  []reaction.Source `json:"filled,omitempty" doc:"Sources that some of the bucket was fetched from afterwards."`
	Open    bool              `json:"open,omitempty" doc:"True while the bucket still fills."`
}

type trendMark struct {
	At   time.Time `json:"at" doc:"UTC."`
	Kind string    `json:"kind" enum:"planned_start,planned_end,status"`
	Text string    `json:"text" doc:"In English, without the time."`
}

type trendLinks struct {
	CSV string `json:"csv"`
	SVG string `json:"svg,omitempty"`
	PNG string `json:"png,omitempty"`
	TXT string `json:"txt,omitempty" doc:"What is to be seen on the picture, in words."`
}

func (s *server) getTrend(ctx context.Context, in *trendInput) (*trendOutput, error) {
	loc, err := readZone(in.TZ)
	if err != nil {
		return nil, err
	}
	q, r, err := s.figure(ctx, &in.FigureInput, loc)
	if err != nil {
		return nil, err
	}
	links := trendLinks{CSV: address(q, trendPath+".csv")}
	if s.Charts != nil {
		links.SVG, links.PNG, links.TXT = address(q, trendPath+".svg"), address(q, trendPath+".png"), address(q, trendPath+".txt")
	}
	if r.Passport.Sources == nil {
		r.Passport.Sources = []trend.SourceCoverage{}
	}
	body := trendAnswer{
		Series: make([]trendSeries, len(r.Series)), Marks: make([]trendMark, len(r.Marks)), Passport: r.Passport, Links: links,
	}
	for i, m := range r.Marks {
		body.Marks[i] = trendMark{m.At.UTC(), m.Kind, m.Text}
	}
	for i, x := range r.Series {
		if in.TZ == "" {
			loc = nil
		}
		body.Series[i] = trendSeries{x.Name, x.Unit, x.Counts, trendPoints(x.Points, loc)}
	}
	return &trendOutput{
		Link:      "<" + links.CSV + `>; rel="alternate"; type="text/csv"`,
		Simulated: r.Passport.Simulated,
		Body:      body,
	}, nil
}

// trendPoints writes points for an answer, with local times where a zone is asked for.
func trendPoints(in []trend.Point, loc *time.Location) []trendPoint {
	out := make([]trendPoint, len(in))
	for i, p := range in {
		out[i] = trendPoint{p.Bucket, "", p.Value, p.AtLeast, p.Of, p.Covered, p.Blind, p.Late, p.Capped, p.Filled, p.Open}
		if loc != nil {
			out[i].Local = localTime(p.Bucket, loc)
		}
	}
	return out
}
