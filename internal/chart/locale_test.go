package chart

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

var languages = []*words{&english, &korean}

func TestEveryWordInEveryLanguage(t *testing.T) {
	for _, w := range languages {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			name, f := v.Type().Field(i).Name, v.Field(i)
			if f.IsZero() {
				t.Errorf("%s: %s is empty", w.lang, name)
			}
			if f.Kind() != reflect.Map {
				continue
			}
			other := reflect.ValueOf(english).Field(i)
			for _, k := range slices.Concat(f.MapKeys(), other.MapKeys()) {
				if !f.MapIndex(k).IsValid() || !other.MapIndex(k).IsValid() {
					t.Errorf("%s: %s and English do not both have %v", w.lang, name, k)
				} else if f.MapIndex(k).IsZero() && name != "zones" {
					t.Errorf("%s: %s of %v is empty", w.lang, name, k)
				}
			}
		}
		for _, s := range w.states {
			if s == "" {
				t.Errorf("%s: a state has no word", w.lang)
			}
		}
	}
}

func TestEveryNameHasAWord(t *testing.T) {
	names := []trend.Name{
		trend.Posts, trend.Complaints, trend.ComplaintShare, trend.FirstHand, trend.Recovery, trend.Reposts, trend.Authors,
		trend.Health, trend.Latency, trend.Audience,
	}
	for _, w := range languages {
		for _, n := range names {
			if _, err := trend.ParseName(string(n), nil); err != nil || w.series[n] == "" || w.means[n] == "" {
				t.Errorf("%s: %s has no word or no meaning (%v)", w.lang, n, err)
			}
		}
		for _, s := range reaction.SymptomNames() {
			if w.symptoms[s] == "" {
				t.Errorf("%s: the symptom %s has no word", w.lang, s)
			}
		}
		for _, s := range reaction.Statuses {
			if w.statuses[string(s)] == "" {
				t.Errorf("%s: the status %s has no word", w.lang, s)
			}
		}
	}
}

// foreign finds words in Latin letters, but for names and abbreviations.
var (
	foreign = regexp.MustCompile(`[A-Za-z]{2,}`)
	proper  = regexp.MustCompile(`outcry-figures/1|America/New_York|Evening stream|Tickets|#desaster|my_own-source|\b(EDT|KST|UTC)\b|only here`)
)

func TestKoreanIsKorean(t *testing.T) {
	fonts := fallback(t)
	for _, s := range samples() {
		if s.name == "hostile" || s.name == "crowded" {
			continue // their marks are free texts
		}
		s.opts.Locale, s.opts.Title = Korean, "제목"
		s.result.Passport.Notes = []string{"12 posts in the window came without an author: how many people wrote them is unknown"}
		s.result.Passport.DeletedSince, s.result.Passport.Recorded = 3, true
		s.result.Passport.Filter = map[string]string{"source": "x", "lang": "ko"}
		c := drawn(t, s, fonts)
		for _, l := range append(labels(c), label{text: c.Alt()}) {
			text := strings.Replace(proper.ReplaceAllString(l.text, ""), "언어 ko", "", 1)
			if f := foreign.FindString(text); f != "" && !strings.HasPrefix(s.name, "many") {
				t.Errorf("%s: %q has %q", s.name, l.text, f)
			}
		}
	}
}

func TestKoreanPNGNeedsHangul(t *testing.T) {
	s := sample{result: figures(30, time.Minute).posts(crowd(9)).r, opts: Options{Locale: Korean}}
	var b bytes.Buffer
	if err := drawn(t, s, fallback(t)).PNG(&b); !errors.Is(err, ErrFonts) || !strings.Contains(err.Error(), "make web") || b.Len() > 0 {
		t.Errorf("without Hangul: error %v and %d bytes", err, b.Len())
	}
	if err := drawn(t, s, fallback(t)).SVG(&b); err != nil || !strings.Contains(b.String(), `lang="ko"`) {
		t.Errorf("an SVG leaves Hangul to its reader's fonts: error %v", err)
	}
	if err := drawn(t, s, pretendard(t)).PNG(&b); err != nil {
		t.Error(err)
	}
}

func TestSubtitles(t *testing.T) {
	b := figures(10, time.Minute).complaints(flat(1)).share(flat(0.5))
	b.add(trend.Health, unitState, "", flat(0))
	counted := b.r
	audience := figures(10, 20*time.Second).complaints(flat(1)).add(trend.Audience, unitPeople, "", flat(1)).r
	states := healthOnly(flat(0)).r
	for _, tc := range []struct {
		r      trend.Result
		en, ko string
	}{
		{counted, "Complaints per minute, with the share of complaints and state of the services", "분당 불만 수와 불만 비율·서비스 상태"},
		{audience, "Complaints per 20 seconds, with the audience", "20초당 불만 수와 접속자 수"},
		{states, "State of Evening stream and state of Tickets, by the minute", "Evening stream 상태·Tickets 상태(1분 단위)"},
	} {
		for lang, want := range map[Locale]string{English: tc.en, Korean: tc.ko} {
			l, err := read(tc.r, Options{Locale: lang})
			if err != nil {
				t.Fatal(err)
			}
			if l.subtitle != want {
				t.Errorf("got %q, want %q", l.subtitle, want)
			}
		}
	}
}

func TestLocalesAndThemesThatAreNot(t *testing.T) {
	r := figures(3, time.Minute).posts(flat(1)).r
	for want, o := range map[string]Options{
		`there are no words for the locale "fr": use en or ko`: {Locale: "fr"},
		`there is no theme "sepia": use light or dark`:         {Theme: "sepia"},
	} {
		if _, err := FromTrend(r, o); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestSourcesOfBothLanguages(t *testing.T) {
	if !slices.Equal(slices.Sorted(maps.Keys(english.sources)), []reaction.Source{reaction.Bluesky, reaction.Mastodon, reaction.X}) {
		t.Error("a source of ours has no name")
	}
}
