package reaction

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Symptoms is a set of what people say is wrong.
type Symptoms uint16

// The symptoms. Several may hold at once.
const (
	CannotJoin Symptoms = 1 << iota
	NoAudio
	NoVideo
	Buffering
	Crash
	Login
	Payment
	Delay // late, or never started
	Quality
)

var symptomNames = [...]string{"join", "audio", "video", "buffering", "crash", "login", "payment", "delay", "quality"}

// SymptomNames lists every symptom's name, in the order of their bits.
func SymptomNames() []string { return append([]string(nil), symptomNames[:]...) }

// ParseSymptom reads one symptom's name.
func ParseSymptom(s string) (Symptoms, error) {
	for i, n := range symptomNames {
		if n == s {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("symptom %q is none of %s", s, strings.Join(symptomNames[:], ", "))
}

// Names lists the symptoms in the set.
func (s Symptoms) Names() []string {
	names := make([]string, 0, bits.OnesCount16(uint16(s)))
	for i, n := range symptomNames {
		if s&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// Hashtag is a tag in a post.
type Hashtag struct {
	Text string `json:"text"` // as written, without the sign
	Key  string `json:"key"`  // folded: the form in which uses are counted together
}

// Reason is one piece of what made a tag, in a form a reader can check against the text.
type Reason struct {
	Tag   string `json:"tag"`   // what it speaks for: "complaint", "symptom:audio", "recovery", ...
	Match string `json:"match"` // the words found
	Start int    `json:"start"` // first byte of the words in the post's text
	End   int    `json:"end"`   // one past the last byte
	Rule  string `json:"rule"`  // which rule found them; "model" for what was learnt

	// Weight is what they added to the log-odds of the tag; 0 where the rule has no weight.
	Weight float32 `json:"weight,omitempty"`
}

// Tags is what a tagger says of a post.
type Tags struct {
	Version     int       `json:"version"` // of the tagger
	Lang        string    `json:"lang"`    // BCP 47; "und" where unknown
	Hashtags    []Hashtag `json:"hashtags"`
	Mentions    []string  `json:"mentions"`           // without '@'
	URLs        []string  `json:"urls"`               //
	Cashtags    []string  `json:"cashtags,omitempty"` // without '$'
	Emoji       []string  `json:"emoji,omitempty"`    // each once, as written
	Complaint   float32   `json:"complaint"`          // 0 to 1: how surely this complains of an outage
	IsComplaint bool      `json:"is_complaint"`       // Complaint is past the tagger's threshold
	FirstHand   bool      `json:"first_hand"`         // it speaks of the writer's own trouble
	Recovery    bool      `json:"recovery"`           // it says that things work again
	Symptoms    Symptoms  `json:"-"`                  //
	Sentiment   float32   `json:"sentiment"`          // -1 to 1; 0 where unknown
	Anger       float32   `json:"anger"`              // 0 to 1: how surely the writer is angry
	Blamed      string    `json:"blamed,omitempty"`
	Services    []string  `json:"services,omitempty"` // that are named, at most MaxNamed
	Accused     []string  `json:"-"`                  // of these, those named where Blamed is: events may call one service differently
	Fingerprint uint64    `json:"-"`                  // near-equal for near-copies; 0 where not made
	Reasons     []Reason  `json:"reasons"`
}

// MaxNamed bounds how many services one post is counted for: a list of names is about none of them.
const MaxNamed = 8

// Labels are what rollups count posts under. A label is a word, or a kind and a word.
const (
	LabelPosts     = "posts" // every post of the event, reposts included
	LabelReposts   = "reposts"
	LabelComplaint = "complaints"
	LabelFirstHand = "first_hand"
	LabelRecovery  = "recovery"
	LabelElsewhere = "elsewhere" // complaints of a service that the event does not follow
	LabelRetimed   = "retimed"   // the claimed time was replaced by the server's
	SymptomPrefix  = "symptom:"
	TagPrefix      = "tag:"
	// Of a service that the event follows: posts that name it, and complaints about it, which are
	// among them. Not reposts.
	ServicePrefix   = "service:"
	ComplaintPrefix = "complaint:"
)

// Labels lists what a post of kind k with these tags is counted under in an event that follows these services, LabelPosts
// first. Reposts repeat another's words and count only as posts and reposts. A complaint of a service that the event does
// not follow is not one of the event's, where it follows any: a neighbour's outage is no evidence of ours.
func (t *Tags) Labels(k Kind, retimed bool, followed map[string]bool) []string {
	out := append(make([]string, 0, 6), LabelPosts)
	if retimed {
		out = append(out, LabelRetimed)
	}
	if k == Repost {
		return append(out, LabelReposts)
	}
	switch {
	case t.IsComplaint && t.elsewhere(followed):
		out = append(out, LabelElsewhere)
	case t.IsComplaint:
		out = append(out, LabelComplaint)
		if t.FirstHand {
			out = append(out, LabelFirstHand)
		}
		for i, n := range symptomNames {
			if t.Symptoms&(1<<i) != 0 {
				out = append(out, SymptomPrefix+n)
			}
		}
	}
	if t.Recovery {
		out = append(out, LabelRecovery)
	}
	return out
}

// elsewhere reports whether a complaint is of services of which none is followed, where some are.
func (t *Tags) elsewhere(followed map[string]bool) bool {
	if len(followed) == 0 || len(t.Accused) == 0 {
		return false
	}
	for _, name := range t.Accused {
		if followed[name] {
			return false
		}
	}
	return true
}

// ServiceLabels lists what a post of kind k with these tags is counted under besides, in an event that
// follows these services.
func (t *Tags) ServiceLabels(k Kind, followed map[string]bool) (out []string) {
	if k == Repost {
		return nil
	}
	for _, name := range t.Services {
		if !followed[name] {
			continue
		}
		if out = append(out, ServicePrefix+name); t.IsComplaint && slices.Contains(t.Accused, name) {
			out = append(out, ComplaintPrefix+name)
		}
	}
	return out
}

// ServiceCount is how many posts of a stretch of time named a service, and how many of them complained
// of it.
type ServiceCount struct {
	Service    string
	Posts      int64
	Complaints int64
}
