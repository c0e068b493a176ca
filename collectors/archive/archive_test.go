package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"outcry/internal/reaction"
)

func mustPost(source, at, author, text string) reaction.Post {
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return reaction.Post{Source: reaction.Source(source), At: when, Author: reaction.Author{ID: author}, Text: text}
}

// manyRows is a table of posts, every third without an id, some at the same time and some equal.
func manyRows(n int) (header string, rows []string) {
	for i := range n {
		id := fmt.Sprint("p", i)
		if i%3 == 0 {
			id = ""
		}
		rows = append(rows, fmt.Sprintf("%s,%s,ann,%q\n", id, time.Unix(1684965600+int64(i%17), 0).UTC().Format(time.RFC3339), fmt.Sprint("text ", i%5)))
	}
	return "id,time,author,text\n", rows
}

func TestShuffledFileGivesTheSameRecords(t *testing.T) {
	header, rows := manyRows(200)
	byID := func(recs []reaction.Record) []string {
		var out []string
		for _, r := range recs {
			out = append(out, describe(r))
		}
		slices.Sort(out)
		return out
	}
	dir := t.TempDir()
	read := func(rows []string, memory int64) []reaction.Record {
		path := filepath.Join(dir, "shuffled")
		if err := os.WriteFile(path, []byte(header+strings.Join(rows, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		a := opened(t, Options{MemoryBytes: memory, TempDir: dir}, path)
		defer a.Close()
		return records(t, a, 0)
	}
	want := read(rows, 0)
	if !slices.IsSortedFunc(want, func(a, b reaction.Record) int { return a.At.Compare(b.At) }) {
		t.Fatal("not in the order of time")
	}
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := slices.Clone(rows)
		seed := rapid.Uint64().Draw(rt, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := read(shuffled, rapid.SampledFrom([]int64{0, 1, 3000}).Draw(rt, "memory"))
		if !slices.Equal(byID(got), byID(want)) {
			rt.Fatal("other records")
		}
		if !slices.IsSortedFunc(got, func(a, b reaction.Record) int { return a.At.Compare(b.At) }) {
			rt.Fatal("not in the order of time")
		}
	})
}

func TestOnDiskAsInMemory(t *testing.T) {
	header, rows := manyRows(3000)
	path := save(t, header+strings.Join(rows, ""))[0]
	whole := opened(t, Options{}, path)
	spilled := opened(t, Options{MemoryBytes: 2000}, path)
	if whole.sorter.Spilled() || !spilled.sorter.Spilled() {
		t.Fatal("the sizes of this test are wrong")
	}
	want := records(t, whole, 0)
	if got := records(t, spilled, 0); !reflect.DeepEqual(got, want) {
		t.Error("sorted on disk, the records differ")
	}
	for _, after := range []int64{0, 1, 1000, 2999, 3000, 9999} {
		rest := want[min(after, int64(len(want))):]
		for name, a := range map[string]*Archive{"memory": whole, "disk": spilled} {
			if got := records(t, a, after); len(got) != len(rest) || len(got) > 0 && !reflect.DeepEqual(got, rest) {
				t.Errorf("%s: after %d come %d records, or others than the last %d", name, after, len(got), len(rest))
			}
		}
	}
	for range spilled.Records(0) {
		break // an iteration may be left at any time
	}
}

func TestTiesAreInOrderOfFileAndLine(t *testing.T) {
	const header = "id,time,text\n"
	paths := save(t, header+"b,2023-05-24T18:00:00Z,x\na,2023-05-24T18:00:00Z,x\n", header+"c,2023-05-24T18:00:00Z,x\n0,2023-05-24T17:00:00Z,x\n")
	var got []string
	for _, r := range records(t, opened(t, Options{}, paths...), 0) {
		got = append(got, r.Post.ID)
	}
	if want := []string{"0", "b", "a", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCoverageAndCounts(t *testing.T) {
	posts := "id,time,text,platform\na,2023-05-24T18:00:09Z,x,x\nb,2023-05-24T18:01:00Z,x,bluesky\nc,2023-05-24T18:00:30Z,x,x\nd,soon,x,x\n"
	samples := "time,service,state\n2023-05-24T17:00:00Z,Spaces,up\n2023-05-24T17:00:00Z,Spaces,odd\n"
	a := opened(t, Options{}, save(t, posts, samples)...)
	at := func(s string) time.Time { return mustPost("x", "2023-05-24T"+s+"Z", "", "").At }
	want := []reaction.Coverage{
		{Source: "bluesky", From: at("18:01:00"), To: at("18:01:10"), State: reaction.CoverageRecorded},
		{Source: "x", From: at("18:00:00"), To: at("18:00:40"), State: reaction.CoverageRecorded},
	}
	if got := a.Coverage(); !reflect.DeepEqual(got, want) {
		t.Errorf("coverage %+v, want %+v", got, want)
	}
	if got, want := a.Rejected(), []reaction.RejectCount{{Source: FallbackSource, Reason: ReasonBadTime, Posts: 1}, {Source: FallbackSource, Reason: ReasonBadValue, Posts: 1}}; !slices.Equal(got, want) {
		t.Errorf("rejected %+v, want %+v", got, want)
	}
	if f := a.Files(); len(f) != 2 || f[0].Format != FormatCSV || f[1].Format != FormatSamplesCSV || !f[1].First.Equal(at("17:00:00")) ||
		f[0].Mapping != `time="time", text="text", id="id", source="platform"` {
		t.Errorf("files %+v", f)
	}
}

func TestFingerprint(t *testing.T) {
	const text = "id,time,text\na,2023-05-24T18:00:00Z,x\n"
	print := func(o Options, texts ...string) string { return opened(t, o, save(t, texts...)...).Fingerprint() }
	want := print(Options{}, text)
	if len(want) != 32 || want != print(Options{MemoryBytes: 1, Now: readAt.Add(time.Hour), Rejects: &bytes.Buffer{}}, text) {
		t.Errorf("the same contents and options give another fingerprint than %s", want)
	}
	seen := map[string]string{want: "the same"}
	for name, got := range map[string]string{
		"another text":    print(Options{}, text+"b,2023-05-24T18:00:00Z,x\n"),
		"two files":       print(Options{}, text, text),
		"another source":  print(Options{Source: "x"}, text),
		"another column":  print(Options{Columns: map[string]string{"id": "-"}}, text),
		"another zone":    print(Options{Zone: time.FixedZone("KST", 9*3600)}, text),
		"format by name":  print(Options{Format: FormatCSV}, text),
		"a layout for it": print(Options{TimeLayout: time.RFC3339}, text),
	} {
		if other, taken := seen[got]; taken {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[got] = name
	}
}

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zst(t testing.TB, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

func utf16Text(order binary.AppendByteOrder, text string) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestPackingAndEncoding(t *testing.T) {
	const header, row1, row2 = "id,time,text\n", "a,2023-05-24T18:00:00Z,먹통 🎉\n", "b,2023-05-24T18:00:01Z,y\n"
	want := lines(t, opened(t, Options{}, save(t, header+row1+row2)...))
	for name, text := range map[string]string{
		"gzip":               gz(t, header+row1+row2),
		"gzip, two members":  gz(t, header+row1) + gz(t, row2),
		"zstd":               zst(t, header+row1+row2),
		"zstd, two frames":   zst(t, header+row1) + zst(t, row2),
		"byte order mark":    "\ufeff" + header + row1 + row2,
		"UTF-16":             utf16Text(binary.LittleEndian, header+row1+row2),
		"UTF-16, big-endian": utf16Text(binary.BigEndian, header+row1+row2),
		"UTF-16 in gzip":     gz(t, utf16Text(binary.LittleEndian, header+row1+row2)),
	} {
		if got := lines(t, opened(t, Options{}, save(t, text)...)); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestErrors(t *testing.T) {
	const good = "id,time,text\na,2023-05-24T18:00:00Z,x\n"
	header, rows := manyRows(60_000)
	long := header + strings.Join(rows, "")
	packed, packedZ := gz(t, long), zst(t, long)
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text    string
		paths   []string
		options Options
		want    []string
	}{
		"none":                {paths: []string{}, want: []string{"at least one file"}},
		"missing":             {paths: []string{dir + "/absent"}, want: []string{"absent cannot be opened: no such file"}},
		"directory":           {paths: []string{dir}, want: []string{"is a directory: name the files in it"}},
		"empty":               {text: "", want: []string{"the file is empty"}},
		"blank":               {text: "\n\n \n", want: []string{"nothing but blanks"}},
		"image":               {text: "\x89PNG\r\n\x1a\n...", want: []string{"no archive of posts: it is a PNG image"}},
		"binary":              {text: strings.Repeat("\x00\x01\x02abc", 100), want: []string{"binary data"}},
		"another encoding":    {text: strings.Repeat("\xb8\xd4\xc5\xeb,", 100), want: []string{"not UTF-8"}},
		"web page":            {text: "<!DOCTYPE html><html><p>hi, you", want: []string{"an HTML page"}},
		"zip in gzip":         {text: gz(t, "PK\x03\x04xxxxxxx"), want: []string{"zip"}},
		"text":                {text: "Dear all,\nit is down.\n", want: []string{`no column is known to hold the time or the text`, `"Dear all", ""`, "--columns time=NAME", "time=#1"}},
		"no time":             {text: "tweet_id,text\n1,x\n", want: []string{"hold the time;", `"tweet_id", "text"`}},
		"unknown JSON":        {text: `{"a":1,"b":2}`, want: []string{"no known kind", "keys a, b", "--format"}},
		"header only":         {text: "id,time,text\n", want: []string{"holds no rows"}},
		"nothing usable":      {text: "id,time,text\n1,soon,x\n2,soon,x\n3,,x\n", want: []string{"none of its 3 rows could be used: 2 bad_time, 1 no_time"}},
		"unknown role":        {text: good, options: Options{Columns: map[string]string{"when": "time"}}, want: []string{`"when" is none of time, text`}},
		"unknown header":      {text: good, options: Options{Columns: map[string]string{"text": "body"}}, want: []string{"text=body: there is no such column", `"id", "time", "text"`}},
		"unknown number":      {text: good, options: Options{Columns: map[string]string{"text": "#4"}}, want: []string{"#1 to #3"}},
		"unknown format":      {text: good, options: Options{Format: "xls"}, want: []string{`"xls" is none of auto`}},
		"bad source":          {text: good, options: Options{Source: "X!"}, want: []string{"X!"}},
		"no room for sorting": {text: long, options: Options{MemoryBytes: 1000, TempDir: dir + "/absent"}, want: []string{"sorting on disk"}},
		"cut gzip":            {text: packed[:len(packed)/2], want: []string{"gzip data ends too early", fmt.Sprintf("after %d bytes", len(packed)/2), "rows", "nothing was taken"}},
		"cut zstd":            {text: packedZ[:len(packedZ)/2], want: []string{"zstd data", "nothing was taken"}},
		"cut at once":         {text: packed[:5], want: []string{"gzip data ends too early"}},
		"damaged gzip":        {text: packed[:5000] + "xxxxxxxx" + packed[5008:], want: []string{"gzip data is damaged", "nothing was taken"}},
	} {
		paths := c.paths
		if paths == nil {
			paths = save(t, c.text)
		}
		c.options.Now = readAt
		a, err := Open(t.Context(), paths, c.options)
		if err == nil {
			a.Close()
			t.Errorf("%s: no error", name)
			continue
		}
		for _, part := range append(c.want, paths...) {
			if !strings.Contains(err.Error(), part) && !(part == paths[0] && (c.options.Columns != nil && strings.HasPrefix(err.Error(), "--columns") || c.options.Format != "" || c.options.Source != "" || c.options.MemoryBytes > 0)) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q is more than a line", name, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	header, rows := manyRows(60_000)
	_, err := Open(ctx, save(t, header+strings.Join(rows, "")), Options{Now: readAt, Progress: func(Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProgress(t *testing.T) {
	header, rows := manyRows(60_000)
	text := header + strings.Join(rows, "")
	var seen []Progress
	paths := save(t, text, header+rows[0])
	opened(t, Options{Progress: func(p Progress) { seen = append(seen, p) }}, paths...)
	last := seen[len(seen)-1]
	total := int64(len(text) + len(header) + len(rows[0]))
	if len(seen) < 3 || last.Bytes != total || last.Total != total || last.Rows != 60_001 || last.Path != paths[1] {
		t.Errorf("%d reports, the last %+v; want %d bytes", len(seen), last, total)
	}
	for i := 1; i < len(seen); i++ {
		if seen[i].Bytes < seen[i-1].Bytes || seen[i].Rows < seen[i-1].Rows {
			t.Errorf("%+v follows %+v", seen[i], seen[i-1])
		}
	}
}
