package stream

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"outcry/internal/reaction"
)

func TestTwoOpenersOfADirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	first := open(t, Options{Dir: dir})
	_, err := Open(soon(t), Options{Dir: dir})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("the second opener is told %v", err)
	}
	shut(t, first)
	open(t, Options{Dir: dir})
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	spoilt := t.TempDir() // with a file where the server wants a directory
	if err := os.WriteFile(filepath.Join(spoilt, "jetstream"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    Options
		says string
	}{
		"nowhere":             {Options{}, "needs a directory"},
		"a file":              {Options{Dir: file}, file},
		"under a file":        {Options{Dir: filepath.Join(file, "log")}, filepath.Join(file, "log")},
		"a spoilt directory":  {Options{Dir: spoilt}, spoilt},
		"a tiny log":          {Options{Dir: t.TempDir(), MaxBytes: 1}, "too small"},
		"no URL":              {Options{URL: "hello there"}, "not one like nats://"},
		"a URL with a secret": {Options{URL: "nats://me:secret%zz@[::1:4222"}, "not one like nats://"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(soon(t), c.o)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
				t.Errorf("Open says %v", err)
			}
		})
	}
}

func TestOpenUnwritableDirectory(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(soon(t), Options{Dir: dir}); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Open says %v", err)
	}
}

func TestOpenServerThatIsAway(t *testing.T) {
	_, err := Open(soon(t), Options{URL: "nats://me:secret@127.0.0.1:1"})
	if !errors.Is(err, reaction.ErrAway) || strings.Contains(err.Error(), "secret") {
		t.Errorf("Open says %v", err)
	}
}

func TestEpochLivesAsLongAsTheStream(t *testing.T) {
	dir := t.TempDir()
	epoch := func() string {
		l := open(t, Options{Dir: dir})
		defer shut(t, l)
		return l.Epoch()
	}
	first := epoch()
	if again := epoch(); again != first || first == "" {
		t.Errorf("the epoch was %q and is %q after a restart", first, again)
	}
	if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
		t.Fatal(err)
	}
	if wiped := epoch(); wiped == first {
		t.Errorf("the epoch is still %q after the directory was wiped", wiped)
	}
}

func TestSizeLimitMayChange(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir, MaxBytes: 4 * MinBytes})
	f := feed(t, l, "live/x/0")
	for range 3 {
		if _, err := f.Publish(soon(t), heavy("live/x/0", 7)); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, l)
	l = open(t, Options{Dir: dir, MaxBytes: MinBytes})
	if n, _, err := l.Pending(soon(t)); n != 3 || err != nil {
		t.Errorf("%d of 3 envelopes are left in a log with a lower limit, %v", n, err)
	}
	if got := l.stream.CachedInfo().Config.MaxBytes; got != MinBytes {
		t.Errorf("the limit is %d, want %d", got, int64(MinBytes))
	}
}

func TestClosedLog(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	f, d := feed(t, l, "live/x/0"), read(t, l, ConsumeOptions{})
	shut(t, l)
	shut(t, l)
	if _, err := f.Publish(soon(t), saying("live/x/0", "late")); !errors.Is(err, ErrClosed) {
		t.Errorf("Publish says %v", err)
	}
	if _, err := d.Next(soon(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("Next says %v", err)
	}
	if _, err := l.Feed(soon(t), "live/x/0"); !errors.Is(err, ErrClosed) {
		t.Errorf("Feed says %v", err)
	}
	if _, _, err := l.Pending(soon(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("Pending says %v", err)
	}
}

func TestOrdinaryLifeIsQuiet(t *testing.T) {
	var said bytes.Buffer
	quiet := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelInfo}))
	dir := t.TempDir()
	for range 2 {
		l := open(t, Options{Dir: dir, Log: quiet})
		d := read(t, l, ConsumeOptions{})
		say(t, feed(t, l, "live/x/0"), "hello")
		ack(t, expect(t, d, "hello")...)
		if err := l.Trim(soon(t)); err != nil {
			t.Error(err)
		}
		shut(t, l)
	}
	for line := range strings.Lines(said.String()) {
		if !strings.Contains(line, "Temporary storage directory") { // so it is, in a test
			t.Errorf("the operator is told: %s", line)
		}
	}
}
