package api

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"outcry/internal/reaction"
)

// pushedLine is one line of what is pushed.
type pushedLine struct {
	Post   *pushedPost   `json:"post,omitempty" doc:"A post, or, with edited_at, a later version of one."`
	Delete *pushedDelete `json:"delete,omitempty" doc:"A post that is gone at its source, or all of an author's."`
	Heard  *pushedHeard  `json:"heard,omitempty" doc:"How well a source was heard: without such words zero posts mean unknown, with them they mean zero."`
	Clock  *pushedClock  `json:"clock,omitempty" doc:"That nothing older is to be expected of a source from this sender. It holds the buckets open that the clock has not passed, for five minutes at most from when it was told last."`
}

type pushedPost struct {
	Source   string        `json:"source" pattern:"^[a-z0-9][a-z0-9_-]{0,31}$" doc:"Where the post was made. Events name it among their sources. simulated, drill and replay are taken." example:"nostr"`
	ID       string        `json:"id" minLength:"1" maxLength:"512" doc:"Names the post within its source, for ever: a post counts once by source and id."`
	At       string        `json:"at" format:"date-time" doc:"When it was made. At most a week ago, and five minutes ahead of the server's clock. It is never replaced."`
	Text     string        `json:"text,omitempty" doc:"Plain text, at most 64 KiB of UTF-8."`
	Author   *pushedAuthor `json:"author,omitempty" doc:"Who wrote it. Only a keyed hash is kept, with another key for each event. Left out, nobody can say how many people wrote."`
	Lang     string        `json:"lang,omitempty" maxLength:"35" doc:"The source's own tag (BCP 47)." example:"ko"`
	URL      string        `json:"url,omitempty" format:"uri" doc:"Where people can see it: http or https."`
	Kind     string        `json:"kind,omitempty" enum:"original,reply,quote,repost" doc:"Default original. A repost passes on another's words: it is counted, and never a complaint."`
	Repeats  string        `json:"repeats,omitempty" maxLength:"512" doc:"The id of the post that a repost or quote passes on."`
	Facets   []pushedFacet `json:"facets,omitempty" maxItems:"1000" doc:"What the source itself marked in the text. They are trusted over scanning where there are any."`
	EditedAt string        `json:"edited_at,omitempty" format:"date-time" doc:"When this version was written. Of two versions of a post the later stands; the first that is stored brings the post in."`
}

type pushedAuthor struct {
	ID     string `json:"id,omitempty" maxLength:"512" doc:"What the source knows them by, for ever."`
	Handle string `json:"handle,omitempty" maxLength:"512" doc:"What people call them, for match.accounts; their id where there is no other."`
}

type pushedFacet struct {
	Kind  string `json:"kind" enum:"hashtag,mention,url"`
	Start int    `json:"start" minimum:"0" doc:"The first byte of it in the text, as UTF-8."`
	End   int    `json:"end" minimum:"0" doc:"One past its last byte."`
	Value string `json:"value" doc:"The tag or handle without its sign; the address."`
}

type pushedDelete struct {
	Source string        `json:"source" pattern:"^[a-z0-9][a-z0-9_-]{0,31}$"`
	ID     string        `json:"id,omitempty" maxLength:"512" doc:"The post. Left out: all that the author had posted until then."`
	Author *pushedAuthor `json:"author,omitempty" doc:"Whose posts are all gone, named as in their posts."`
	At     string        `json:"at,omitempty" format:"date-time" doc:"When the source said so. Default now."`
}

type pushedHeard struct {
	Source string `json:"source" pattern:"^[a-z0-9][a-z0-9_-]{0,31}$"`
	From   string `json:"from" format:"date-time" doc:"Where the last word ended, so that nothing lies between."`
	To     string `json:"to" format:"date-time" doc:"After from; at most five minutes ahead of the server's clock."`
	State  string `json:"state" enum:"live,late,gap,filled" doc:"live: heard as it happened. late: behind. gap: not heard. filled: a gap that was fetched afterwards."`
	Reason string `json:"reason,omitempty" maxLength:"200" doc:"Why it was not heard, for people."`
}

type pushedClock struct {
	Source string `json:"source" pattern:"^[a-z0-9][a-z0-9_-]{0,31}$"`
	At     string `json:"at" format:"date-time"`
}

// pushPast is how old a post may be that is pushed: what is older is a recording.
const pushPast = 7 * 24 * time.Hour

// Why lines are refused. The list is closed: counts are kept and shown under these names.
const (
	reasonJSON   = "bad_json"    // not JSON, or not of this form
	reasonLine   = "bad_line"    // JSON that is none of the things a line may be
	reasonText   = "bad_text"    // bytes that are not UTF-8, or U+0000
	reasonSource = "bad_source"  // not the name of a source, or one that is taken
	reasonValue  = "bad_value"   // anything else that cannot be
	reasonNoTime = "no_time"     // no time at all
	reasonTime   = "bad_time"    // a time that cannot be read
	reasonFuture = "future_time" // later than five minutes from now
	reasonOld    = "too_old"     // older than a week
	reasonLarge  = "too_large"   // a line past its limit
	// reasonForeign is of lines that the sender may not send: see auth.Principal.SpeaksFor. They are
	// no fault of their source's, and not counted with it.
	reasonForeign = "foreign_source"
)

// reserved are names of sources that would pretend to be what they are not.
var reserved = []string{"simulated", "drill", "replay"}

// states that somebody may say a source was heard with.
var heardStates = []string{string(reaction.CoverageLive), string(reaction.CoverageLate), string(reaction.CoverageGap), string(reaction.CoverageFilled)}

// misfit is why a line cannot be taken.
type misfit struct{ reason, path, text string }

func (m *misfit) Error() string { return m.text }

func unfit(reason, path, format string, a ...any) *misfit {
	return &misfit{reason, path, fmt.Sprintf(format, a...)}
}

// readPushed reads one line of somebody who may speak for some sources. Its error is a *misfit; source
// is then the one that the line names, where that is a name that they may speak for.
func readPushed(line []byte, now time.Time, speaksFor func(reaction.Source) bool) (x reaction.Pushed, source reaction.Source, err error) {
	if !utf8.Valid(line) {
		return x, "", unfit(reasonText, "", "it is not valid UTF-8")
	}
	var in pushedLine
	if err := decode(line, "", &in); err != nil {
		return x, "", undecoded(err)
	}
	set := 0
	for _, is := range []bool{in.Post != nil, in.Delete != nil, in.Heard != nil, in.Clock != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return x, "", unfit(reasonLine, "", "give exactly one of post, delete, heard and clock")
	}
	r := &lineReader{now: now, speaksFor: speaksFor}
	switch {
	case in.Post != nil:
		r.post(in.Post, &x)
	case in.Delete != nil:
		r.delete(in.Delete, &x)
	case in.Heard != nil:
		r.heard(in.Heard, &x)
	case in.Clock != nil:
		r.clock(in.Clock, &x)
	}
	if r.bad != nil {
		return reaction.Pushed{}, r.source, r.bad
	}
	return x, r.source, nil
}

// undecoded is why a line is not of the form, in the words that other bodies are refused with.
func undecoded(err error) *misfit {
	var p *Problem
	if !errors.As(err, &p) || len(p.Errors) != 1 {
		return unfit(reasonJSON, "", "it cannot be read")
	}
	m := unfit(reasonJSON, strings.TrimPrefix(p.Errors[0].Location, "."), "%s", p.Errors[0].Message)
	if strings.Contains(m.text, "U+0000") {
		m.reason = reasonText
	}
	return m
}

// lineReader checks the parts of a line and keeps the first thing that is wrong.
type lineReader struct {
	now       time.Time
	speaksFor func(reaction.Source) bool
	source    reaction.Source
	bad       *misfit
}

func (r *lineReader) refuse(reason, path, format string, a ...any) {
	if r.bad == nil {
		r.bad = unfit(reason, path, format, a...)
	}
}

func (r *lineReader) name(path, s string) reaction.Source {
	name, err := reaction.ParseSource(s)
	switch {
	case err != nil:
		r.refuse(reasonSource, path, "%s", clipTo(err.Error(), 200))
	case slices.Contains(reserved, s):
		r.refuse(reasonSource, path, "%q is taken: nothing that is pushed may pass for simulated or recorded", s)
	case !r.speaksFor(name):
		r.refuse(reasonForeign, path, "this key may not speak for %q: make one that may, with outcry key create --scope ingest --source %s", s, s)
	default:
		r.source = name
	}
	return name
}

// time reads a time that may be at most five minutes ahead.
func (r *lineReader) time(path, s string) time.Time {
	if s == "" {
		r.refuse(reasonNoTime, path, "give the time, like 2026-03-01T18:00:00Z")
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	switch {
	case err != nil:
		r.refuse(reasonTime, path, "%q is not a time like 2026-03-01T18:00:00Z", clip(s))
	case t.Year() < 1970:
		r.refuse(reasonTime, path, "%s is before the year 1970", stamp(t.UTC()))
	case t.After(r.now.Add(maxAhead)):
		r.refuse(reasonFuture, path, "%s is more than %d minutes ahead of the server's clock: set the sender's clock right", stamp(t.UTC()), maxAhead/time.Minute)
	}
	return t.UTC().Truncate(time.Microsecond)
}

func (r *lineReader) post(in *pushedPost, out *reaction.Pushed) {
	p := &reaction.Post{
		Source: r.name("post.source", in.Source), ID: in.ID, At: r.time("post.at", in.At), Text: in.Text, Lang: in.Lang, URL: in.URL, Repeats: in.Repeats,
	}
	if r.bad == nil && p.At.Before(r.now.Add(-pushPast)) {
		r.refuse(reasonOld, "post.at", "%s is more than %d days ago: send old posts as a recording (outcry replay)", stamp(p.At), pushPast/(24*time.Hour))
	}
	out.Record = reaction.Record{At: p.At, Post: p}
	if in.EditedAt != "" {
		out.Record.Edit, out.Record.At = true, r.time("post.edited_at", in.EditedAt)
	}
	if in.Author != nil {
		p.Author = author(in.Author)
	}
	if err := p.Kind.UnmarshalText([]byte(cmp.Or(in.Kind, reaction.Original.String()))); err != nil {
		r.refuse(reasonValue, "post.kind", "it is none of original, reply, quote, repost")
	}
	if u, err := url.Parse(p.URL); p.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		r.refuse(reasonValue, "post.url", "it is not an address that begins with https:// or http://")
	}
	r.facets(in, p)
	r.check(&out.Record)
}

func author(in *pushedAuthor) reaction.Author {
	return reaction.Author{ID: in.ID, Handle: strings.TrimPrefix(in.Handle, "@")}
}

func (r *lineReader) facets(in *pushedPost, p *reaction.Post) {
	edge := func(i int) bool { return i >= 0 && i <= len(p.Text) && (i == len(p.Text) || utf8.RuneStart(p.Text[i])) }
	for i, f := range in.Facets {
		at := fmt.Sprintf("post.facets[%d]", i)
		kind := reaction.FacetKind(f.Kind)
		switch kind {
		case reaction.FacetHashtag:
			f.Value = strings.TrimPrefix(f.Value, "#")
		case reaction.FacetMention:
			f.Value = strings.TrimPrefix(f.Value, "@")
		case reaction.FacetURL:
		default:
			r.refuse(reasonValue, at+".kind", "it is none of hashtag, mention, url")
		}
		if !edge(f.Start) || !edge(f.End) || f.End < f.Start {
			r.refuse(reasonValue, at, "it does not lie within the text: start and end count bytes of UTF-8")
		}
		if f.Value == "" {
			r.refuse(reasonValue, at+".value", "give the tag, the handle or the address")
		}
		p.Facets = append(p.Facets, reaction.Facet{Kind: kind, Start: f.Start, End: f.End, Value: f.Value})
	}
}

func (r *lineReader) delete(in *pushedDelete, out *reaction.Pushed) {
	d := &reaction.Delete{Source: r.name("delete.source", in.Source), ID: in.ID, At: r.now.UTC().Truncate(time.Microsecond)}
	if in.At != "" {
		d.At = r.time("delete.at", in.At)
	}
	if in.Author != nil && in.ID == "" {
		d.Author = author(in.Author)
	}
	out.Record = reaction.Record{At: d.At, Delete: d}
	r.check(&out.Record)
}

// check refuses what the line behind could not carry.
func (r *lineReader) check(x *reaction.Record) {
	if p := x.Check(); p != nil {
		r.refuse(reasonValue, p.Path, "%s", p.Text)
	}
}

func (r *lineReader) heard(in *pushedHeard, out *reaction.Pushed) {
	c := &reaction.Coverage{
		Source: r.name("heard.source", in.Source), From: r.time("heard.from", in.From), To: r.time("heard.to", in.To),
		State: reaction.CoverageState(in.State), Reason: in.Reason,
	}
	switch {
	case !slices.Contains(heardStates, in.State):
		r.refuse(reasonValue, "heard.state", "it is none of %s", strings.Join(heardStates, ", "))
	case !c.To.After(c.From):
		r.refuse(reasonValue, "heard.to", "it is not after from")
	case len(c.Reason) > maxReason || printable(c.Reason) != c.Reason:
		r.refuse(reasonValue, "heard.reason", "give at most %d bytes in one line", maxReason)
	}
	out.Heard = c
}

func (r *lineReader) clock(in *pushedClock, out *reaction.Pushed) {
	out.Clock = &reaction.SourceClock{Source: r.name("clock.source", in.Source), At: r.time("clock.at", in.At)}
}
