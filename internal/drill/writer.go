package drill

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// writer turns a phrase into a post's text.
type writer struct {
	r     *rand.Rand
	story *story
	words map[string]voice

	buf   strings.Builder
	kept  []stretch // stretches of buf that no typo may touch
	named bool      // a term of the event is in buf
}

type stretch struct{ from, to int }

// subject is what a text is to be about.
type subject struct {
	topic   topic
	lang    string
	symptom string        // of trouble
	at      time.Duration // since the planned start
}

// write makes a text with a mention, "@name " or nothing, in front of it. Named says that the
// mention already names the event; a text that does not gets a tag behind it.
func (w *writer) write(s subject, mention string, named bool) string {
	w.buf.Reset()
	w.kept = w.kept[:0]
	w.named = named
	book := books[s.lang]
	w.expand(one(w.r, book.of(s.topic, s.symptom)), &s)
	text := strings.Join(strings.Fields(w.typo(w.buf.String(), s.lang)), " ")
	text = strings.ReplaceAll(text, " ,", ",")
	text = w.restyle(text, &s)
	if s.topic != news && chance(w.r, 0.28) {
		signs := book.happy
		if s.topic.complaint() || s.topic == joke || s.topic == coined || s.topic == elsewhere {
			signs = book.upset
		}
		text += " " + one(w.r, signs)
	}
	if tag := one(w.r, w.words[s.lang].tag); !w.named || chance(w.r, 0.12) && !strings.Contains(strings.ToLower(text), strings.ToLower(tag)) {
		text += " " + tag
	}
	return mention + text
}

// expand writes a phrase to buf, choosing one of each [a|b] and filling in each {name}.
func (w *writer) expand(phrase string, s *subject) {
	for phrase != "" {
		i := strings.IndexAny(phrase, "[{")
		if i < 0 {
			w.buf.WriteString(phrase)
			return
		}
		w.buf.WriteString(phrase[:i])
		if phrase[i] == '{' {
			end := i + strings.IndexByte(phrase[i:], '}')
			w.fill(phrase[i+1:end], s)
			phrase = phrase[end+1:]
			continue
		}
		options, rest := choices(phrase[i:])
		w.expand(one(w.r, options), s)
		phrase = rest
	}
}

// choices splits "[a|b[c|d]]rest" into "a", "b[c|d]" and the rest.
func choices(s string) (options []string, rest string) {
	depth, from := 0, 1
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case '|':
			if depth == 1 {
				options = append(options, s[from:i])
				from = i + 1
			}
		case ']':
			if depth--; depth == 0 {
				return append(options, s[from:i]), s[i+1:]
			}
		}
	}
	return []string{s}, "" // a test refuses phrases with an open bracket
}

func (w *writer) fill(name string, s *subject) {
	v, book := w.words[s.lang], books[s.lang]
	from := w.buf.Len()
	switch name {
	case "who":
		w.name(v.who)
	case "service":
		w.name(v.service)
	case "tag":
		w.name(v.tag)
	case "event":
		w.buf.WriteString(one(w.r, v.event))
	case "coin":
		w.buf.WriteString(w.coin(v.coin, s.at))
	case "other":
		w.buf.WriteString(one(w.r, v.other))
	case "min":
		w.buf.WriteString(strconv.Itoa(w.minutes(s.at)))
	case "url":
		w.buf.WriteString(w.url())
	case "dev":
		w.buf.WriteString(one(w.r, book.dev))
	case "food":
		w.buf.WriteString(one(w.r, book.food))
	case "place":
		w.buf.WriteString(one(w.r, book.place))
	}
	w.kept = append(w.kept, stretch{from, w.buf.Len()})
}

// name writes one of the event's names.
func (w *writer) name(list []string) {
	w.buf.WriteString(one(w.r, list))
	w.named = true
}

// coin picks a coined tag that is in use by now; the first one always is, because the plan has no
// posts with it before.
func (w *writer) coin(list []string, at time.Duration) string {
	if len(list) > 1 && at >= w.story.coined[1] && chance(w.r, 0.6) {
		return list[1]
	}
	if chance(w.r, 0.15) {
		return strings.ToLower(list[0])
	}
	return list[0]
}

// minutes is how long people have waited by now, or had waited when the programme began.
func (w *writer) minutes(at time.Duration) int {
	if w.story.opens > 0 {
		at = min(at, w.story.opens)
	}
	return max(2, int(at/time.Minute))
}

func (w *writer) url() string {
	host := "https://example.org/"
	if chance(w.r, 0.4) {
		host = "https://news.example.com/a/"
	}
	return host + strconv.FormatUint(w.r.Uint64()>>28, 36)
}

// typo swaps, drops or doubles one letter of a Latin text now and then, outside the names.
func (w *writer) typo(text, lang string) string {
	if lang == korean || lang == japanese || !chance(w.r, 0.1) {
		return text
	}
	lower := func(i int) bool { return text[i] >= 'a' && text[i] <= 'z' }
	for range 8 {
		i := w.r.IntN(len(text))
		if i+1 >= len(text) || !lower(i) || !lower(i+1) || w.keeps(i) || w.keeps(i+1) {
			continue
		}
		switch w.r.IntN(3) {
		case 0:
			return text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]
		case 1:
			return text[:i] + text[i+1:]
		}
		return text[:i] + text[i:i+1] + text[i:]
	}
	return text
}

func (w *writer) keeps(i int) bool {
	for _, k := range w.kept {
		if i >= k.from && i < k.to {
			return true
		}
	}
	return false
}

// restyle gives a text a careless or a loud writer, or a new line in it. Addresses stay as they
// are.
func (w *writer) restyle(text string, s *subject) string {
	if strings.Contains(text, "://") {
		return text
	}
	switch u := w.r.Float64(); {
	case u < 0.3 && s.lang == english:
		return strings.ToLower(text)
	case u < 0.35 && s.lang != korean && s.lang != japanese && (s.topic == trouble || s.topic == applause):
		return strings.ToUpper(text)
	case u > 0.97 && utf8.RuneCountInString(text) > 40:
		if i := strings.Index(text, ", "); i > 0 {
			return text[:i+1] + "\n" + text[i+2:]
		}
	}
	return text
}
