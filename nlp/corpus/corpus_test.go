package corpus

import (
	"strings"
	"testing"

	"outcry/internal/reaction"
)

func TestOwnTexts(t *testing.T) {
	for _, lang := range Langs() {
		texts, err := Own(lang)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		outages := 0
		for i, x := range texts {
			if seen[x.Text] {
				t.Errorf("%s.tsv, line %d: %q is there twice", lang, i+2, x.Text)
			}
			seen[x.Text] = true
			if (x.Outage || x.Recovery) != (x.Voice != "") {
				t.Errorf("%s.tsv, line %d: the voice %q of outage %v, recovery %v", lang, i+2, x.Voice, x.Outage, x.Recovery)
			}
			if x.Outage {
				outages++
			}
		}
		if len(texts) < 200 || outages*4 < len(texts) {
			t.Errorf("%s: %d texts, %d of them outages", lang, len(texts), outages)
		}
	}
	if rows, err := Complaints(); err != nil || len(rows) < 2000 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	const heading = "outage\tvoice\trecovery\tsymptoms\tblame\tmood\ttext\n"
	for _, c := range []struct{ in, want string }{
		{"text\nno sound\n", "first line"},
		{heading + "1\tfirst\t0\taudio\t-\tangry\n", "line 2: 6 columns"},
		{heading + "yes\tfirst\t0\taudio\t-\tangry\tno sound\n", "neither 0 nor 1"},
		{heading + "1\tme\t0\taudio\t-\tangry\tno sound\n", "voice"},
		{heading + "1\tfirst\t0\tnoise\t-\tangry\tno sound\n", "noise"},
		{heading + "1\tfirst\t0\taudio\t-\tsad\tno sound\n", "mood"},
		{heading + "1\tfirst\t0\taudio\t-\tangry\t\n", "no text"},
	} {
		if _, err := Read(strings.NewReader(c.in), "mine.tsv", "en"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mine.tsv") {
			t.Errorf("%q: %v, want %q of mine.tsv", c.in, err, c.want)
		}
	}
	got, err := Read(strings.NewReader(heading+"1\tfirst\t0\taudio video\tX/Spaces\tangry\tno sound\r\n"), "mine.tsv", "en")
	if err != nil || len(got) != 1 || got[0].Symptoms != reaction.NoAudio|reaction.NoVideo || len(got[0].Blame) != 2 || got[0].Text != "no sound" {
		t.Errorf("%+v, %v", got, err)
	}
}
