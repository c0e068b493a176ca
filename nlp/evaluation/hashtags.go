package evaluation

import (
	"os"
	"path/filepath"
	"slices"

	"outcry/nlp"
	"outcry/nlp/blend"
	"outcry/nlp/segment"
	"outcry/nlp/training"
)

// Files of ordinary hashtags.
const (
	boun = "boun-celebi-et-al.csv"
	stan = "stan-dev-celebi-etal.csv"
)

// segmentation measures how many hashtags are read wholly right.
func segmentation(d *Data) ([]Row, error) {
	var rows []Row
	for _, c := range []struct {
		file, what, compare string
		half                segment.Half
		floor               float64
	}{
		{boun, "exact, BOUN", "hashformers 0.837", segment.Both, 0.84},
		{boun, "exact, BOUN, the half nobody looked at", "", segment.Kept, 0},
		{stan, "exact, STAN-dev", "hashformers 0.805", segment.Both, 0.81},
		{stan, "exact, STAN-dev, the half nobody looked at", "", segment.Kept, 0},
	} {
		f, err := os.Open(filepath.Join(d.Dir, "hashset", c.file))
		if err != nil {
			return nil, err
		}
		right, n, err := nlp.Segmenter().Exact(f, c.half, nil)
		if err := f.Close(); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{What: c.what, Value: float64(right) / float64(n), Floor: c.floor, N: n, Compare: c.compare})
	}
	return rows, nil
}

// blends measures how coined words are taken apart, and how often ordinary hashtags are taken for coined.
func blends(d *Data) ([]Row, error) {
	raw, err := training.Negative(d.Dir)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(d.Dir, "charmanteau", "dataset.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	items, err := blend.Items(f, blend.Negative(string(raw)))
	if err != nil {
		return nil, err
	}
	all, err := blend.Measure(nlp.BlendWords(), items, func(blend.Item) bool { return true }, nil)
	if err != nil {
		return nil, err
	}
	kept, err := blend.Measure(nlp.BlendWords(), items, func(i blend.Item) bool { return !blend.BuildHalf(i) }, nil)
	if err != nil {
		return nil, err
	}
	rows := []Row{
		{What: "recall@1, Charmanteau", Value: all.Recall(), Floor: 0.75, N: all.Items, Compare: "simple rule 0.740"},
		{What: "precision", Value: all.Precision(), Floor: 0.90, N: all.Fired, Compare: "simple rule 0.887"},
		{What: "recall@1, the half nobody looked at", Value: kept.Recall(), N: kept.Items},
		{What: "precision, the half nobody looked at", Value: kept.Precision(), N: kept.Fired},
		{What: "recall@1, to the letter of the word", Value: all.Share(all.Exact, all.Items), N: all.Items},
	}
	var lists [][]blend.Entity
	for i, l := range blend.Lists(items) {
		if i%20 == 0 {
			lists = append(lists, l)
		}
	}
	hashset, cup, err := ordinaryTags(d)
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		what string
		tags []string
	}{{"false fire on hashtags of BOUN and STAN-dev", hashset}, {"false fire on hashtags of the World Cup", cup}} {
		fired, looked, err := blend.FalseFires(nlp.BlendWords(), lists, c.tags, nil)
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{What: c.what, Value: float64(fired) / float64(looked), Floor: 0.005, Below: true, N: looked, Compare: "simple rule 0.0107"})
	}
	return rows, nil
}

// ordinaryTags are the hashtags of HashSet's two files and of the World Cup's posts, each once.
func ordinaryTags(d *Data) (hashset, cup []string, err error) {
	read := func(path string, column int, text bool) []string {
		if err != nil {
			return nil
		}
		var f *os.File
		if f, err = os.Open(filepath.Join(d.Dir, path)); err != nil {
			return nil
		}
		defer f.Close()
		var tags []string
		tags, err = blend.Tags(f, column, text)
		return tags
	}
	hashset = append(read("hashset/"+boun, 0, false), read("hashset/"+stan, 0, false)...)
	cup = read("worldcup2022/fifa_world_cup_2022_tweets.csv", 4, true)
	slices.Sort(hashset)
	return slices.Compact(hashset), cup, err
}
