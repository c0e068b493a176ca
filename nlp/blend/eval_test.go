package blend

import (
	"flag"
	"os"
	"slices"
	"testing"

	"outcry/nlp/segment"
)

var tell = flag.Bool("tell", false, "name what is missed in the half that may be looked at, and what fires wrongly")

const shared = "../../../shared/data/"

func lexicon(t testing.TB) *Lexicon {
	t.Helper()
	b, err := os.ReadFile("../models/segment.bin")
	if err != nil {
		t.Fatal(err)
	}
	m, err := segment.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLexicon(m, append(OwnWords(), negatives(t)...))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func negatives(t testing.TB) []Word {
	t.Helper()
	b, err := os.ReadFile("../models/negative.txt")
	if err != nil {
		t.Fatal(err)
	}
	return Negative(string(b))
}

func items(t testing.TB) []Item {
	t.Helper()
	f, err := os.Open(shared + "charmanteau/dataset.csv")
	if err != nil {
		t.Skip("Charmanteau is in ../shared/data, which is not here")
	}
	defer f.Close()
	list, err := Items(f, negatives(t))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// ordinary are the hashtags of HashSet's two files and of the World Cup's posts, each once.
func ordinary(t testing.TB) (hashset, cup []string) {
	t.Helper()
	tags := func(path string, column int, text bool) []string {
		f, err := os.Open(shared + path)
		if err != nil {
			t.Skip("hashtags are in ../shared/data, which is not here")
		}
		defer f.Close()
		list, err := Tags(f, column, text)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	hashset = append(tags("hashset/boun-celebi-et-al.csv", 0, false), tags("hashset/stan-dev-celebi-etal.csv", 0, false)...)
	slices.Sort(hashset)
	return slices.Compact(hashset), tags("worldcup2022/fifa_world_cup_2022_tweets.csv", 4, true)
}

// TestEvalBlends measures as docs/blends.md says: `go test -run Eval -v ./nlp/blend`.
func TestEvalBlends(t *testing.T) {
	l, list := lexicon(t), items(t)
	least := func(what string, got, want float64) {
		if got < want {
			t.Errorf("%s: %.4f is less than %.4f", what, got, want)
		}
	}
	for _, c := range []struct {
		name string
		keep func(Item) bool
	}{
		{"all", func(Item) bool { return true }},
		{"the half that was looked at", BuildHalf},
		{"the half that was not", func(it Item) bool { return !BuildHalf(it) }},
	} {
		s, err := Measure(l, list, c.keep, func(it Item, found []Blend) {
			if !*tell || c.name != "the half that was looked at" {
				return
			}
			if len(found) == 0 {
				t.Logf("none   %v", it)
			} else if found[0].Entity != it.Entity || !family(found[0].Word, it.Word) {
				t.Logf("wrong  %v: %.2f %s", it, found[0].Confidence, found[0].String())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("blends, Charmanteau, %s: recall@1 %.3f (at least 0.75), precision %.3f (at least 0.90), of %d; to the letter of the word %.3f, %.3f",
			c.name, s.Recall(), s.Precision(), s.Items, s.Share(s.Exact, s.Items), s.Share(s.Exact, s.Fired))
		if c.name == "all" {
			least("recall@1", s.Recall(), 0.75)
			least("precision", s.Precision(), 0.90)
		}
	}
	lists := Lists(list)
	var some [][]Entity
	for i := 0; i < len(lists); i += listSize {
		some = append(some, lists[i])
	}
	hashset, cup := ordinary(t)
	for _, c := range []struct {
		name  string
		tags  []string
		lists [][]Entity
	}{
		{"HashSet's tags, Charmanteau's lists", hashset, some},
		{"World Cup tags, Charmanteau's lists", cup, some},
		{"HashSet's tags, a World Cup list", hashset, [][]Entity{WorldCup()}},
		{"World Cup tags, a World Cup list", cup, [][]Entity{WorldCup()}},
	} {
		kinds := map[string]int{}
		fired, looked, err := FalseFires(l, c.lists, c.tags, func(tag string, b Blend) {
			kinds[b.Kind]++
			if *tell {
				t.Logf("fires  %s: %.2f %s", tag, b.Confidence, b.String())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.lists) > 1 {
			least("ordinary tags that do not fire, "+c.name, 1-float64(fired)/float64(max(looked, 1)), 0.995)
		}
		t.Logf("blends, false fire, %s: %.2f %% (at most 0.50 %%) of %d tags by %d lists %v", c.name, 100*float64(fired)/float64(max(looked, 1)), len(c.tags), len(c.lists), kinds)
	}
}
