package blend

import (
	"encoding/csv"
	"hash/fnv"
	"io"
	"regexp"
	"slices"
)

// Item is a coined word and what it was coined from.
type Item struct{ Blend, Entity, Word string }

// Items reads rows of a blend and its two roots (as Charmanteau's dataset.csv has them) and keeps those of which
// just one root is negative: the other is the entity. The order is that of a hash of the blend.
func Items(rows io.Reader, negative []Word) ([]Item, error) {
	is := map[string]bool{}
	for _, w := range negative {
		is[w.Text] = true
	}
	r := csv.NewReader(rows)
	r.FieldsPerRecord = -1
	var out []Item
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch a, b := row[1], row[2]; {
		case is[a] && !is[b]:
			out = append(out, Item{row[0], b, a})
		case is[b] && !is[a]:
			out = append(out, Item{row[0], a, b})
		}
	}
	slices.SortFunc(out, func(a, b Item) int {
		if x, y := hash(a.Blend), hash(b.Blend); x != y {
			return int(int64(x) - int64(y))
		}
		return slices.Compare([]string{a.Blend, a.Entity}, []string{b.Blend, b.Entity})
	})
	return slices.Compact(out), nil
}

var hashtag = regexp.MustCompile(`#[\p{L}\p{N}\p{M}_]+`)

// Tags reads a column of rows, each tag once, sorted: the whole of it, or the hashtags in it as a text.
func Tags(rows io.Reader, column int, text bool) ([]string, error) {
	r := csv.NewReader(rows)
	r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = true, -1, true
	var out []string
	for {
		row, err := r.Read()
		if err == io.EOF {
			slices.Sort(out)
			return slices.Compact(out), nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case column >= len(row):
		case text:
			out = append(out, hashtag.FindAllString(row[column], -1)...)
		default:
			out = append(out, row[column])
		}
	}
}

// WorldCup is a watch-list as an event would have it, for measuring.
func WorldCup() []Entity {
	return []Entity{{Name: "Qatar"}, {Name: "Ecuador"}, {Name: "FIFA"}, {Name: "JioCinema", Aliases: []string{"Jio"}}, {Name: "VAR"}, {Name: "Infantino"},
		{Name: "Enner Valencia"}, {Name: "Jungkook"}, {Name: "BBC"}, {Name: "Fox Sports"}, {Name: "Morgan Freeman"}, {Name: "Al Bayt"}, {Name: "Messi"},
		{Name: "Ronaldo"}, {Name: "Neymar"}, {Name: "England"}, {Name: "Budweiser"}, {Name: "beIN Sports"}, {Name: "Peacock"}, {Name: "Telemundo"}}
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// BuildHalf says whether an item is of the half that may be looked at while building.
func BuildHalf(it Item) bool { return hash(it.Blend)>>8&1 == 0 }

// listSize is how many entities are watched at once.
const listSize = 20

// Lists gives, for each item, a watch-list with its entity and those of the items behind it.
func Lists(items []Item) [][]Entity {
	out := make([][]Entity, len(items))
	for i := range items {
		for j := 0; len(out[i]) < listSize && j < len(items); j++ {
			name := items[(i+j)%len(items)].Entity
			if !slices.ContainsFunc(out[i], func(e Entity) bool { return e.Name == name }) {
				out[i] = append(out[i], Entity{Name: name})
			}
		}
	}
	return out
}

// Score counts how often the first reading of an item, if any fires, names its entity and its word or a form of it
// (the list has "bore", "bored" and "boredom", which "boregasm" does not tell apart); Exact is those of the very word.
type Score struct{ Items, Fired, Right, Exact int }

// Recall is the share of items that are read rightly, and Precision that of those that fire.
func (s Score) Recall() float64 { return s.Share(s.Right, s.Items) }

// Precision is the share of what fires that is right.
func (s Score) Precision() float64 { return s.Share(s.Right, s.Fired) }

// Share is some of n, 0 of none.
func (Score) Share(some, n int) float64 { return float64(some) / float64(max(n, 1)) }

// Measure scores the items that keep wants, each against its own list. told, if not nil, hears of each.
func Measure(l *Lexicon, items []Item, keep func(Item) bool, told func(Item, []Blend)) (Score, error) {
	var s Score
	for i, list := range Lists(items) {
		it := items[i]
		if !keep(it) {
			continue
		}
		f, err := New(l, list)
		if err != nil {
			return s, err
		}
		s.Items++
		found := f.Find(it.Blend, Fires)
		if len(found) > 0 {
			s.Fired++
			if found[0].Entity == it.Entity && found[0].Word == it.Word {
				s.Exact++
			}
			if found[0].Entity == it.Entity && family(found[0].Word, it.Word) {
				s.Right++
			}
		}
		if told != nil {
			told(it, found)
		}
	}
	return s, nil
}

// FalseFires counts the tags in which a list finds anything, summed over lists. told, if not nil, hears of each.
func FalseFires(l *Lexicon, lists [][]Entity, tags []string, told func(string, Blend)) (fired, looked int, err error) {
	for _, list := range lists {
		f, err := New(l, list)
		if err != nil {
			return fired, looked, err
		}
		for _, t := range tags {
			looked++
			if found := f.Find(t, Fires); len(found) > 0 {
				fired++
				if told != nil {
					told(t, found[0])
				}
			}
		}
	}
	return fired, looked, nil
}

// family says whether two words are forms of one: they begin with the same three letters or more, which are three
// quarters of the shorter one at least.
func family(a, b string) bool {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n >= 3 && 4*n >= 3*min(len(a), len(b))
}
