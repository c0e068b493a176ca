package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"outcry/internal/reaction"
)

var evening = time.Date(2023, 5, 24, 22, 0, 3, 250_000_000, time.UTC)

// full is an envelope with something in every field of every part, now and after the vocabulary
// grows.
func full(t testing.TB) *reaction.Envelope {
	e := new(reaction.Envelope)
	fill(t, reflect.ValueOf(e).Elem(), 1)
	e.Feed = "replay/desantis-launch/a1"
	e.Posts[0].Text = "<b>먹통</b> & \"no sound\" \u2028"
	return e
}

func fill(t testing.TB, v reflect.Value, n int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(evening.Add(time.Duration(n) * time.Microsecond)))
		return
	case json.RawMessage:
		v.SetBytes([]byte(`{"at":17,"file":"a<b"}`))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n+i)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), n+1)
		fill(t, v.Index(1), n+2)
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), n+i)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n))
	case reflect.Uint8:
		v.SetUint(uint64(1 + n%3)) // the vocabulary's bytes are kinds and states
	case reflect.Float64:
		v.SetFloat(float64(n) + 0.5)
	default:
		t.Fatalf("the test cannot fill a %s", v.Type())
	}
}

func TestRoundTrip(t *testing.T) {
	for name, e := range map[string]*reaction.Envelope{
		"full":      full(t),
		"heartbeat": {Feed: "live/bluesky/0", Made: evening},
		"batch":     batch("live/x/0", 50, 1),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, e) {
				t.Errorf("got  %+v\nwant %+v", got, e)
			}
		})
	}
}

func TestDecodeIgnoresUnknownFields(t *testing.T) {
	e, err := Decode(pack(t, `{"feed":"live/x/0","made":"2023-05-24T22:00:00Z","invented":[1],"posts":[{"id":"1","later":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if e.Feed != "live/x/0" || len(e.Posts) != 1 || e.Posts[0].ID != "1" {
		t.Errorf("read as %+v", e)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := Encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
	bomb := pack(t, `{"feed":"`+strings.Repeat("a", MaxDecodedBytes)+`"}`)
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"only a format":    {formatJSON},
		"a later format":   append([]byte{9}, good[1:]...),
		"a cut envelope":   good[:len(good)-5],
		"a flipped byte":   flip(good, len(good)/2),
		"no JSON":          pack(t, "hello"),
		"more than one":    pack(t, `{"feed":"a"}{"feed":"b"}`),
		"a bomb":           bomb,
		"the wrong shapes": pack(t, `{"posts":{"a":1}}`),
	} {
		if e, err := Decode(b); err == nil {
			t.Errorf("%s is read as %+v", name, e)
		}
	}
}

func TestEncodeRefusesTooLarge(t *testing.T) {
	noise := rand.NewChaCha8([32]byte{1})
	raw := make([]byte, MaxEnvelopeBytes)
	_, _ = noise.Read(raw)
	e := &reaction.Envelope{Feed: "live/x/0", Posts: []reaction.Matched{{Post: reaction.Post{Text: fmt.Sprintf("%x", raw)}}}}
	if _, err := Encode(e); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d bytes of noise: %v", len(raw), err)
	}
	e.Posts[0].Text = strings.Repeat("a", MaxDecodedBytes)
	if _, err := Encode(e); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d bytes of one letter: %v", MaxDecodedBytes, err)
	}
}

// FuzzDecode decodes its input as it is, and as the JSON inside a sound frame.
func FuzzDecode(f *testing.F) {
	for _, e := range []*reaction.Envelope{full(f), {Feed: "live/x/0"}, batch("live/x/0", 3, 1)} {
		b, err := Encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		if b, err = json.Marshal(e); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, in := range [][]byte{b, w.EncodeAll(b, []byte{formatJSON})} {
			e, err := Decode(in)
			if err != nil {
				continue
			}
			again, err := Encode(e)
			if err != nil {
				continue // a time or a cursor that JSON reads and does not write
			}
			if _, err := Decode(again); err != nil {
				t.Errorf("what was read once is not read again: %v", err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	e := batch("live/x/0", 2000, 1)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		out, err := Encode(e)
		if err != nil {
			b.Fatal(err)
		}
		size = len(out)
	}
	b.ReportMetric(float64(2000*b.N)/b.Elapsed().Seconds(), "posts/s")
	b.ReportMetric(float64(size)/2000, "bytes/post")
}

func BenchmarkDecode(b *testing.B) {
	in, err := Encode(batch("live/x/0", 2000, 1))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(2000*b.N)/b.Elapsed().Seconds(), "posts/s")
}

func pack(t *testing.T, plain string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(plain), []byte{formatJSON})
}

func flip(b []byte, i int) []byte {
	c := append([]byte(nil), b...)
	c[i] ^= 0x55
	return c
}

var words = strings.Fields("the sound is gone again why can nobody hear him spaces keeps crashing on my phone " +
	"소리가 안 들려요 먹통 이네 it works now what a mess #desaster lol server down waiting for 20 minutes already")

// batch makes an envelope of n posts of about 200 bytes, the same for the same seed.
func batch(feed reaction.Feed, n int, seed uint64) *reaction.Envelope {
	r := rand.New(rand.NewPCG(seed, 7))
	e := &reaction.Envelope{Feed: feed, Clock: evening, Cursor: json.RawMessage(fmt.Sprint(seed)), Made: evening}
	for i := range n {
		var text strings.Builder
		for text.Len() < 150 {
			text.WriteString(words[r.IntN(len(words))])
			text.WriteByte(' ')
		}
		var who reaction.Person
		for j := range who {
			who[j] = byte(r.Uint32())
		}
		e.Posts = append(e.Posts, reaction.Matched{
			Post: reaction.Post{
				Source: reaction.X, ID: fmt.Sprint(1_661_500_000_000_000_000 + r.Int64N(1e15)),
				At: evening.Add(time.Duration(i) * time.Millisecond), Text: text.String(), Lang: "en",
			},
			Events: []reaction.Membership{{Event: 1, Author: who}},
		})
	}
	return e
}
