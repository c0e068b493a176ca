package training

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"

	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/corpus"
	"outcry/nlp/feature"
	"outcry/nlp/fusion"
	"outcry/nlp/linear"
)

// post is a text to learn from.
type post struct {
	text   string
	labels []int8 // by head of the model of posts
	weight float32
	last   float64 // how much it counts where the last layers are fitted; 0 for not at all
	fold   int
	copied bool // of the text at the place like, with hashtags
	like   int
}

// Heads of the model of posts, as nlp lists them.
var heads = nlp.Heads()

func head(name string) int { return slices.Index(heads, name) }

// Of the last layers: how many parts the texts are cut into, of which each is scored by a model that has not seen it.
const folds = 5

// ownLast is how much a text that was written for us counts where the last layers are fitted, beside a post of the
// public sets. The linear model knows texts of the same writers, and would be trusted too much on others.
const ownLast = 0.15

// reviews is how many film reviews teach the Korean sentiment, and background how many of them are also texts in which
// no service fails.
const (
	reviews    = 150_000
	background = 6_000
)

// Seed of everything that is drawn.
const Seed = 20230524

// Own are labelled texts of a user, which count beside what is shipped.
type Own []corpus.Text

// gather collects all texts that may be learnt from.
func gather(dir string, own Own) ([]post, error) {
	var out []post
	for _, lang := range corpus.Langs() {
		texts, err := corpus.Own(lang)
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			out = append(out, judged(t.Text, t.Label))
		}
	}
	for _, t := range own {
		out = append(out, judged(t.Text, t.Label))
	}
	out = append(out, dressed(out)...)
	add := []func(string) ([]post, error){complaints, sentiments, films}
	for _, read := range add {
		more, err := read(dir)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	r := rand.New(rand.NewPCG(Seed, 1))
	for i := range out {
		if out[i].fold = r.IntN(folds); out[i].copied {
			out[i].fold = out[out[i].like].fold
		}
	}
	return out, nil
}

// Of what posts wear beside their words: hashtags of events, and how a post is addressed.
var (
	worn    = strings.Fields("#live #final #semifinal #worldfinal2031 #OpeningNight #townhall2030 #kickoff #thegame #debate2032 #grandprix #derby #tournoi #premiere #concert #finale #nowplaying #matchday #cup2034")
	greeted = strings.Fields("@support @help @live @team @official @care")
)

// dressed gives each text once more as people post it during an event, with hashtags and a mention, so that these weigh
// nothing. It stays in the part of its own, which outOfFold holds apart.
func dressed(posts []post) []post {
	r := rand.New(rand.NewPCG(Seed, 2))
	out := make([]post, len(posts))
	for i, p := range posts {
		text := p.text
		if r.IntN(3) == 0 {
			text = greeted[r.IntN(len(greeted))] + " " + text
		}
		for range 1 + r.IntN(4) {
			text += " " + worn[r.IntN(len(worn))]
		}
		out[i] = p
		out[i].text, out[i].copied, out[i].like = text, true, i
	}
	return out
}

func unknown() []int8 {
	labels := make([]int8, len(heads))
	for i := range labels {
		labels[i] = linear.Unknown
	}
	return labels
}

// judged is a text of which a person said all.
func judged(text string, l corpus.Label) post {
	p := post{text: text, labels: unknown(), weight: 1, last: ownLast}
	p.judge(l)
	return p
}

func (p *post) judge(l corpus.Label) {
	set := func(name string, yes bool) {
		p.labels[head(name)] = 0
		if yes {
			p.labels[head(name)] = 1
		}
	}
	set("outage", l.Outage)
	set("recovery", l.Recovery)
	if l.Voice != "" {
		set("first", l.Voice == "first")
	}
	for _, s := range reaction.SymptomNames() {
		if !l.Outage {
			break // what a symptom looks like among outages is what its head learns
		}
		bit, err := reaction.ParseSymptom(s)
		if err != nil {
			panic(err) // it is a name of its own list
		}
		set(reaction.SymptomPrefix+s, l.Symptoms&bit != 0)
	}
	if l.Mood != "" {
		set("angry", l.Mood == "angry")
		set("negative", l.Mood == "angry" || l.Mood == "negative")
		set("positive", l.Mood == "positive")
	}
}

// complaints are the texts of complaints-acl2019, with our own labels of their outages. Those without are random posts:
// hardly any tells of one.
func complaints(dir string) ([]post, error) {
	texts, err := Complaints(dir)
	if err != nil {
		return nil, err
	}
	labels, err := corpus.Complaints()
	if err != nil {
		return nil, err
	}
	out := make([]post, len(texts))
	for i, t := range texts {
		l, known := labels[i]
		out[i] = judged(t.Text, l)
		out[i].last = 1
		if !known {
			out[i].labels = unknown()
			out[i].labels[head("outage")], out[i].labels[head("recovery")] = 0, 0
		}
		out[i].labels[head("complaint")] = int8(t.Label)
	}
	return out, nil
}

// sentiments are the English and Spanish posts of xlm-t-umsab.
func sentiments(dir string) ([]post, error) {
	texts, err := Sentiments(dir, "train")
	if err != nil {
		return nil, err
	}
	out := make([]post, len(texts))
	for i, t := range texts {
		out[i] = post{text: t.Text, labels: unknown(), weight: 1, last: 1}
		out[i].labels[head("negative")], out[i].labels[head("positive")] = one(t.Label == 0), one(t.Label == 2)
		out[i].labels[head("outage")], out[i].labels[head("recovery")] = 0, 0
	}
	return out, nil
}

// films are Korean film reviews: some are praise, none tells of an outage.
func films(dir string) ([]post, error) {
	texts, err := Reviews(dir, "train")
	if err != nil {
		return nil, err
	}
	out := make([]post, 0, reviews)
	for i, t := range texts[:min(reviews, len(texts))] {
		p := post{text: t.Text, labels: unknown(), weight: 1}
		p.labels[head("negative")], p.labels[head("positive")] = one(t.Label == 0), one(t.Label == 1)
		if i < background {
			p.labels[head("outage")], p.labels[head("recovery")] = 0, 0
			if i%10 == 0 {
				p.last = ownLast
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func one(b bool) int8 {
	if b {
		return 1
	}
	return 0
}

// examples turns texts into what the linear model learns from.
func examples(posts []post) []linear.Example {
	var e feature.Extractor
	out := make([]linear.Example, len(posts))
	for i := range posts {
		out[i] = linear.Example{Features: features(&e, posts[i].text), Labels: posts[i].labels, Weight: posts[i].weight}
	}
	return out
}

// Posts trains the models that tag posts, from the data sets in dir and own texts: the bytes of nlp.HeadsFile and
// nlp.LayersFile.
func Posts(dir string, own Own) (headsFile, layersFile []byte, err error) {
	posts, err := gather(dir, own)
	if err != nil {
		return nil, nil, err
	}
	learn := examples(posts)
	o := linear.Options{Seed: Seed}
	model, err := linear.Train(heads, learn, o)
	if err != nil {
		return nil, nil, err
	}
	unseen, err := outOfFold(posts, learn, o)
	if err != nil {
		return nil, nil, err
	}
	layers, err := fitLayers(posts, unseen)
	if err != nil {
		return nil, nil, err
	}
	if layersFile, err = json.MarshalIndent(layers, "", "\t"); err != nil {
		return nil, nil, err
	}
	return model.Append(nil), append(layersFile, '\n'), nil
}

// outOfFold gathers the evidence of each text that the last layers are fitted on, by a linear model that was trained
// without its part.
func outOfFold(posts []post, learn []linear.Example, o linear.Options) ([]nlp.Evidence, error) {
	out := make([]nlp.Evidence, len(posts))
	errs := make([]error, folds)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for k := range folds {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			var part []linear.Example
			for i := range posts {
				if posts[i].fold != k || posts[i].last == 0 {
					part = append(part, learn[i])
				}
			}
			m, err := linear.Train(heads, part, o)
			if err != nil {
				errs[k] = err
				return
			}
			models, err := nlp.NewModels(m, m, blank()) // languages do not matter here
			if err != nil {
				errs[k] = err
				return
			}
			tagger := nlp.NewWith(models, nil)
			for i := range posts {
				if posts[i].fold == k && posts[i].last > 0 {
					out[i] = tagger.Evidence(&reaction.Post{Source: reaction.X, Text: posts[i].text})
				}
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("a part of the texts: %w", err)
		}
	}
	return out, nil
}

// blank are layers that weigh nothing.
func blank() map[string]*fusion.Layer {
	out := map[string]*fusion.Layer{}
	for name, inputs := range nlp.Layers() {
		out[name] = &fusion.Layer{Inputs: inputs, Weights: make([]float64, len(inputs))}
	}
	return out
}
