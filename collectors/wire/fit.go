package wire

import (
	"fmt"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// Tidy makes a post fit to travel: whole microseconds, valid UTF-8, names of a bounded length,
// languages and addresses that can be some.
func Tidy(p *reaction.Post) {
	p.At, p.Received = stamp(p.At), stamp(p.Received)
	text := Clean(p.Text)
	if text != p.Text {
		p.Text, p.Facets = text, nil // offsets no longer fit
	}
	p.ID, p.Repeats = Clean(p.ID), Clean(p.Repeats)
	p.Author.ID, p.Author.Handle = Short(p.Author.ID), Short(strings.TrimPrefix(p.Author.Handle, "@"))
	p.Passed.ID, p.Passed.Handle = Short(p.Passed.ID), Short(strings.TrimPrefix(p.Passed.Handle, "@"))
	p.Lang, p.URL = Language(p.Lang), Link(p.URL)
}

// Unfit is why a tidy post cannot be carried and kept, "" where it can. Marks that cannot are left
// out: its text says the same. It does not look at the post's time, and takes a post without an id
// for one that gets its id later.
func Unfit(p *reaction.Post) (reason, detail string) {
	switch {
	case strings.TrimSpace(p.Text) == "":
		return ReasonNoText, ""
	case len(p.Text) > reaction.MaxTextBytes:
		return ReasonTooLarge, fmt.Sprintf("the text has %d bytes, more than %d", len(p.Text), reaction.MaxTextBytes)
	case len(p.ID) > reaction.MaxIDBytes || len(p.Repeats) > reaction.MaxIDBytes:
		return ReasonTooLarge, longID
	}
	probe := *p
	if probe.ID == "" {
		probe.ID = "made later"
	}
	probe.At = time.Unix(0, 0) // whether the time can be is another question
	r := reaction.Record{At: probe.At, Post: &probe}
	if r.Check() == nil {
		return "", ""
	}
	p.Facets, probe.Facets = nil, nil
	if bad := r.Check(); bad != nil {
		return ReasonTooLarge, bad.String()
	}
	return "", ""
}

// TidyDelete makes a deletion fit to travel.
func TidyDelete(d *reaction.Delete) {
	d.At = stamp(d.At)
	d.ID, d.Author.ID, d.Author.Handle = Clean(d.ID), Short(d.Author.ID), Short(d.Author.Handle)
}

// UnfitDelete is why a tidy deletion cannot be carried, "" where it can.
func UnfitDelete(d *reaction.Delete) (reason, detail string) {
	switch {
	case d.ID == "" && d.Author.ID == "":
		return ReasonNoID, "a deletion without an id"
	case len(d.ID) > reaction.MaxIDBytes:
		return ReasonTooLarge, longID
	}
	return "", ""
}

var longID = fmt.Sprintf("an id is longer than %d bytes", reaction.MaxIDBytes)
