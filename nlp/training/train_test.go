package training

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"outcry/nlp"
	"outcry/nlp/corpus"
	"outcry/nlp/linear"
)

// sets is the folder of the data sets, or skips.
func sets(t *testing.T) string {
	t.Helper()
	const dir = "../../../shared/data"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the shared data folder is absent: no ../shared/data beside the repository")
	}
	return dir
}

// TestShippedLanguagesAreWhatTheDataGive retrains the smallest model and compares it with what is committed. The model
// of posts takes a minute: outcry train writes it anew, and git says whether it changed.
func TestShippedLanguagesAreWhatTheDataGive(t *testing.T) {
	got, err := Languages(sets(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("..", "models", nlp.LanguagesFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("nlp/models/%s is not what the data give now: make train", nlp.LanguagesFile)
	}
}

// TestSetsAreWhole holds how many texts each data set gives.
func TestSetsAreWhole(t *testing.T) {
	dir := sets(t)
	complaints, err := Complaints(dir)
	if err != nil || len(complaints) != 3449 {
		t.Errorf("%d complaints, %v", len(complaints), err)
	}
	posts, err := Sentiments(dir, "train")
	if err != nil || len(posts) != 2*1839 {
		t.Errorf("%d posts of English and Spanish, %v", len(posts), err)
	}
	all, err := gather(dir, Own{{Text: "no sound at all", Label: corpus.Label{Outage: true, Voice: "first"}}})
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	for i := range all {
		if all[i].labels[head("outage")] == 1 {
			own++
		}
		if all[i].copied && all[i].fold != all[all[i].like].fold {
			t.Fatalf("text %d and its copy are in different parts", i)
		}
	}
	if own < 1500 {
		t.Errorf("%d texts of outages", own)
	}
}

// TestSmallModelIsRepeatable trains all heads on a few texts twice.
func TestSmallModelIsRepeatable(t *testing.T) {
	texts, err := corpus.Own("pt")
	if err != nil {
		t.Fatal(err)
	}
	var posts []post
	for _, x := range texts {
		posts = append(posts, judged(x.Text, x.Label))
	}
	var models [2][]byte
	for i := range models {
		m, err := linear.Train(heads, examples(posts), linear.Options{Seed: Seed})
		if err != nil {
			t.Fatal(err)
		}
		models[i] = m.Append(nil)
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the same texts gave two models")
	}
}
