package distinct_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/distinct"
)

// openingNight reads the recorded posts of the World Cup's opening night, those that tell their second.
func openingNight(t *testing.T) (posts []distinct.Post, at []time.Time) {
	t.Helper()
	f, err := os.Open("../../../shared/data/worldcup2022/fifa_world_cup_2022_tweets.csv")
	if os.IsNotExist(err) {
		t.Skip("the shared data folder is absent: labels of real peaks are not checked")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		when, err := time.Parse("2006-01-02 15:04:05-07:00", row[1])
		if err != nil {
			continue
		}
		tags := tagger.Tag(&reaction.Post{Source: reaction.X, Text: row[4]})
		p := distinct.Post{Text: row[4], Fingerprint: tags.Fingerprint, Links: len(tags.URLs)}
		for _, h := range tags.Hashtags {
			p.Hashtags = append(p.Hashtags, h.Key)
		}
		posts, at = append(posts, p), append(at, when)
	}
	if len(posts) < 9000 {
		t.Fatalf("only %d posts tell their second", len(posts))
	}
	return posts, at
}

func between(posts []distinct.Post, at []time.Time, from, to string) (out []distinct.Post) {
	for i := range posts {
		if s := at[i].UTC().Format("15:04:05"); s >= from && s < to {
			out = append(out, posts[i])
		}
	}
	return out
}

func texts(terms []distinct.Term) (out []string) {
	for i := range terms {
		out = append(out, terms[i].Text)
	}
	return out
}

// The minutes of the opening night have labels that somebody who was there would give them.
func TestLabelsOfTheOpeningNight(t *testing.T) {
	posts, at := openingNight(t)
	for _, x := range []struct {
		what, from, to, against, until string
		complaints                     bool
		say                            []string // each among the first ten terms
		stands                         string   // what a post that stands for the minutes speaks of
	}{
		{"the goal that was taken back", "16:08:00", "16:10:00", "16:14:00", "16:40:00", false, []string{"offside", "var", "disallowed"}, "offside"},
		{"the penalty", "16:16:00", "16:20:00", "16:07:00", "16:16:00", false, []string{"penalty", "valencia", "keeper"}, "penalty"},
		{"the second goal", "16:34:00", "16:37:00", "16:20:00", "16:34:00", false, []string{"header", "valencia"}, "header"},
		{"the stream that failed", "16:10:00", "16:40:00", "16:07:00", "16:40:00", true, []string{"#jiocinema", "streaming", "stream"}, "jio"},
		{"the evening", "20:00:00", "23:00:00", "16:07:00", "16:40:00", false, []string{"england", "iran", "tomorrow"}, ""},
	} {
		now, other := between(posts, at, x.from, x.to), between(posts, at, x.against, x.until)
		if x.complaints {
			now = slices.DeleteFunc(now, func(p distinct.Post) bool { return !complains(p.Text) })
		}
		got := distinct.Terms(now, other, 10)
		for _, say := range x.say {
			if !slices.Contains(texts(got), say) {
				t.Errorf("%s: the terms %v lack %q", x.what, got, say)
			}
		}
		for _, word := range []string{"the", "of", "#worldcup2022"} {
			if slices.Contains(texts(got), word) {
				t.Errorf("%s: %q is among the terms %v", x.what, word, got)
			}
		}
		near := distinct.Near(now, got, 3)
		if len(near) != 3 {
			t.Errorf("%s: %d posts stand for it, want 3", x.what, len(near))
		}
		if !slices.ContainsFunc(near, func(i int) bool { return strings.Contains(strings.ToLower(now[i].Text), x.stands) }) {
			t.Errorf("%s: no post that stands for it speaks of %q", x.what, x.stands)
		}
	}
}

var jio = nlp.New([]reaction.Event{{Services: []health.Service{{Name: "JioCinema"}},
	Entities: []reaction.Entity{{Name: "JioCinema", Kind: "service", Aliases: []string{"jio cinema", "jio"}}}}})

func complains(text string) bool {
	tags := jio.Tag(&reaction.Post{Source: reaction.X, Text: text})
	return tags.IsComplaint
}
