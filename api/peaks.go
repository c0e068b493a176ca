package api

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
	"outcry/internal/trend"
	"outcry/nlp/distinct"
)

// PostSamples reads some of an event's posts.
type PostSamples interface {
	// SamplePosts reads posts in order of time, spread over the window that is asked for, no more than
	// q.Limit: without reposts, and without those deleted at their source. whole tells that they are
	// all there are.
	SamplePosts(ctx context.Context, q reaction.SampleQuery) (posts []reaction.StoredPost, whole bool, err error)
}

// How many posts of a peak are read, and how many of those it is compared with.
const (
	sampleOfPeak   = 2_000
	sampleOfBefore = 5_000
)

type peaksInput struct {
	Slug   string   `path:"slug" maxLength:"64" doc:"The event's slug."`
	By     string   `query:"by" enum:"posts,complaints" default:"posts" doc:"What is highest."`
	From   string   `query:"from" doc:"The window's beginning, RFC 3339; default what is known of the event."`
	To     string   `query:"to" doc:"Its end."`
	Step   string   `query:"step" default:"1m" doc:"How wide a peak is: a step of 10s to 1h."`
	Source []string `query:"source,explode" maxItems:"50" doc:"Only these sources, repeated or between commas."`
	Lang   []string `query:"lang,explode" maxItems:"50" doc:"Only these languages, repeated or between commas."`
	Limit  int      `query:"limit" minimum:"1" maximum:"10" default:"3" doc:"How many peaks at most."`
	Terms  int      `query:"terms" minimum:"1" maximum:"30" default:"10" doc:"How many terms of each at most."`
	Posts  int      `query:"posts" minimum:"0" maximum:"10" default:"3" doc:"How many posts of each at most."`
}

type peaksOutput struct {
	Simulated bool `header:"Outcry-Simulated" doc:"true when nothing in the event happened."`
	Body      struct {
		By       string         `json:"by"`
		Peaks    []peakAnswer   `json:"peaks" doc:"The highest first. Between two of them the series falls to three quarters of the lower one at most."`
		Method   string         `json:"method" doc:"What the terms and posts are found by."`
		Passport trend.Passport `json:"passport" doc:"What the series must carry to be cited that the peaks are of."`
	}
}

const peaksMethod = "terms: log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008), among terms and among posts, the lower z; " +
	"posts: nearest to the centre of the terms, near-copies once, links count against; copies: simhash, at most 3 of 64 bits apart; outcry-peaks/1"

type peakAnswer struct {
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"`
	Value     *float64          `json:"value" doc:"Posts or complaints in it; null where some source was not heard."`
	AtLeast   *float64          `json:"at_least,omitempty" doc:"The part of an unknown value that was heard."`
	Blind     []reaction.Source `json:"blind,omitempty" doc:"Sources not heard during some of it."`
	Open      bool              `json:"open,omitempty" doc:"True while it still fills."`
	Terms     []termAnswer      `json:"terms" doc:"Words that distinguish its posts from those it is compared with, the most telling first. Empty where nothing does."`
	Tags      []termAnswer      `json:"tags" doc:"The same of hashtags."`
	Posts     []postAnswer      `json:"posts" doc:"Posts that stand for it."`
	CopyShare float64           `json:"copy_share" minimum:"0" maximum:"1" doc:"Share of the posts read that are near-copies of an earlier one of them."`
	Sample    peakSample        `json:"sample" doc:"What was read of the peak. Reposts, deleted posts and those longer than 4,000 letters are not."`
	Against   []peakSample      `json:"against" doc:"What it is compared with: all posts before, and, where these are fewer than a third of the peak's, those after too."`
}

type peakSample struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Posts int       `json:"posts" doc:"Posts that were read."`
	Whole bool      `json:"whole" doc:"False where there are more: of each of twenty slices of it the first posts were read."`
}

type termAnswer struct {
	Term   string  `json:"term" doc:"Folded; a hashtag without its sign." example:"offside"`
	Now    int     `json:"now" doc:"Posts read of the peak that hold it."`
	Before int     `json:"before" doc:"Posts that the peak is compared with that hold it."`
	Z      float64 `json:"z" doc:"Log-odds ratio in standard deviations: at least 2.5."`
}

func (s *server) peakOperations() {
	register(s, reads, huma.Operation{
		OperationID: "list-peaks", Method: http.MethodGet, Path: eventPath + "/peaks", Tags: []string{tagFigures},
		Summary: "The highest moments of an event, with what was said in them and not before",
		Description: "Of each peak at most 2,000 posts are read, and 5,000 of those it is compared with: see sample and against. A term counts once a post, and is told if three posts hold it. " +
			"Of peaks of complaints, the complaints are compared with all posts. It states what was said, never a cause.",
	}, s.listPeaks)
}

func (s *server) listPeaks(ctx context.Context, in *peaksInput) (*peaksOutput, error) {
	q, r, err := s.figure(ctx, &FigureInput{Slug: in.Slug, Series: []string{in.By}, From: in.From, To: in.To, Step: in.Step, Source: in.Source, Lang: in.Lang}, time.UTC)
	if err != nil {
		return nil, err
	}
	if q.Step > time.Hour {
		return nil, mistake("query.step", "%q is wider than an hour: no moment is that long", clip(in.Step))
	}
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	out := &peaksOutput{Simulated: r.Passport.Simulated}
	b := &out.Body
	b.By, b.Method, b.Passport, b.Peaks = in.By, peaksMethod, r.Passport, []peakAnswer{}
	b.Passport.Sources = orEmpty(b.Passport.Sources)
	for _, p := range trend.Peaks(r.Series[0].Points, in.Limit) {
		a, err := s.peak(ctx, in, q, &p)
		if err != nil {
			return nil, missing(err, "There is no event %q.", clip(in.Slug))
		}
		b.Peaks = append(b.Peaks, a)
	}
	return out, nil
}

// peak says what distinguishes one peak.
func (s *server) peak(ctx context.Context, in *peaksInput, q *trend.Query, p *trend.Point) (a peakAnswer, err error) {
	from, to := p.Bucket.UTC(), p.Bucket.UTC().Add(q.Step)
	a = peakAnswer{From: from, To: to, Value: p.Value, AtLeast: p.AtLeast, Blind: p.Blind, Open: p.Open,
		Terms: []termAnswer{}, Tags: []termAnswer{}, Posts: []postAnswer{}, Against: []peakSample{}}
	sample := func(label string, from, to time.Time, limit int) ([]reaction.StoredPost, peakSample, error) {
		posts, whole, err := s.PostSamples.SamplePosts(ctx, reaction.SampleQuery{
			Event: q.Event, Label: label, Sources: q.Sources, Langs: q.Langs, From: from, To: to, Limit: limit,
		})
		return posts, peakSample{from, to, len(posts), whole}, err
	}
	posts, read, err := sample(in.By, from, to, sampleOfPeak)
	if err != nil {
		return a, err
	}
	a.Sample = read
	other, read, err := sample("", from.Add(-trend.Before(q.Step)), from, sampleOfBefore)
	if err != nil {
		return a, err
	}
	a.Against = append(a.Against, read)
	if 3*len(other) < len(posts) { // nothing was heard before, or the event begins with it
		after, read, err := sample("", to.Add(q.Step), to.Add(q.Step).Add(trend.Before(q.Step)), sampleOfBefore)
		if err != nil {
			return a, err
		}
		other, a.Against = append(other, after...), append(a.Against, read)
	}
	now := compared(posts)
	terms := distinct.Terms(now, compared(other), in.Terms)
	for i := range terms {
		t := &terms[i]
		x := termAnswer{t.Text, t.Now, t.Before, math.Round(100*t.Z) / 100}
		if t.Hashtag() {
			x.Term = x.Term[1:]
			a.Tags = append(a.Tags, x)
			continue
		}
		a.Terms = append(a.Terms, x)
	}
	for _, i := range distinct.Near(now, terms, in.Posts) {
		a.Posts = append(a.Posts, answerPost(&posts[i]))
	}
	a.CopyShare = distinct.CopyShare(now)
	return a, nil
}

// compared are posts as they are compared.
func compared(posts []reaction.StoredPost) []distinct.Post {
	out := make([]distinct.Post, len(posts))
	for i := range posts {
		p := &posts[i]
		out[i] = distinct.Post{Text: p.Text, Fingerprint: p.Tags.Fingerprint, Links: len(p.Tags.URLs)}
		for _, h := range p.Tags.Hashtags {
			if !slices.Contains(out[i].Hashtags, h.Key) {
				out[i].Hashtags = append(out[i].Hashtags, h.Key)
			}
		}
	}
	return out
}
