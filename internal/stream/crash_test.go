package stream

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

const childDir = "OUTCRY_STREAM_TEST_DIR"

// publishForEver is the child process of the test below: it prints each sequence once Publish
// has returned it.
func publishForEver(dir string) {
	die := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	l, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		die(err)
	}
	f, err := l.Feed(ctx, "live/x/0")
	if err != nil {
		die(err)
	}
	for i := uint64(1); ; i++ {
		seq, err := f.Publish(ctx, batch("live/x/0", 20, i))
		if err != nil {
			die(err)
		}
		fmt.Println(seq)
	}
}

func TestKilledPublisherLosesNothing(t *testing.T) {
	dir := t.TempDir()
	last := uint64(0)
	for round := range 3 {
		child := exec.CommandContext(soon(t), os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if last, err = strconv.ParseUint(lines.Text(), 10, 64); err != nil {
				t.Fatal(err)
			}
			if n == 40+20*round {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // killed
	}

	l := open(t, Options{Dir: dir})
	d := read(t, l, ConsumeOptions{})
	for want := uint64(1); want <= last; want++ {
		del := next(t, d)
		if del.Seq != want || del.Prev != want-1 || len(del.Envelope.Posts) != 20 {
			t.Fatalf("sequence %d after %d with %d posts; want %d after %d with 20",
				del.Seq, del.Prev, len(del.Envelope.Posts), want, want-1)
		}
		ack(t, del)
	}
	if last < 120 {
		t.Errorf("only %d envelopes were acknowledged", last)
	}
}
