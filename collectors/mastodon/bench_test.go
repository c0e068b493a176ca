package mastodon

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"outcry/collectors"
)

// BenchmarkTake reads posts as a WebSocket brings them.
func BenchmarkTake(b *testing.B) {
	s := taker(b, event(1, "#launch"))
	s.follow([]stream{"#launch"}, nil)
	p := post{text: strings.Repeat("the keynote is down again ", 8), tags: []string{"launch"}, at: time.Now()}
	now := time.Now()
	b.ReportAllocs()
	for i := range b.N {
		p.id, p.uri = int64(i), fmt.Sprint("https://a.example/s/", i)
		if items := s.take("update", []byte(p.json()), "#launch", now); len(items) != 1 {
			b.Fatal(items)
		}
	}
}

// What a Server remembers does not grow with the posts.
func TestMemoryStaysFlat(t *testing.T) {
	s := taker(t, event(1, "#launch"))
	const most = 1000 // less than a Server has: to fill all of it takes seconds
	s.seen, s.names.most, s.gone.most = collectors.NewSeen(most), most, most
	s.follow([]stream{"#launch"}, nil)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	text := status1("%", "u:%", "")
	n := 0
	take := func(posts int) {
		for range posts {
			n++
			s.take("update", []byte(strings.ReplaceAll(text, "%", fmt.Sprint(n))), "#launch", time.Now())
			if n%3 == 0 {
				s.take("delete", []byte(fmt.Sprint(n-1)), "#launch", time.Now())
				s.take("delete", []byte(fmt.Sprint("x", n)), "#launch", time.Now())
			}
		}
	}
	take(5 * most)
	before := heap()
	take(20 * most)
	if after := heap(); after > before+before/4+256<<10 {
		t.Errorf("%d KiB were held, and %d KiB after four times as many posts", before>>10, after>>10)
	}
	runtime.KeepAlive(s)
}
