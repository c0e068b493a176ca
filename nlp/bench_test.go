package nlp

import (
	"sync"
	"testing"

	"outcry/internal/reaction"
)

var benchPosts = []reaction.Post{
	{Source: reaction.X, Text: "I was told the broadcast begins at six, and here we all sit looking at one grey circle going round #evening https://t.co/a1b2c3"},
	{Source: reaction.X, Text: "Honestly the word of the day is patience; nobody on this call can hear anything apart from an echo @somebody", Lang: "en"},
	{Source: reaction.X, Text: "오늘 저녁 방송 시작한다더니 아직도 화면이 안 나와요 나만 이런가 다들 잘 들리시나요 #디재스터", Lang: "ko"},
	{Source: reaction.Bluesky, Text: "What a wonderful evening with friends and family, the fireworks over the river were something else entirely ✨🎆"},
	{Source: reaction.Mastodon, Text: "que alguien me explique por qué no empieza la transmisión, llevo ya veinte minutos esperando y nada todavía"},
}

func BenchmarkTag(b *testing.B) {
	tagger := New(launch)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tagger.Tag(&benchPosts[i%len(benchPosts)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(launch)
	}
}

func TestTagIsConcurrent(t *testing.T) {
	tagger := New(launch)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 200 {
				p := &benchPosts[i%len(benchPosts)]
				if tags := tagger.Tag(p); i%len(benchPosts) == 1 && !tags.IsComplaint {
					t.Errorf("%q: %+v", p.Text, tags)
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkTagWorldCup tags the posts of the World Cup's opening night, into tags that are used again.
func BenchmarkTagWorldCup(b *testing.B) {
	var posts []reaction.Post
	eachText(b, corpora[0], func(text string) { posts = append(posts, reaction.Post{Source: reaction.X, Text: text}) })
	tagger := New([]reaction.Event{jio})
	var tags reaction.Tags
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tagger.TagInto(&posts[i%len(posts)], &tags)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
