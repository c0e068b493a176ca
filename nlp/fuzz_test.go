package nlp

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"outcry/internal/reaction"
)

var hard = []string{
	"ȺȺȺ's stream is down",
	"\xff\xfe\xf0\x9f no audio \xc3",
	strings.Repeat("!", 4000),
	"\u202eno audio on the stream\u202c \u2067اللخادم\u2069 @x #y",
	"no " + strings.Repeat("\u0301", 50_000) + "audio",
	strings.Repeat("can't .. ", 7000),
	strings.Repeat("no audio ", 7000),
	strings.Repeat("stream ", 9000) + "down",
	strings.Repeat("a.", 30_000),
	strings.Repeat("http://", 9000),
	strings.Repeat("http://a.b/(", 5000),
	strings.Repeat("#a", 30_000),
	strings.Repeat("#a ", 20_000),
	strings.Repeat("@a.", 20_000),
	strings.Repeat("접속 안돼 ", 4000),
	strings.Repeat("ﷺ", 20_000),
}

func TestHardTexts(t *testing.T) {
	tagger := New(launch)
	for _, text := range hard {
		began := time.Now()
		tags := tagger.Tag(&reaction.Post{Text: text, Source: reaction.X})
		if took := time.Since(began); took > time.Second {
			t.Errorf("%.20q…, %d bytes, took %s", text, len(text), took)
		}
		checkTags(t, text, &tags)
	}
}

func checkTags(t testing.TB, text string, tags *reaction.Tags) {
	t.Helper()
	for _, r := range tags.Reasons {
		if r.Start < 0 || r.End <= r.Start || r.End > len(text) || text[r.Start:r.End] != r.Match {
			t.Fatalf("%+v does not point at its words in %q", r, text)
		}
		if utf8.ValidString(text) && !utf8.ValidString(r.Match) {
			t.Fatalf("%+v cuts a rune of %q", r, text)
		}
	}
	if tags.Complaint < 0 || tags.Complaint > 1 || tags.IsComplaint != (tags.Complaint >= Threshold) || tags.Lang == "" || tags.Version != Version {
		t.Fatalf("%+v", tags)
	}
	if len(tags.Hashtags) > maxEntities || len(tags.Mentions) > maxEntities || len(tags.URLs) > maxEntities {
		t.Fatalf("%d hashtags, %d mentions, %d addresses", len(tags.Hashtags), len(tags.Mentions), len(tags.URLs))
	}
	for _, h := range tags.Hashtags {
		if h.Key == "" || h.Key != FoldTag(h.Text) {
			t.Fatalf("%+v", h)
		}
	}
}

func FuzzTag(f *testing.F) {
	tagger := New(launch)
	for _, text := range append(hard[:4:4], "I can't hear anything on Spaces #desaster", "트위터 접속이안돼ㅠㅠ 먹통", "it's back up https://t.co/a?b=c(d)") {
		f.Add(text, "en", "value", 0, 5)
	}
	f.Fuzz(func(t *testing.T, text, lang, value string, start, end int) {
		for _, source := range []reaction.Source{reaction.X, reaction.Mastodon} {
			p := &reaction.Post{Text: text, Lang: lang, Source: source}
			plain := tagger.Tag(p)
			checkTags(t, text, &plain)
			for _, k := range []reaction.FacetKind{reaction.FacetHashtag, reaction.FacetMention, reaction.FacetURL} {
				p.Facets = append(p.Facets, reaction.Facet{Kind: k, Start: start, End: end, Value: value})
			}
			marked := tagger.Tag(p)
			checkTags(t, text, &marked)
		}
	})
}
