package stream

import (
	"context"
	"testing"
)

// BenchmarkLine takes posts through the whole log: encode, publish with every write synced,
// deliver, decode, acknowledge; 2,000 posts of about 200 bytes an envelope.
func BenchmarkLine(b *testing.B) {
	const posts = 2000
	l := open(b, Options{Dir: b.TempDir()})
	f := feed(b, l, "live/x/0")
	d := read(b, l, ConsumeOptions{})
	e := batch("live/x/0", posts, 1)
	published := make(chan error, 1)
	b.ResetTimer()
	go func() {
		for range b.N {
			if _, err := f.Publish(context.Background(), e); err != nil {
				published <- err
				return
			}
		}
		published <- nil
	}()
	for range b.N {
		ack(b, next(b, d))
	}
	b.StopTimer()
	if err := <-published; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(posts*b.N)/b.Elapsed().Seconds(), "posts/s")
}
