package names_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"outcry/internal/reaction"
	"outcry/nlp/names"
)

func text(s string) reaction.NameText { return reaction.NameText{Event: 1, Text: s} }

func TestNames(t *testing.T) {
	f := names.New()
	for _, c := range []struct{ text, want string }{
		{"I saw Elon Musk in San Francisco yesterday", "elon musk/person, san francisco/place"},
		{"RT @DeSantis: #DeSaster https://example.org/Florida we spoke to Elon Musk", "elon musk/person"},
		{"I've seen Download London. We’d wait for Help in Doha", "doha/place, london/person"},
		{"Elon Musk's stream is down. Elon Musk!!!!!!", "elon musk/person"},
	} {
		list, asked, err := f.Names(t.Context(), text(c.text))
		var got []string
		for _, p := range list {
			got = append(got, p.Key+"/"+p.Kind)
		}
		slices.Sort(got)
		if g := strings.Join(got, ", "); g != c.want || !asked || err != nil {
			t.Errorf("%q: %s, asked %v, %v; want %s", c.text, g, asked, err, c.want)
		}
	}
}

// What prose would find nothing in is not asked.
func TestWhatIsNotAsked(t *testing.T) {
	f := names.New()
	for _, s := range []string{"", " ", "no capital letters at all", "WHY IS THE STREAM DOWN AGAIN FIX IT", "#Hashtag @Name https://example.org RT", "화면이 안 나와요", "!!!!", "😀😀"} {
		if list, asked, err := f.Names(t.Context(), text(s)); list != nil || asked || err != nil {
			t.Errorf("%q: %v, asked %v, %v", s, list, asked, err)
		}
	}
}

func TestCopiesAreAskedOnce(t *testing.T) {
	f := names.New()
	asked := func(event int64, fingerprint uint64, s string) bool {
		t.Helper()
		_, asked, err := f.Names(t.Context(), reaction.NameText{Event: event, Text: s, Fingerprint: fingerprint})
		if err != nil {
			t.Fatal(err)
		}
		return asked
	}
	for i, c := range []struct {
		event       int64
		fingerprint uint64
		text        string
		want        bool
	}{
		{1, 0b1111_0000, "Elon Musk is live", true},
		{1, 0b1111_0000, "Elon Musk is live", false},
		{1, 0b1111_0111, "Elon Musk is live now", false}, // three bits away
		{1, 0b1111_1111, "Elon Musk is gone", true},
		{2, 0b1111_0000, "Elon Musk is live", true}, // another event
		{1, 0, "Elon", true},                        // too short for a fingerprint: only the same text is a copy
		{1, 0, "Elon", false},
		{1, 0, "Elon!", true},
		{1, 0, "Elon #down", false}, // the same once it is prepared
	} {
		if got := asked(c.event, c.fingerprint, c.text); got != c.want {
			t.Errorf("%d: %q: asked %v", i, c.text, got)
		}
	}
}

func TestPrepare(t *testing.T) {
	for s, want := range map[string]string{
		"Elon #x Musk":                         "Elon, Musk",
		"@a @b Hello @c":                       "Hello",
		"RT @a: Hello":                         "Hello",
		"(@a) Hi “@b” there":                   "Hi, there",
		"Go to bit.ly/abc or example.org, now": "Go to, or, now",
		"U.S. and/or e.g. v2.0":                "U.S. and/or e.g. v2.0",
		"$TSLA costs $100":                     "costs $100",
		"So!!!!!! Looooong...":                 "So! Looong.",
		"Messi🐐Ronaldo 1️⃣":                    "Messi Ronaldo 1",
		"a\x00b\xffc\u200dd":                   "a b c d",
		"www.example.org HTTPS://x.y Z":        "Z",
	} {
		if got := names.Prepare(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	long := names.Prepare(strings.Repeat("Straße Łódź ", 100))
	if len(long) > names.MaxText || len(long) < names.MaxText/2 || !utf8.ValidString(long) || !strings.HasSuffix(long, "Straße") && !strings.HasSuffix(long, "Łódź") {
		t.Errorf("%d bytes: %q", len(long), long)
	}
	if one := names.Prepare(strings.Repeat("ab", 10_000)); len(one) != names.MaxText {
		t.Errorf("one word is %d bytes", len(one))
	}
}

// slow is longer than any text may take, on a machine that does other things as well.
const slow = 2 * time.Second

// hostile are texts at which prose panics, or takes a time that grows with their square.
var hostile = []string{
	"ȺȺȺ's stream is down", "ȺȺȺn't", "İİİİ's", strings.Repeat("Ⱥ", 4000) + "'s",
	"A" + strings.Repeat("!", 4000), "A " + strings.Repeat("!?", 4000), "A " + strings.Repeat("($\"[", 2000), "Ab " + strings.Repeat("'s", 3000),
	"Ab " + strings.Repeat("n't", 3000), strings.Repeat("A.", 4000), "A" + strings.Repeat("\u0301", 50_000), "\xff\xfe A's", "مرحبا A " + strings.Repeat("\u202e", 1000),
	strings.Repeat("Elon Musk ", 10_000), strings.Repeat("1 A ", 1000), "\x00A\x00",
}

func TestHostileTexts(t *testing.T) {
	f := names.New()
	failed := 0
	for _, s := range hostile {
		start := time.Now()
		list, _, err := f.Names(t.Context(), text(s))
		if took := time.Since(start); took > slow {
			t.Errorf("%.20q takes %s", s, took)
		}
		if errors.Is(err, names.ErrFailed) {
			failed++
			if strings.Contains(err.Error(), "stream") {
				t.Errorf("the error quotes the text: %v", err)
			}
		} else if err != nil {
			t.Errorf("%.20q: %v", s, err)
		}
		if len(list) > 8 {
			t.Errorf("%.20q: %d names", s, len(list))
		}
	}
	if failed == 0 {
		t.Error("prose panics no more: its panics need not be caught")
	}
	if _, asked, err := f.Names(t.Context(), text("Elon Musk in Florida")); !asked || err != nil {
		t.Errorf("after that: asked %v, %v", asked, err)
	}
}

// However many texts there are, so many are asked in a second at most, and waiting ends with ctx.
func TestPace(t *testing.T) {
	if _, _, err := names.New().Names(t.Context(), text("Elon Musk in Florida")); err != nil { // the model is loaded outside
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f := names.New()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		asked := 0
		for i := 0; ; i++ {
			_, did, err := f.Names(ctx, text(fmt.Sprintf("Elon Musk %d in Florida", i)))
			if errors.Is(err, context.DeadlineExceeded) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if did {
				asked++
			}
		}
		if asked < 2*names.PostsPerSecond-2 || asked > 2*names.PostsPerSecond+1 {
			t.Errorf("%d texts in two seconds", asked)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range hostile {
		f.Add(s[:min(len(s), 2000)])
	}
	f.Fuzz(func(t *testing.T, s string) {
		prepared := names.Prepare(s)
		if len(prepared) > names.MaxText || !utf8.ValidString(prepared) {
			t.Errorf("%q is prepared as %q", s, prepared)
		}
		start := time.Now()
		keys, _ := names.Ask(prepared)
		if took := time.Since(start); took > slow {
			t.Errorf("%q takes %s", prepared, took)
		}
		for _, k := range keys {
			if k == "" || len(k) > 200 || strings.ContainsAny(k, "/#@\n") {
				t.Errorf("%q: the name %q", prepared, k)
			}
		}
	})
}

// What one core does, without the pace.
func BenchmarkAsk(b *testing.B) {
	list := []string{
		"Anyone else's Peacock stream buffering during the Bills game? Been like this since kickoff",
		"Elon Musk and Ron DeSantis can't even get Twitter Spaces to work, what a launch in Florida",
		"The audio is gone again. I paid for this in London and all I get is a black screen",
	}
	if _, err := names.Ask(names.Prepare(list[0])); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := names.Ask(names.Prepare(list[n%len(list)])); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "posts/s")
}
