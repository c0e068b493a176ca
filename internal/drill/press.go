package drill

import (
	"fmt"
	"math/rand/v2"
	"time"

	"outcry/internal/reaction"
)

// press makes posts: who writes, where, in which language, what, and what becomes of it.
type press struct {
	d      *Drill
	r      *rand.Rand
	writer *writer
	people *people
	serial int                          // of posts, for their ids
	recent map[reaction.Source][]string // ids that a quote may be of
	slips  map[string]*slip             // the text being copied now, by language
}

// original is a post that may be passed on or deleted later. Its post is never handed out, so
// that nobody else can change it.
type original struct {
	post  reaction.Post
	label Label
	gone  time.Time // when it is deleted; zero for never
}

func (o *original) deleted(at time.Time) bool { return !o.gone.IsZero() && !at.Before(o.gone) }

// slip is a text that goes around as copies.
type slip struct {
	text  string
	label Label
	until time.Time
}

func newPress(d *Drill) *press {
	r := newRand(d.opts.Seed, streamPosts)
	share := map[reaction.Source]float64{}
	for _, s := range d.script.sources {
		share[s.source] = s.share
	}
	return &press{
		d: d, r: r,
		writer: &writer{r: r, story: &d.plan.story, words: d.script.words},
		people: &people{key: d.key, posts: d.script.posts * d.opts.Scale * (1 - d.opts.Reposts), share: share, ko: d.opts.Korean},
		recent: map[reaction.Source][]string{},
		slips:  map[string]*slip{},
	}
}

// print makes a new post on a topic.
func (p *press) print(t topic, at time.Time) item {
	lang := pick(p.r, languages, func(l string) float64 { return languageShare(l, p.d.opts.Korean) })
	source := pick(p.r, p.d.script.sources, func(s sourceShare) float64 { return s.share }).source
	o := &original{
		post:  reaction.Post{Source: source, ID: p.id(), At: at, Received: p.received(source, at), Lang: p.told(source, lang)},
		label: Label{Source: source, At: at, Lang: lang, Topic: t.String(), Complaint: t.complaint(), FirstHand: t.firstHand()},
	}
	if t == trouble {
		o.label.Symptom = p.symptom(at)
	}
	o.post.Author = p.people.author(p.r, source, lang)
	if chance(p.r, p.d.opts.Copies) && p.copy(o, lang) {
		o.post.Author = p.people.copier(p.r, source)
	} else {
		p.compose(o, t, lang)
	}
	if source == reaction.Bluesky {
		o.post.Facets = facets(o.post.Text)
	}
	if chance(p.r, p.d.opts.Deletes) {
		o.gone = at.Add(20*time.Second + seconds(lognormal(p.r, 330, 1)))
	}
	o.label.ID, o.label.Kind = o.post.ID, o.post.Kind
	p.remember(source, o.post.ID)
	return o.item()
}

// item is a record of o that its reader may change.
func (o *original) item() item {
	post, label := o.post, o.label
	return item{record: reaction.Record{At: post.At, Post: &post}, label: &label, post: o}
}

// copy gives o the text that goes round in its language, if one does.
func (p *press) copy(o *original, lang string) bool {
	s := p.slips[lang]
	if s == nil || !o.post.At.Before(s.until) {
		delete(p.slips, lang)
		return false
	}
	o.post.Text = s.text
	if chance(p.r, 0.25) { // copiers vary a little, to look like different people
		o.post.Text += " " + one(p.r, []string{"!", "👀", ".", "📢", "1", "RT!"})
	}
	o.label.Topic, o.label.Complaint, o.label.Symptom = s.label.Topic, s.label.Complaint, s.label.Symptom
	o.label.Copy, o.label.FirstHand = true, false
	return true
}

// compose writes o's own text. Where no text goes round in the language, copiers take up this one.
func (p *press) compose(o *original, t topic, lang string) {
	var mention string
	var named bool
	if t != news {
		mention, named = p.address(o)
	}
	o.post.Text = p.writer.write(subject{t, lang, o.label.Symptom, p.since(o.post.At)}, mention, named)
	if p.slips[lang] == nil && p.d.opts.Copies > 0 {
		p.slips[lang] = &slip{o.post.Text, o.label, o.post.At.Add(seconds(90 + 300*p.r.Float64()))}
	}
}

// address decides whether o answers or quotes somebody, and returns the mention it begins with.
func (p *press) address(o *original) (mention string, named bool) {
	source := o.post.Source
	switch u := p.r.Float64(); {
	case u < 0.25:
		o.post.Kind = reaction.Reply
		if source == reaction.Bluesky { // has replies without mentions
			return "", false
		}
		if chance(p.r, 0.4) {
			return "@" + p.d.script.account + " ", true
		}
		return "@" + p.people.author(p.r, source, english).Handle + " ", false
	case u < 0.33 && source != reaction.Mastodon && len(p.recent[source]) > 0:
		o.post.Kind = reaction.Quote
		o.post.Repeats = one(p.r, p.recent[source])
	}
	return "", false
}

// symptom is what the fault that people react to at the time feels like: the one of some lag ago,
// or the last one before.
func (p *press) symptom(at time.Time) string {
	noticed := p.since(at) - seconds(p.d.plan.lag.MedianSeconds*(0.5+p.r.Float64()))
	kind := p.d.plan.story.faults[0].kind
	for _, f := range p.d.plan.story.faults {
		if f.from <= noticed {
			kind = f.kind
		}
	}
	return pick(p.r, kind.symptoms, func(s symptomRate) float64 { return s.share }).symptom
}

func (p *press) since(at time.Time) time.Duration { return at.Sub(p.d.opts.Start) }

func (p *press) id() string {
	p.serial++
	return fmt.Sprintf("drill-%s-%06d", p.d.key, p.serial)
}

// remember keeps the last few ids of a source.
func (p *press) remember(source reaction.Source, id string) {
	const most = 60
	if list := p.recent[source]; len(list) == most {
		list[p.r.IntN(most)] = id
		return
	}
	p.recent[source] = append(p.recent[source], id)
}

func seconds(s float64) time.Duration { return time.Duration(s*1e6) * time.Microsecond }
