package bluesky

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// pour is a Jetstream that sends posts as fast as they are taken, or so many a second, over a real
// network. Their times begin now, and go on by a millisecond each.
func pour(t testing.TB, total, rate int, compress bool) (address string) {
	enc := packer(dictionary)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		ctx := ws.CloseRead(context.Background())
		began := time.Now()
		var plain, packed []byte
		for i := range total {
			if rate > 0 && i%(rate/100) == 0 { // a hundred times a second
				if wait := time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(rate))); wait > 0 {
					pass(t, wait)
				}
			}
			plain = sample(plain[:0], i, time.Now())
			kind, data := websocket.MessageText, plain
			if compress { // which takes longer than all that is measured
				packed = enc.EncodeAll(plain, packed[:0])
				kind, data = websocket.MessageBinary, packed
			}
			if ws.Write(ctx, kind, data) != nil {
				return
			}
		}
		<-ctx.Done()
	}))
	t.Cleanup(srv.Close)
	return "ws://" + srv.Listener.Addr().(*net.TCPAddr).String()
}

// sample is a post as most are.
func sample(b []byte, i int, now time.Time) []byte {
	return fmt.Appendf(b, `{"did":"did:plc:jbojbiryilhg2fpknb%06d","time_us":%d,"kind":"commit","commit":{"rev":"3n2vdr5%06d","operation":"create","collection":"app.bsky.feed.post","rkey":"3n2vdr%07d","record":{"$type":"app.bsky.feed.post","createdAt":%q,"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"launch"}],"index":{"byteEnd":11,"byteStart":4}}],"langs":["en"],"reply":{"parent":{"cid":"bafyreifw2qb73a7abuaf2ammtkk7vszxuc3k6s3rwoa3so5pozguegezla","uri":"at://did:plc:x/app.bsky.feed.post/3n2"},"root":{"cid":"bafyreifw2qb73a7abuaf2ammtkk7vszxuc3k6s3rwoa3so5pozguegezla","uri":"at://did:plc:x/app.bsky.feed.post/3n1"}},"text":"The #launch keynote is not loading for me 🎉 먹통 again, %d of us are waiting"},"cid":"bafyreifw2qb73a7abuaf2ammtkk7vszxuc3k6s3rwoa3so5pozguegezla"}}`,
		i%100_000, now.UnixMicro(), i, i, now.UTC().Format("2006-01-02T15:04:05.000Z"), i)
}

// counting runs a Station that counts posts until it has so many.
func counting(t testing.TB, address string, want int64, each func(n int64)) {
	s, err := New(Options{Hosts: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n atomic.Int64
	station := collectors.NewStation(reaction.Bluesky, s, collectors.StationOptions{Host: s.Host})
	err = station.Collect(ctx, nil, func(_ context.Context, items ...collectors.Item) error {
		for _, it := range items {
			if it.Record.Post == nil {
				continue
			}
			k := n.Add(1)
			if each != nil {
				each(k)
			}
			if k == want {
				cancel()
			}
		}
		return nil
	})
	if err != nil || n.Load() < want {
		t.Errorf("%d of %d posts came: %v", n.Load(), want, err)
	}
}

var many = flag.Int("posts", 60_000, "how many posts to measure memory with")

// Posts leave nothing behind, however many they are: give -posts 1000000 for a million.
func TestMemoryIsFlat(t *testing.T) {
	total := *many
	var first, most uint64
	began := time.Now()
	counting(t, pour(t, total, 0, false), int64(total), func(n int64) {
		if n%int64(total/20) != 0 {
			return
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if n == int64(total)*3/10 { // by then all that is remembered for a while is
			first = m.HeapAlloc
		}
		most = max(most, m.HeapAlloc)
	})
	t.Logf("%d posts in %s; heap %d MiB after a third, %d MiB at most", total, time.Since(began).Round(time.Millisecond), first>>20, most>>20)
	if most > first+first/2+(16<<20) || most > 160<<20 {
		t.Errorf("the heap grew from %d to %d MiB", first>>20, most>>20)
	}
}

// BenchmarkStation is posts through socket, unpacking, decoding and a Station, as fast as they come.
func BenchmarkStation(b *testing.B) {
	counting(b, pour(b, b.N, 0, false), int64(b.N), nil)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

// BenchmarkFiveThousand is what 5,000 posts a second take of a core, the one that sends them
// included.
func BenchmarkFiveThousand(b *testing.B) {
	const rate = 5000
	for b.Loop() {
		before, began := cpu(), time.Now()
		counting(b, pour(b, 5*rate, rate, true), 5*rate, nil)
		b.ReportMetric(float64(cpu()-before)/float64(time.Since(began)), "cores")
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkRead(b *testing.B) {
	now := time.Now()
	data := sample(nil, 1, now)
	b.Run("read", func(b *testing.B) {
		s, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		c := &conn{s: s, h: s.hosts[0], quoted: `"x"`, dialed: now}
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if m, err := c.read(data, now); err != nil || len(m.Items) != 1 {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			wire.Jetstream(data, &wire.Catch{Now: now})
		}
	})
	b.Run("encoding-json-any", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unpack", func(b *testing.B) {
		z, err := newUnpacker()
		if err != nil {
			b.Fatal(err)
		}
		packed := packer(dictionary).EncodeAll(data, nil)
		b.SetBytes(int64(len(data)))
		var out []byte
		for b.Loop() {
			if out, err = z.DecodeAll(packed, out[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
