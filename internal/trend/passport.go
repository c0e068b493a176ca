package trend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// names of sources as people write them.
var sourceNames = map[reaction.Source]string{
	reaction.X: "X", reaction.Bluesky: "Bluesky", reaction.Mastodon: "Mastodon",
}

func passport(q *Query, in *Inputs, v *view) Passport {
	p := Passport{
		Event: q.Event.Slug, Title: q.Event.Title, Simulated: q.Event.Simulated,
		From: q.From, To: q.To, Step: StepText(q.Step),
		Coverage:      mean(v.all),
		Filled:        mean(v.filled),
		Deduplication: "each post once by source and id; copies of a text by other authors count as posts of their own",
		Watermark:     in.Watermark, Method: Method,
	}
	for _, s := range v.sources {
		p.Sources = append(p.Sources, v.of[s].total(s, slices.Contains(in.Listened, s)))
	}
	var silent []string
	if len(q.Sources) == 0 {
		for _, s := range q.Event.Sources {
			if !slices.Contains(v.sources, s) {
				p.Sources = append(p.Sources, SourceCoverage{Source: s})
				silent = append(silent, label(s))
			}
		}
	}
	for _, c := range in.Coverage {
		p.Recorded = p.Recorded || c.State == reaction.CoverageRecorded
	}
	for _, c := range in.Labels[reaction.LabelPosts] {
		p.DeletedSince += c.Gross - c.Net
		p.Late += c.Late
	}
	p.Represents = represents(v.sources, q.Event.Simulated)
	if len(silent) > 0 {
		p.Notes = append(p.Notes, "not listened to: "+strings.Join(silent, ", "))
	}
	if r := in.Retag; r != nil {
		p.Retagged = r
		p.Notes = append(p.Notes, retagNote(r))
	}
	return p
}

// retagNote says what a retag means for a figure.
func retagNote(r *reaction.Retag) string {
	if !r.Done() {
		return fmt.Sprintf("posts are being tagged again by tagger %d: figures by label are of both taggers until it is done", r.Tagger)
	}
	note := fmt.Sprintf("posts were tagged again on %s by tagger %d: %d of %d changed a label", r.DoneAt.UTC().Format(time.DateOnly), r.Tagger, r.Changed, r.Posts)
	if kept := r.Deleted + r.Failed; kept > 0 {
		note += fmt.Sprintf("; %d that are deleted or could not be tagged keep the labels that they had", kept)
	}
	return note
}

// total sums up how a source was heard over the window.
func (h *heardShares) total(s reaction.Source, listened bool) SourceCoverage {
	c := h.all
	if c.Source, c.Listened = s, listened; c.Coverage > almost {
		c.Coverage = 1
	}
	return c
}

func label(s reaction.Source) string {
	if n, ok := sourceNames[s]; ok {
		return n
	}
	return string(s)
}

// represents says whom the figures do not stand for.
func represents(sources []reaction.Source, simulated bool) string {
	if simulated {
		return "Simulated: nobody wrote these posts, and nothing in them happened."
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = label(s)
	}
	return fmt.Sprintf("Public posts on %s that match the event's terms: not the whole audience, not people who "+
		"noticed and did not post, and not those on other platforms.", listed(names))
}

// listed joins names as a sentence does.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
