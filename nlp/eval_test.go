package nlp

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// corpus is one file of the shared data: where its texts are and what it should show.
type corpus struct {
	name, path string
	comma      rune
	column     string
	event      reaction.Event
	atMost     float64 // share of complaints it may have; 1 where it is full of them
}

var corpora = []corpus{
	{"worldcup2022", "worldcup2022/fifa_world_cup_2022_tweets.csv", ',', "Tweet", jio, 0.05},
	{"korean-unsmile train", "korean-unsmile/unsmile_train_v1.0.tsv", '\t', "문장", reaction.Event{}, 0.002},
	{"korean-unsmile valid", "korean-unsmile/unsmile_valid_v1.0.tsv", '\t', "문장", reaction.Event{}, 0.003},
	{"kbank-reviews-ko", "kbank-reviews-ko/review_dataset.csv", ',', "content", reaction.Event{}, 1},
	{"spotify-support", "spotify-support/support_requests.csv", ',', "text", reaction.Event{}, 1},
}

var jio = reaction.Event{
	Services: []health.Service{{Name: "JioCinema"}},
	Entities: []reaction.Entity{{Name: "JioCinema", Kind: "service", Aliases: []string{"jio cinema", "jio"}}},
}

// TestEval prints what the tagger fires on in the shared data: `go test -run Eval -v ./nlp`.
func TestEval(t *testing.T) {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "corpus\tposts\tcomplaints\tshare\tfirst hand\trecovery\t%s\t\n", strings.Join(reaction.SymptomNames(), "\t"))
	for _, c := range corpora {
		tagger, n := New([]reaction.Event{c.event}), 0
		counts := map[string]int{}
		eachText(t, c, func(text string) {
			tags := tagger.Tag(&reaction.Post{Source: reaction.X, Text: text})
			for _, l := range tags.Labels(reaction.Original, false, nil) {
				counts[l]++
			}
			n++
		})
		share := float64(counts[reaction.LabelComplaint]) / float64(max(n, 1))
		fmt.Fprintf(w, "%s\t%d\t%d\t%.2f %%\t%d\t%d\t", c.name, n, counts[reaction.LabelComplaint], 100*share,
			counts[reaction.LabelFirstHand], counts[reaction.LabelRecovery])
		for _, s := range reaction.SymptomNames() {
			fmt.Fprintf(w, "%d\t", counts[reaction.SymptomPrefix+s])
		}
		fmt.Fprintln(w)
		if share > c.atMost {
			t.Errorf("%s: %.2f %% complaints are more than %.2f %%", c.name, 100*share, 100*c.atMost)
		}
	}
	w.Flush()
	t.Logf("complaints by the lexicon\n%s", out.String())
}

// shared finds a file of the shared data folder, which lies beside the repository, or skips.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "shared", "data", path)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skipf("the shared data folder is absent: no ../shared/data/%s above here", path)
	return ""
}

// eachText calls use with the text of each row that has one.
func eachText(t testing.TB, c corpus, use func(string)) {
	t.Helper()
	f, err := os.Open(shared(t, c.path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = c.comma, true, -1
	column := -1
	for {
		row, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			if column < 0 && strings.TrimPrefix(v, "\ufeff") == c.column {
				column = i
			}
		}
		if column >= 0 && column < len(row) && row[column] != c.column && strings.TrimSpace(row[column]) != "" {
			use(row[column])
		}
	}
}
