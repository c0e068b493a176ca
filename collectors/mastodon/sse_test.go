package mastodon

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// cutSSE is what a stream holds, a line each: comments, and events with their data.
func cutSSE(r io.Reader) (out []string) {
	s := newSSE(r)
	for {
		e, err := s.next()
		switch {
		case err != nil:
			return out
		case e.comment:
			out = append(out, "comment")
		case e.large:
			out = append(out, "large "+e.name)
		default:
			out = append(out, fmt.Sprintf("%s %q", e.name, e.data))
		}
	}
}

func TestServerSentEvents(t *testing.T) {
	stream := ":)\nevent: update\ndata: {\"id\":\"1\"}\n\n:thump\n:thump\nevent: delete\ndata: 1\n\n" +
		"event:status.update\ndata:a\ndata: b\ndata\nid: 7\nretry: 10\nodd\n\n\n\nevent: nothing\n\ndata: unnamed\n\n" +
		"event: update\n:thump\ndata: inside\n\nevent: cut\ndata: off\n"
	want := []string{"comment", `update "{\"id\":\"1\"}"`, "comment", "comment", `delete "1"`, `status.update "a\nb\n"`, ` "unnamed"`, `update "inside"`}
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		text := strings.ReplaceAll(stream, "\n", end)
		t.Run(name, func(t *testing.T) {
			same(t, cutSSE(strings.NewReader(text)), want)
			same(t, cutSSE(iotest.OneByteReader(strings.NewReader(text))), want)
			same(t, cutSSE(strings.NewReader("\uFEFF"+text)), want)
		})
	}
}

// An event is known when its empty line has come, also where that ends with CR and nobody can tell
// yet whether LF follows.
func TestAnEventDoesNotWaitForTheNext(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	go io.WriteString(w, "event: delete\rdata: 1\r\r")
	if e, err := newSSE(r).next(); err != nil || string(e.data) != "1" {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestLongEventsArePassedOver(t *testing.T) {
	long := strings.Repeat("x", maxEvent-len("data: "))
	text := "event: update\ndata: " + long + "y\n\nevent: update\ndata: 1234567\ndata: " + long + "\ndata: b\n\n" + long + long + ": odd\n\nevent: update\ndata: " + long + "\n\ndata: end\n\n"
	got := cutSSE(strings.NewReader(text))
	want := []string{"large update", "large update", "large ", "update \"" + long + `"`, ` "end"`}
	for i := range got {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("%d events, and the %dth is %.40q", len(got), i, got[i])
		}
	}
	s := newSSE(strings.NewReader(strings.Repeat(long, 20)))
	if _, err := s.next(); !errors.Is(err, io.EOF) || cap(s.line) > 3*maxEvent {
		t.Errorf("%v, and %d bytes are kept of a line without an end", err, cap(s.line))
	}
}

// FuzzSSE cuts anything, however it comes: in one piece or byte by byte.
func FuzzSSE(f *testing.F) {
	f.Add(":)\nevent: update\ndata: {}\n\n:thump\n")
	f.Add("data: a\r\ndata: b\r\n\r\n")
	f.Add("event: x\rdata: y\r\r\n\n")
	f.Add("\uFEFFdata\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		whole := cutSSE(strings.NewReader(text))
		same(t, cutSSE(iotest.OneByteReader(strings.NewReader(text))), whole)
		for _, e := range whole {
			if strings.ContainsAny(e, "\r") {
				t.Errorf("an end of line in %q", e)
			}
		}
	})
}
