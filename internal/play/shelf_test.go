package play

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"outcry/collectors/archive"
	"outcry/internal/reaction"
)

// table is a recording of n posts in a table, in no order of time, with some blank rows.
func table(n int) string {
	var b strings.Builder
	b.WriteString("Tweet ID,Created At,Tweet Text\n")
	for i := range n {
		j := (i * 7) % n
		at := t0.Add(time.Duration(j) * time.Second).Format(time.RFC3339)
		tag := "#StreamFail"
		if j%3 == 0 {
			tag = "#ＳＴＲＥＡＭＦＡＩＬ #other"
		}
		fmt.Fprintf(&b, "%d,%s,the stream is dead %s\n,,\n", 1000+j, at, tag)
	}
	return b.String()
}

func packed(t *testing.T, text string) map[string]string {
	t.Helper()
	var g bytes.Buffer
	gz := gzip.NewWriter(&g)
	if _, err := gz.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return map[string]string{"plain": text, "gzip": g.String(), "zstd": string(z.EncodeAll([]byte(text), nil))}
}

func keep(t *testing.T, th *Theatre, name, body string) Recording {
	t.Helper()
	r, err := th.Shelf().Keep(t.Context(), name, archive.Options{}, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// left is what lies in the folder of recordings.
func left(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(dir, "recordings"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestARecordingIsKeptAndPlayed(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	th := h.theatre(t, dir)
	for name, body := range packed(t, table(300)) {
		t.Run(name, func(t *testing.T) {
			h.make(t, "for-"+name)
			r := keep(t, th, `C:\private\`+name+"\u202e.csv", body)
			if r.Name != name+".csv" || r.Format != "csv" || r.Rows != 600 || r.Accepted != 300 || r.Bytes != int64(len(body)) ||
				!r.From.Equal(t0) || !r.To.Equal(t0.Add(299*time.Second)) || fmt.Sprint(r.Sources) != "[x]" || !strings.Contains(r.Columns, `text="Tweet Text"`) {
				t.Errorf("%+v", r)
			}
			if fmt.Sprint(r.Rejected) != "[{blank 300}]" || fmt.Sprint(r.Hashtags) != "[{ＳＴＲＥＡＭＦＡＩＬ 300} {other 100}]" {
				t.Errorf("refused %v, hashtags %v", r.Rejected, r.Hashtags)
			}
			if files := left(t, dir); len(files) > 0 {
				t.Errorf("left on disk: %v", files)
			}
			p, err := th.Recording(t.Context(), r.ID, "for-"+name, Pace{}, "")
			if err != nil {
				t.Fatal(err)
			}
			if p = until(t, th, p.ID, ended); p.State != Done || p.Stored != 300 || p.Unmatched != 0 || p.Name != r.Name || p.Recording != r.ID {
				t.Errorf("%+v", p)
			}
			if _, err := th.Shelf().Find(r.ID); !errors.Is(err, reaction.ErrNotFound) {
				t.Errorf("a recording that was played: %v", err)
			}
			e, err := h.store.Event(t.Context(), "for-"+name)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, recorded, err := h.store.Window(t.Context(), e); err != nil || !recorded {
				t.Errorf("recorded %v, %v", recorded, err)
			}
		})
	}
}

// A recording that was cut off by a restart is sent again and goes on.
func TestARecordingSentAgainGoesOn(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	th := h.theatre(t, dir)
	r := keep(t, th, "posts.csv", table(600))
	p, err := th.Recording(t.Context(), r.ID, "night", pace(t, "60x"), "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, th, p.ID, func(p Play) bool { return p.Sent > 30 })
	if err := th.Shelf().Drop(r.ID); err != nil {
		t.Fatal(err)
	}
	until(t, th, p.ID, func(p Play) bool { return p.Sent > 60 }) // it reads on all the same
	if err := th.Close(); err != nil {
		t.Fatal(err)
	}
	th = h.theatre(t, dir)
	if p, _ = th.Find(p.ID); p.State != Stopped || !strings.Contains(p.Error, "sent and started again") {
		t.Errorf("%+v", p)
	}
	r = keep(t, th, "posts.csv", table(600))
	sent := p.Sent
	if p, err = th.Recording(t.Context(), r.ID, "night", Pace{}, ""); err != nil {
		t.Fatal(err)
	}
	if p = until(t, th, p.ID, ended); p.State != Done || p.Stored != 600 || p.Duplicates != 0 || sent == 0 || sent >= 600 {
		t.Errorf("after %d: %+v", sent, p)
	}
}

func TestMistakesAboutRecordings(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir())
	r := keep(t, th, "posts.csv", table(10))
	if _, err := th.Recording(t.Context(), "none", "night", Pace{}, ""); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("no recording: %v", err)
	}
	if _, err := th.Recording(t.Context(), r.ID, "nothing", Pace{}, ""); !errors.Is(err, reaction.ErrUnusable) {
		t.Errorf("no event: %v", err)
	}
	p, err := th.Drill(t.Context(), small("simulated"), Pace{}, "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, th, p.ID, ended)
	if _, err := th.Recording(t.Context(), r.ID, "simulated", Pace{}, ""); !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), "never mixed") {
		t.Errorf("a simulated event: %v", err)
	}
	if _, err := th.Shelf().Find(r.ID); err != nil {
		t.Errorf("the recording: %v", err)
	}
}

func TestHostileFilesGetOneClearSentence(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	th := h.theatre(t, dir, func(o *Options) { o.Shelf = ShelfLimits{Bytes: 4 << 20, Unpacked: 8 << 20} })
	bomb := packed(t, "id,created_at,text\n1,2024-01-01T00:00:00Z,hello\n"+strings.Repeat("\x20\n", 20<<20))
	cut := packed(t, table(2000))
	for name, c := range map[string]struct{ body, want string }{
		"empty":             {"", "the file is empty"},
		"blanks":            {strings.Repeat("\n", 1000), "nothing but blanks"},
		"zeros":             {strings.Repeat("\x00", 1000), "binary data"},
		"an image":          {"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"},
		"a zip":             {"PK\x03\x04aaaa", "unpack it first"},
		"a page":            {"<!doctype html><p>hello", "an HTML page"},
		"a gzip bomb":       {bomb["gzip"], "too large when they are unpacked"},
		"a zstd bomb":       {bomb["zstd"], "too large when they are unpacked"},
		"half a gzip":       {cut["gzip"][:len(cut["gzip"])/2], "cut short"},
		"half a zstd":       {cut["zstd"][:len(cut["zstd"])/2], "cut short"},
		"a damaged gzip":    {"\x1f\x8b\x08\x00garbage garbage", "gzip"},
		"a damaged zstd":    {"\x28\xb5\x2f\xfdgarbage garbage", "zstd"},
		"a huge window":     {"\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00", "zstd"},
		"too large":         {strings.Repeat("x", 5<<20), "larger than 4 MiB"},
		"a row of commas":   {strings.Repeat(",", 300<<10) + "\n", "no column is known"},
		"one endless line":  {"id,created_at,text\n" + strings.Repeat("x", 3<<20), "none of its"},
		"columns we lack":   {"a,b\n1,2\n", `no column is known to hold the time or the text; its first row is "a", "b"`},
		"brackets":          {strings.Repeat("[", 1<<20), "no"},
		"nested objects":    {strings.Repeat(`{"a":`, 1<<18), "known kind"},
		"other JSON":        {`{"weather":"fine"}`, "known kind"},
		"the year 2099":     {"id,created_at,text\n1,2099-01-01T00:00:00Z,hello\n", "future_time"},
		"marks in a header": {"a header that turns \u202e and colours \x1b[31m the page,b\n1,2\n3,4\n5,6\n7,8\n", "no column is known"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			r, err := th.Shelf().Keep(t.Context(), "../../etc/hostile.csv", archive.Options{}, strings.NewReader(c.body))
			if !errors.Is(err, reaction.ErrUnusable) {
				t.Fatalf("kept as %+v, %v", r, err)
			}
			text := err.Error()
			if !strings.Contains(text, c.want) || strings.Contains(text, dir) || len(text) > 1100 || strings.ContainsAny(text, "\u202e\x1b\n") {
				t.Errorf("told: %q", text)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if files := left(t, dir); len(files) > 0 {
				t.Errorf("left on disk: %v", files)
			}
		})
	}
	if list := th.Shelf().List(); len(list) > 0 {
		t.Errorf("kept: %+v", list)
	}
}

// slowly is a body that waits in the middle.
type slowly struct {
	go_ chan struct{}
	err error
}

func (s slowly) Read([]byte) (int, error) { <-s.go_; return 0, s.err }

func TestTheShelfIsBounded(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	th := h.theatre(t, dir, func(o *Options) { o.Shelf = ShelfLimits{Number: 2, Arriving: 1, OnDisk: 100 << 10, Memory: 1 << 10} })
	shelf := th.Shelf()
	waits, broke := slowly{make(chan struct{}), errors.New("the line was cut")}, make(chan error)
	go func() {
		_, err := shelf.Keep(t.Context(), "slow", archive.Options{}, waits)
		broke <- err
	}()
	for len(left(t, dir)) == 0 { // until it has begun to arrive
		if err := sleep(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	info, err := left(t, dir)[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file that arrives has mode %v, %v", info.Mode(), err)
	}
	if _, err := shelf.Keep(t.Context(), "other", archive.Options{}, strings.NewReader(table(5))); !errors.Is(err, reaction.ErrBusy) {
		t.Errorf("a second that arrives: %v", err)
	}
	close(waits.go_)
	if err := <-broke; !errors.Is(err, waits.err) {
		t.Errorf("a body that broke off: %v", err)
	}
	if files := left(t, dir); len(files) > 0 {
		t.Errorf("left on disk: %v", files)
	}
	first := keep(t, th, "first", table(5))
	if _, err := shelf.Keep(t.Context(), "large", archive.Options{}, strings.NewReader(table(20_000))); !errors.Is(err, reaction.ErrConflict) ||
		!strings.Contains(err.Error(), "on disk") {
		t.Errorf("one that is too large together with others: %v", err)
	}
	keep(t, th, "second", table(5))
	if _, err := shelf.Keep(t.Context(), "third", archive.Options{}, strings.NewReader(table(5))); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("a third: %v", err)
	}
	if err := shelf.Drop(first.ID); err != nil {
		t.Fatal(err)
	}
	keep(t, th, "third", table(5))
}

func TestRecordingsGoWhenTheirTimeIsOver(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir(), func(o *Options) { o.Shelf.Keep = 50 * time.Millisecond })
	r := keep(t, th, "posts.csv", table(5))
	for {
		if _, err := th.Shelf().Find(r.ID); errors.Is(err, reaction.ErrNotFound) {
			return
		}
		if err := sleep(t.Context(), 5*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatAKilledServerLeftIsRemoved(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	h.theatre(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "recordings", "half"), []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.theatre(t, dir)
	if files := left(t, dir); len(files) > 0 {
		t.Errorf("left on disk: %v", files)
	}
	info, err := os.Stat(filepath.Join(dir, "recordings"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
}

func TestAReadingThatTakesTooLongIsGivenUp(t *testing.T) {
	h := newHouse(t)
	th := h.theatre(t, t.TempDir(), func(o *Options) { o.Shelf.Reading = time.Nanosecond })
	_, err := th.Shelf().Keep(t.Context(), "posts.csv", archive.Options{}, strings.NewReader(table(5)))
	if !errors.Is(err, reaction.ErrUnusable) || !strings.Contains(err.Error(), "could not be read within") {
		t.Errorf("error %v", err)
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("this system has no device that is always full: %v", err)
	}
	defer full.Close()
	if _, err := fill(t.Context(), full, strings.NewReader("words"), 100); !errors.Is(err, reaction.ErrFull) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("error %v", err)
	}
}

func TestNamesAreOnlyShown(t *testing.T) {
	for in, want := range map[string]string{
		"tweets.csv": "tweets.csv", "": "recording", "../../etc/passwd": "passwd", `C:\fakepath\a b.csv`: "a b.csv", "a\x00b\nc": "ab c",
		"evil\u202efdp.exe": "evilfdp.exe", "/": "recording", "\xff": "\uFFFD", strings.Repeat("é", 100): strings.Repeat("é", 60) + "…",
	} {
		if got := shown(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
