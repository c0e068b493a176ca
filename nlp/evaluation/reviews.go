package evaluation

import (
	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/training"
)

// reviews measures the tagger's sentiment on Korean film reviews that it was not trained on.
func reviews(d *Data) ([]Row, error) {
	texts, err := training.Reviews(d.Dir, "test")
	if err != nil {
		return nil, err
	}
	tagger := nlp.New(nil)
	var c Counts
	var tags reaction.Tags
	for _, t := range texts {
		tagger.TagInto(&reaction.Post{Source: reaction.X, Text: t.Text}, &tags)
		c.Add(tags.Sentiment > 0, t.Label == 1, 1)
	}
	return []Row{{What: "accuracy of sentiment, nsmc-rebuilt test", Value: c.Accuracy(), Floor: 0.87, N: len(texts), Compare: "KoBERT 0.896 on the official split"}}, nil
}
