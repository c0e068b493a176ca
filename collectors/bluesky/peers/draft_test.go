//go:build peers

package peers_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// What the event of the test is found by.
const (
	eventTag    = "PeersNight"
	eventPhrase = "오늘밤 생중계"
)

// clock is how times are written.
const clock = "2006-01-02T15:04:05.000Z"

// draft is a post before it is written, and what is expected of it.
type draft struct {
	text    strings.Builder
	facets  []map[string]any
	outside []string // tags beside the text
	langs   []string
	more    map[string]any // fields beside these

	tags    []string // folded, in no order
	lang    string
	matches bool
	hidden  bool // for people who are signed in alone
}

func (d *draft) facet(start int, feature map[string]any) {
	d.facets = append(d.facets, map[string]any{
		"index":    map[string]int{"byteStart": start, "byteEnd": d.text.Len()},
		"features": []any{feature},
	})
}

func (d *draft) say(format string, a ...any) { fmt.Fprintf(&d.text, format, a...) }

// tag says a hashtag, which the platform marks.
func (d *draft) tag(name string) {
	start := d.text.Len()
	d.say("#%s", name)
	d.facet(start, map[string]any{"$type": "app.bsky.richtext.facet#tag", "tag": name})
	d.expect(name)
}

func (d *draft) expect(tag string) {
	if key := strings.ToLower(tag); !slices.Contains(d.tags, key) {
		d.tags = append(d.tags, key)
	}
	d.matches = d.matches || tag == eventTag
}

func (d *draft) link(address string) {
	start := d.text.Len()
	d.say("example.org/…")
	d.facet(start, map[string]any{"$type": "app.bsky.richtext.facet#link", "uri": address})
}

func (d *draft) mention(a *account) {
	start := d.text.Len()
	d.say("@%s", a.Handle)
	d.facet(start, map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": a.DID})
}

// record is the post as it is written.
func (d *draft) record(at time.Time) map[string]any {
	r := map[string]any{"$type": posts, "text": d.text.String(), "createdAt": at.UTC().Format(clock)}
	if d.facets != nil {
		r["facets"] = d.facets
	}
	if d.langs != nil {
		r["langs"] = d.langs
	}
	if d.outside != nil {
		r["tags"] = d.outside
	}
	if d.hidden {
		r["labels"] = map[string]any{"$type": "com.atproto.label.defs#selfLabels", "values": []any{map[string]string{"val": "!no-unauthenticated"}}}
	}
	maps.Copy(r, d.more)
	return r
}

var voices = []struct {
	lang  string
	langs []string
	texts []string
}{
	{"en", []string{"en"}, []string{"the sound is gone again, %d", "what a night %d 🎉", "cannot hear anything %d 😶‍🌫️", "it works again for me %d", "\"%d\" \\ <b>&amp;</b> '); --"}},
	{"ko", []string{"ko"}, []string{"소리가 안 들려요 %d", "화면이 멈췄어요 %d 😭", "드디어 시작하네요 %d 👏🏽", "%d번째 다시 접속합니다"}},
	{"ko", nil, []string{"언어를 적지 않은 글 %d", "또 끊겼다 %d"}},
	{"pt", []string{"pt-BR", "en"}, []string{"sem som outra vez %d", "que noite %d"}},
	{"en", []string{"en"}, []string{"👩‍👩‍👧‍👦🔥🇰🇷 %d", "🤷🏾‍♀️ %d 🏳️‍🌈"}},
}

// compose drafts a post of any kind: n makes its text its own.
func compose(r *rand.Rand, n int, everyone []*account) *draft {
	d := &draft{more: map[string]any{}}
	form, v := r.IntN(12), voices[r.IntN(len(voices))]
	if form == 0 || form == 4 {
		v = voices[1]
	}
	d.langs, d.lang = v.langs, v.lang
	d.say(v.texts[r.IntN(len(v.texts))], n)
	d.hidden = r.IntN(25) == 0
	switch form {
	case 0: // found by its words alone
		d.say(" %s", eventPhrase)
		d.matches = true
	case 1: // a hashtag that nobody marked
		d.say(" #%s", eventTag)
		d.expect(eventTag)
		return d
	case 2: // a mark beyond the end of the text, beside a sound one
		d.facets = append(d.facets, map[string]any{"index": map[string]int{"byteStart": 3, "byteEnd": 5000},
			"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#tag", "tag": "beyond"}}})
		d.say(" ")
		d.tag(eventTag)
	case 3: // a tag beside the text
		d.say(" ")
		d.link(fmt.Sprintf("https://example.org/%d?a=1&b=%%20", n))
		d.outside = []string{eventTag, "곁에"}
		d.expect(eventTag)
		d.expect("곁에")
	case 4: // long
		d.say(" ")
		d.tag(eventTag)
		d.say("%s", strings.Repeat("👩‍👩‍👧‍👦가", 80))
	case 5: // of something else
		d.say(" ")
		d.tag("elsewhere")
	default:
		d.say(" ")
		d.tag(eventTag)
	}
	for range r.IntN(3) {
		d.say(" ")
		switch r.IntN(3) {
		case 0:
			d.tag([]string{"NoSound", "생중계", "Café2026", "GoalGoal"}[r.IntN(4)])
		case 1:
			d.mention(everyone[r.IntN(len(everyone))])
		case 2:
			d.link(fmt.Sprintf("https://example.org/a/%d", n))
		}
	}
	return d
}

// answer makes the draft an answer to a post, or one that passes it on with words of its own.
func (d *draft) answer(r *rand.Rand, to *post) (reaction.Kind, string) {
	ref := map[string]string{"uri": to.uri, "cid": to.cid}
	switch r.IntN(10) {
	case 0, 1:
		d.more["reply"] = map[string]any{"root": ref, "parent": ref}
		return reaction.Reply, ""
	case 2:
		d.more["embed"] = map[string]any{"$type": "app.bsky.embed.record", "record": ref}
		return reaction.Quote, to.uri
	case 3:
		d.more["embed"] = map[string]any{"$type": "app.bsky.embed.recordWithMedia", "record": map[string]any{"$type": "app.bsky.embed.record", "record": ref},
			"media": map[string]any{"$type": "app.bsky.embed.external", "external": map[string]string{"uri": "https://example.org/", "title": "A page", "description": ""}}}
		return reaction.Quote, to.uri
	}
	return reaction.Original, ""
}
