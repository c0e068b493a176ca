package trend

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"outcry/internal/reaction"
)

// smallNumber is below how many posts a share is told as "2 of 3" and not in per cent.
const smallNumber = 20

// mostNamed is how many services or blind sources a sentence names; the rest it counts.
const mostNamed = 2

// symptomShare is the part of the complaints that a symptom must have to be named.
const symptomShare = 0.3

// topSymptom is the symptom that a sentence names, "" for none.
func (v *scene) topSymptom() string {
	if len(v.Symptoms) == 0 {
		return ""
	}
	if s := v.Symptoms[0]; s.Posts >= 2 && float64(s.Posts) >= symptomShare*float64(v.now.Complaints) {
		return s.Symptom
	}
	return ""
}

var symptomsEN = map[string]string{
	"join": "not getting in", "audio": "no sound", "video": "no picture", "buffering": "buffering", "crash": "crashes",
	"login": "not being able to sign in", "payment": "failed payments", "delay": "a late start", "quality": "poor quality",
}

// english writes the sentence, after words that say what kind of event it is.
func (v *scene) english() string {
	var before []string
	switch {
	case v.Simulated:
		before = append(before, "Simulated.")
	case v.Recorded:
		before = append(before, "Recorded.")
	}
	switch v.State {
	case StatePostponed:
		before = append(before, "Postponed.")
	case StateCancelled:
		before = append(before, "Cancelled.")
	}
	var parts []string
	parts = append(parts, v.planEN()...)
	parts = append(parts, v.peopleEN()...)
	parts = append(parts, v.servicesEN()...)
	parts = append(parts, v.blindEN()...)
	if len(parts) == 0 {
		return strings.Join(before, " ")
	}
	return strings.Join(append(before, upperFirst(strings.Join(parts, "; "))+"."), " ")
}

func (v *scene) planEN() []string {
	e := v.g.Event
	switch {
	case v.State == StatePostponed || v.State == StateCancelled:
		return nil
	case v.ended() && !e.Endless() && !v.at().Before(e.EndsAt):
		return []string{"the planned end has passed"}
	case v.ended():
		return []string{"it has ended"}
	case !v.begun():
		return []string{"it is due to begin at " + v.timeEN(e.StartsAt)}
	}
	return nil
}

func (v *scene) lately() string {
	if v.Moving {
		return "in the last 5 minutes"
	}
	return "in the 5 minutes to " + v.g.To.UTC().Format("15:04 UTC on 2 January 2006")
}

// ofPosts names the posts of the window; where a source is blind, it says that they are those
// heard.
func (v *scene) postsEN() string {
	if v.missing() {
		return "posts heard " + v.lately()
	}
	return "posts " + v.lately()
}

func (v *scene) peopleEN() []string {
	own, n := v.now.own(), v.now.Complaints
	switch {
	case len(v.g.Heard) == 0:
		return []string{"no posts have been heard yet"}
	case v.heard == 0:
		return nil // blindEN says so
	case own == 0 && v.now.Posts == 0:
		return []string{"no posts were heard " + v.lately()}
	case own == 0:
		return []string{"only reposts were heard " + v.lately()}
	case v.State == StateRecovering:
		return v.fallingEN()
	case v.many:
		s := fmt.Sprintf("%s of %s complain", percent(v.now.share()), v.postsEN())
		if own < smallNumber {
			s = fmt.Sprintf("%d of %d %s complain", n, own, v.postsEN())
		}
		if x := symptomsEN[v.topSymptom()]; x != "" {
			s += ", most often of " + x
		}
		if v.usual != nil && own >= smallNumber {
			s += fmt.Sprintf(" (usually %s)", percent(*v.usual))
		}
		return []string{s}
	case n == 0 && own == 1:
		return []string{"the one post heard " + v.lately() + " does not complain"}
	case n == 0:
		return []string{fmt.Sprintf("none of the %s %s complains", grouped(own), v.postsEN())}
	case own == 1:
		return []string{"the one post heard " + v.lately() + " complains"}
	}
	verb := "complain"
	if n == 1 {
		verb = "complains"
	}
	return []string{fmt.Sprintf("%s of %s %s %s", grouped(n), grouped(own), v.postsEN(), verb)}
}

func (v *scene) fallingEN() []string {
	s := fmt.Sprintf("complaints have fallen from %s in five minutes to %s", grouped(v.most.Complaints), grouped(v.now.Complaints))
	if v.now.own() >= smallNumber && v.most.own() >= smallNumber {
		s = fmt.Sprintf("complaints have fallen from %s to %s of posts", percent(v.most.share()), percent(v.now.share()))
	}
	if !v.Moving {
		s += " " + v.lately()
	}
	out := []string{s}
	if r := v.now.Recovery; r >= 2 {
		out = append(out, grouped(r)+" posts say that it works again")
	}
	return out
}

func (v *scene) servicesEN() []string {
	var out []string
	for _, s := range v.bad[:min(len(v.bad), mostNamed)] {
		is := "has been down"
		if s.State != "down" {
			is = "has worked only partly"
		}
		out = append(out, nameText(s.Service)+" "+is+" for "+v.spanEN(&s))
	}
	if more := len(v.bad) - mostNamed; more > 0 {
		out = append(out, plural(more, "one more service is in trouble too", "%d more services are in trouble too"))
	}
	if len(v.bad) > 0 {
		return out
	}
	for _, s := range v.mended[:min(len(v.mended), mostNamed)] {
		out = append(out, nameText(s.Service)+" has been up again for "+v.spanEN(&s))
	}
	switch up := v.up; {
	case len(v.mended) > 0 || len(up) == 0:
	case v.looksUp() && len(up) == 1:
		out = append(out, "yet "+nameText(up[0].Service)+" looks up")
	case v.looksUp():
		out = append(out, "yet its services look up")
	case len(up) > 1 && len(v.lost) == 0:
		out = append(out, "its services are up")
	default:
		out = append(out, nameText(up[0].Service)+" is up")
	}
	switch n := len(v.lost); {
	case n == 1:
		out = append(out, "how "+nameText(v.lost[0].Service)+" is doing is not known")
	case n > 1 && len(v.up) == 0:
		out = append(out, "how its services are doing is not known")
	case n > 1:
		out = append(out, fmt.Sprintf("how its %d other services are doing is not known", n))
	}
	return out
}

func (v *scene) blindEN() []string {
	if v.heard == 0 && len(v.Blind) > 0 {
		since := v.lastHeard()
		switch why := v.commonWhy(); {
		case since.IsZero() && why == reaction.CoverageCapped:
			return []string{"posts have been left out from the beginning, to keep to the spending limit"}
		case since.IsZero():
			return []string{"nothing has been heard yet"}
		case why == reaction.CoverageCapped:
			return []string{"posts have been left out since " + v.timeEN(since) + ", to keep to the spending limit"}
		case why == reaction.CoverageLate:
			return []string{"what was said after " + v.timeEN(since) + " is still to be heard"}
		default:
			return []string{"nothing has been heard since " + v.timeEN(since)}
		}
	}
	var out []string
	for _, b := range v.Blind[:min(len(v.Blind), mostNamed)] {
		out = append(out, v.oneBlindEN(&b))
	}
	if more := len(v.Blind) - mostNamed; more > 0 {
		if slices.ContainsFunc(v.Blind, func(b Blind) bool { return b.Partly || b.Why != reaction.CoverageGap }) {
			out = append(out, plural(more, "one more source is not wholly heard", "%d more sources are not wholly heard"))
		} else {
			out = append(out, plural(more, "nor has one more source", "nor have %d more sources"))
		}
	}
	return out
}

func (v *scene) oneBlindEN(b *Blind) string {
	name := label(b.Source)
	when := " from the beginning"
	if b.Since != nil {
		when = " since " + v.timeEN(*b.Since)
	}
	switch {
	case b.Partly && b.Why == reaction.CoverageCapped:
		return name + " has been left out in part" + when + ", to keep to the spending limit"
	case b.Partly:
		return name + " has been heard only in part" + when
	case b.Why == reaction.CoverageCapped:
		return name + " has been left out" + when + ", to keep to the spending limit"
	case b.Since == nil:
		return name + " has not been heard yet"
	case b.Why == reaction.CoverageLate:
		return name + " is behind: what was said there after " + v.timeEN(*b.Since) + " is still to be heard"
	}
	return name + " has not been heard" + when
}

// missing reports whether the posts of the window are fewer than there were, as far as is known.
func (v *scene) missing() bool {
	return v.heard < len(v.g.Heard) || slices.ContainsFunc(v.Blind, func(b Blind) bool { return b.Partly })
}

// commonWhy is why nothing is heard where it is the same for all sources, "" where it is not.
func (v *scene) commonWhy() reaction.CoverageState {
	why := v.Blind[0].Why
	for _, b := range v.Blind {
		if b.Why != why {
			return ""
		}
	}
	return why
}

// lastHeard is when the last of the blind sources was heard.
func (v *scene) lastHeard() (t time.Time) {
	for _, b := range v.Blind {
		if b.Since != nil && b.Since.After(t) {
			t = *b.Since
		}
	}
	return t
}

// timeEN writes a time, with its day where that is not the day that is spoken of.
func (v *scene) timeEN(t time.Time) string {
	t = t.UTC()
	if at := v.at().UTC(); t.YearDay() == at.YearDay() && t.Year() == at.Year() {
		return t.Format("15:04 UTC")
	}
	return t.Format("15:04 UTC on 2 January 2006")
}

func (v *scene) spanEN(s *ServiceState) string {
	d := v.g.serviceTime().Sub(*s.Since)
	switch h, m := int(d/time.Hour), int(d%time.Hour/time.Minute); {
	case s.further:
		return fmt.Sprintf("more than %d hours", SummaryServices/time.Hour)
	case d < time.Minute:
		return "less than a minute"
	case h == 0:
		return plural(m, "a minute", "%d minutes")
	case m == 0:
		return plural(h, "an hour", "%d hours")
	default:
		return plural(h, "an hour", "%d hours") + " and " + plural(m, "a minute", "%d minutes")
	}
}

const (
	lessThanOne = "less than 1%"
	almostAll   = "over 99%"
)

// percent writes a share so that something is never told as nothing, nor most as all.
func percent(x float64) string {
	p := math.Round(100 * x)
	switch {
	case x > 0 && p == 0:
		return lessThanOne
	case x < 1 && p == 100:
		return almostAll
	}
	return fmt.Sprintf("%.0f%%", p)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const maxName = 60

// nameText makes a service's name fit for a sentence: printed, on one line, in one direction, and
// not too long. Combining marks beyond a few are no name.
func nameText(s string) string {
	var b strings.Builder
	runes, marks := 0, 0
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > 2 {
				continue
			}
		} else {
			marks = 0
		}
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		if runes++; runes > maxName {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
