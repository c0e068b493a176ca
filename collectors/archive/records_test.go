package archive

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// someRecord draws any record that the archive takes.
func someRecord(t *rapid.T) reaction.Record {
	word := rapid.StringMatching(`[a-z0-9:/먹통 ]{0,12}[a-z]`)
	at := time.UnixMicro(rapid.Int64Range(earliest.UnixMicro(), readAt.UnixMicro()).Draw(t, "at")).UTC()
	author := reaction.Author{ID: word.Draw(t, "author"), Handle: word.Draw(t, "handle")}
	source := rapid.SampledFrom([]reaction.Source{reaction.X, reaction.Bluesky, "forum"}).Draw(t, "source")
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return reaction.Record{At: at, Delete: &reaction.Delete{Source: source, ID: word.Draw(t, "id"), At: at, Author: author}}
	case 1:
		s := &health.Sample{Service: "s" + word.Draw(t, "service"), At: at, State: health.Down, Vantage: word.Draw(t, "vantage"), Detail: word.Draw(t, "detail")}
		if rapid.Bool().Draw(t, "latency") {
			v := rapid.Float64Range(0, 1e6).Draw(t, "ms")
			s.LatencyMS = &v
		}
		if rapid.Bool().Draw(t, "audience") {
			v := rapid.Int64Range(0, 1e9).Draw(t, "people")
			s.Audience = &v
		}
		return reaction.Record{At: at, Sample: s}
	}
	p := &reaction.Post{Source: source, ID: word.Draw(t, "id"), At: at, Kind: reaction.Kind(rapid.IntRange(0, 3).Draw(t, "post kind")),
		Author: author, Text: "a" + word.Draw(t, "text"), Lang: "ko", URL: "https://example.com/", Repeats: word.Draw(t, "repeats"), Retimed: rapid.Bool().Draw(t, "retimed")}
	if p.Kind == reaction.Repost {
		p.Passed = reaction.Author{ID: word.Draw(t, "passed"), Handle: word.Draw(t, "passed handle")}
	}
	if rapid.Bool().Draw(t, "received") {
		p.Received = at.Add(1500 * time.Millisecond)
	}
	for range rapid.IntRange(0, 2).Draw(t, "facets") {
		p.Facets = append(p.Facets, reaction.Facet{Kind: reaction.FacetHashtag, Start: 0, End: 1, Value: word.Draw(t, "tag")})
	}
	rec := reaction.Record{At: at, Post: p}
	if rapid.Bool().Draw(t, "edit") {
		rec.Edit, p.At = true, earliest
	}
	return rec
}

func TestWrittenRecordsAreReadBack(t *testing.T) {
	paths := save(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(someRecord), 1, 20).Draw(rt, "records")
		slices.SortStableFunc(want, func(a, b reaction.Record) int { return a.At.Compare(b.At) })
		var b bytes.Buffer
		n, err := Write(&b, func(yield func(reaction.Record, error) bool) {
			for _, r := range want {
				if !yield(r, nil) {
					return
				}
			}
		})
		if err != nil || n != int64(len(want)) {
			rt.Fatal(n, err)
		}
		paths = save(t, b.String())
		a := opened(t, Options{MemoryBytes: rapid.SampledFrom([]int64{0, 1}).Draw(rt, "memory")}, paths...)
		if a.Files()[0].Format != FormatRecords {
			rt.Fatalf("taken for %s", a.Files()[0].Format)
		}
		got := records(t, a, 0)
		a.Close()
		if len(got) != len(want) {
			rt.Fatalf("%d records of %d: %v", len(got), len(want), a.Files()[0].Rejected)
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], want[i]) {
				rt.Fatalf("record %d:\n got %s %+v\nwant %s %+v", i, describe(got[i]), got[i], describe(want[i]), want[i])
			}
		}
	})
}

func TestBadRecords(t *testing.T) {
	golden{
		name: "records",
		text: `{"at":"2023-05-24T22:00:00Z","post":{"source":"x","text":"no id of its own"}}
{"at":"2023-05-24T22:00:01Z","post":{"source":"X!","id":"1","text":"x"}}
{"at":"2023-05-24T22:00:01Z","delete":{"source":"x","id":"1","at":"2023-05-24T22:00:02Z"}}
{"at":"2023-05-24T22:00:01Z","delete":{"source":"","id":"1"}}
{"at":"2023-05-24T22:00:01Z","delete":{"source":"x"}}
{"at":"2023-05-24T22:00:03Z","sample":{"service":"s","state":"up","at":"0001-01-01T00:00:00Z"}}
{"at":"2023-05-24T22:00:03Z"}
{"post":{"source":"x","text":"never"}}
{"at":"2023-05-24T22:00:04Z","post":{"source":"x","id":"2","text":"ab","facets":[{"k":"url","b":1,"e":3,"v":"u"},{"k":"url","b":0,"e":2,"v":"u"}]}}
`,
		want: []string{
			`2023-05-24T22:00:00Z original x/` + contentOf("x", "2023-05-24T22:00:00Z", "", "no id of its own") + ` "no id of its own"`,
			`2023-05-24T22:00:02Z delete x/1 by:`,
			`2023-05-24T22:00:03Z sample "s" up`,
			`2023-05-24T22:00:04Z original x/2 "ab" url[0:2]u`,
		},
		refused: []string{"2 bad_source", "4 bad_source", "5 no_id", "7 not_a_post", "8 no_time"},
	}.check(t)
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	if _, err := Write(fullDisk{}, func(yield func(reaction.Record, error) bool) { yield(reaction.Record{}, nil) }); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	broken := errors.New("broken")
	if n, err := Write(&bytes.Buffer{}, func(yield func(reaction.Record, error) bool) { yield(reaction.Record{}, broken) }); !errors.Is(err, broken) || n != 0 {
		t.Errorf("a broken source: %d, %v", n, err)
	}
	text := "id,time,text\n" + strings.Repeat("a,soon,x\n", 1000) + "b,2023-05-24T22:00:00Z,x\n"
	if _, err := Open(t.Context(), save(t, text), Options{Rejects: fullDisk{}}); !errors.Is(err, errFull) {
		t.Errorf("a full disk for the rejects: %v", err)
	}
}

func TestDamagedRecord(t *testing.T) {
	p := mustPost("x", "2023-05-24T22:00:00Z", "ann", "text")
	p.Facets = []reaction.Facet{{Kind: reaction.FacetURL, End: 4, Value: "u"}}
	whole := encodePost(nil, p.At, &p, false, nil)
	if rec, _, err := decodeRecord(p.At, whole); err != nil || !reflect.DeepEqual(*rec.Post, p) {
		t.Fatalf("%+v, %v", rec.Post, err)
	}
	for n := range whole {
		if _, _, err := decodeRecord(p.At, whole[:n]); err == nil {
			t.Errorf("the first %d bytes of %d are a record", n, len(whole))
		}
	}
	if _, _, err := decodeRecord(p.At, append(whole, 0)); err == nil {
		t.Error("a byte too many is no error")
	}
}
