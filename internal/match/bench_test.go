package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// crowd is twenty events of thirty terms, and posts of about 120 bytes of which a third match.
func crowd(tb testing.TB) (*Set, []reaction.Post) {
	kinds := []string{"team %d", "word%d", "#tag%d", "phrase of words %d", "낱말%d", "单词%d"}
	events := make([]reaction.Event, 20)
	for i := range events {
		events[i] = reaction.Event{ID: int64(i), Slug: "e", Match: reaction.Match{Accounts: []string{fmt.Sprintf("@name%d", i)}}}
		for j := range 29 {
			events[i].Match.Any = append(events[i].Match.Any, fmt.Sprintf(kinds[j%len(kinds)], i*29+j))
		}
	}
	s, err := Compile(events)
	if err != nil {
		tb.Fatal(err)
	}
	var posts []reaction.Post
	for i, text := range []string{
		"I was told the broadcast begins at six, and here we all sit looking at one grey circle going round #evening https://t.co/a1b2c3",
		"Honestly the word2 of the day is patience; nobody on this call can hear anything apart from an echo and a far away dog barking",
		"오늘 저녁 방송 시작한다더니 아직도 화면이 안 나와요 나만 이런가 다들 잘 들리시나요 #낱말4",
		"RT @name3: we are aware and looking into it ☕️ thank you for your patience — more news soon… “as they say”",
		"que alguien me explique por qué no empieza la transmisión, llevo ya veinte minutos esperando y nada todavía",
	} {
		posts = append(posts, reaction.Post{ID: fmt.Sprint(i), Text: text, Source: reaction.X, Author: reaction.Author{Handle: "somebody"}})
	}
	return s, posts
}

func BenchmarkMatch(b *testing.B) {
	s, posts := crowd(b)
	var dst []int64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		dst = s.Match(&posts[i%len(posts)], dst[:0])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

func TestMatchAllocatesNothing(t *testing.T) {
	s, posts := crowd(t)
	w, dst, i := newWalk(), make([]int64, 0, 8), 0 // a walk of our own: the race detector empties pools
	if n := testing.AllocsPerRun(500, func() { dst = s.match(w, &posts[i%len(posts)], dst[:0]); i++ }); n > 0 {
		t.Errorf("%v allocations a post", n)
	}
}

// TestHardTexts holds that no text makes matching slow out of proportion.
func TestHardTexts(t *testing.T) {
	s, _ := crowd(t)
	for _, part := range []string{"://", "www.", "http://", "www. ", "\u0301", "가", "ﷺ", "\u1161", "#", "@", "!", "\u200b", "\xff", "א "} {
		p := &reaction.Post{Text: strings.Repeat(part, reaction.MaxTextBytes/len(part))}
		began := time.Now()
		s.Match(p, nil)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%q again and again: %s", part, took)
		}
	}
}
