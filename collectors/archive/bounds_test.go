package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// bombs are a table that unpacks to n bytes, packed in each way.
func bombs(t *testing.T, n int) map[string]string {
	t.Helper()
	text := "id,created_at,text\n1,2024-01-01T00:00:00Z,hello\n"
	text += strings.Repeat(",,\n", (n-len(text))/3)
	var z bytes.Buffer
	gz := gzip.NewWriter(&z)
	if _, err := gz.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"plain": text, "gzip": z.String(), "zstd": string(enc.EncodeAll([]byte(text), nil))}
	for name, content := range out {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		out[name] = path
	}
	return out
}

func TestWhatUnpacksToTooMuchIsRefused(t *testing.T) {
	for name, path := range bombs(t, 20<<20) {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(t.Context(), []string{path}, Options{Bounds: Bounds{Bytes: 10 << 20}}); !errors.Is(err, ErrBounds) {
				t.Errorf("error %v", err)
			}
			a, err := Open(t.Context(), []string{path}, Options{Bounds: Bounds{Bytes: 20 << 20}})
			if err != nil {
				t.Fatal(err)
			}
			if a.Len() != 1 {
				t.Errorf("%d records", a.Len())
			}
			if _, err := Open(t.Context(), []string{path, path}, Options{Bounds: Bounds{Bytes: 30 << 20}}); !errors.Is(err, ErrBounds) {
				t.Errorf("two files: error %v", err)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	o := Options{Progress: func(Progress) { cancel(cause) }}
	if _, err := Open(ctx, []string{bombs(t, 200<<20)["plain"]}, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A page whose posts all pass on one long text must not take thousands of times its size.
func TestPagesThatGrowAreRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"data":[{"id":"1","text":"the first","created_at":"2024-01-01T00:00:00Z"}`)
	for i := range 20_000 {
		fmt.Fprintf(&b, `,{"id":"%d","text":"RT @a: x…","created_at":"2024-01-01T00:00:00Z","referenced_tweets":[{"type":"retweeted","id":"9"}]}`, i+10)
	}
	fmt.Fprintf(&b, `],"includes":{"tweets":[{"id":"9","text":%q}]}}`+"\n", strings.Repeat("long ", 12_000))
	a := opened(t, Options{Bounds: Bounds{Page: 4 << 20}}, save(t, b.String())...)
	defer a.Close()
	f := a.Files()[0]
	if f.Accepted == 0 || f.Rejected[ReasonTooLarge] < 10_000 || f.Rows != 20_001 {
		t.Errorf("%+v", f)
	}
	if size := a.Len() * 60_000; size > 20<<20 {
		t.Errorf("%d bytes of text were taken", size)
	}
}

// Nothing is as small in a file and as large in memory as an empty object.
func TestCrowdsOfNothingAreRefused(t *testing.T) {
	good := `{"id":"1","text":"hello","created_at":"2024-01-01T00:00:00Z"}` + "\n"
	for name, item := range map[string]string{"objects": "{}", "nulls": "null"} {
		t.Run(name, func(t *testing.T) {
			page := `{"data":[` + strings.TrimSuffix(strings.Repeat(item+",", 500_000), ",") + "]}\n"
			began := time.Now()
			a := opened(t, Options{Format: FormatXv2}, save(t, good+page)...)
			defer a.Close()
			if f := a.Files()[0]; f.Accepted != 1 || f.Rejected[ReasonTooLarge] != 1 {
				t.Errorf("%+v", f)
			}
			t.Log(time.Since(began))
		})
	}
}

// A table is the same recording however much of the machine its reading may take; pages may not
// be, since one that is too long is refused.
func TestBoundsAndFingerprints(t *testing.T) {
	tight := Bounds{Bytes: 64 << 20, Page: 1 << 20, Window: 8 << 20, Workers: 1}
	for text, same := range map[string]bool{
		"id,created_at,text\n1,2024-01-01T00:00:00Z,hello\n":                            true,
		`{"data":{"id":"1","text":"hello","created_at":"2024-01-01T00:00:00Z"}}` + "\n": false,
	} {
		paths := save(t, text)
		if got := opened(t, Options{}, paths...).Fingerprint() == opened(t, Options{Bounds: tight}, paths...).Fingerprint(); got != same {
			t.Errorf("%s: same is %v", text, got)
		}
	}
}
