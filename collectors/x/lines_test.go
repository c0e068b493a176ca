package x

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"outcry/collectors/wire"
)

// read takes everything apart; messages that are too long are "…".
func read(l *lines) (out []string, err error) {
	for {
		line, err := l.next()
		switch {
		case errors.Is(err, errLong):
			out = append(out, "…")
		case err != nil:
			return out, err
		default:
			out = append(out, string(line))
		}
	}
}

func TestFraming(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for in, want := range map[string][]string{
		"":                      nil,
		"a\r\nb\r\n":            {"a", "b"},
		"a\nb\n":                {"a", "b"},
		"\r\n\n \r\n":           {"", "", ""},
		long + "\r\na\r\n":      {long, "a"},
		long + long + "\r\na\n": {"…", "a"},
		"a\n{}":                 {"a", "{}"}, // whole, but for its line's end
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "in bytes": iotest.OneByteReader(strings.NewReader(in))} {
			l := newLines(r)
			l.most = len(long)
			got, err := read(l)
			if !slices.Equal(got, want) || !errors.Is(err, io.EOF) {
				t.Errorf("%.20q, %s: %d messages, %v", in, name, len(got), err)
			}
		}
	}
	l := newLines(io.LimitReader(endless('x'), 64<<20))
	if _, err := read(l); !errors.Is(err, io.ErrUnexpectedEOF) || cap(l.buf) > 4*maxMessage {
		t.Errorf("a message without end takes %d bytes, and ends with %v", cap(l.buf), err)
	}
	for _, in := range []string{`{"data":`, "a\n{\"data\":{", long + long} {
		l := newLines(strings.NewReader(in))
		l.most = len(long)
		if _, err := read(l); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%.20q ends with %v", in, err)
		}
	}
	broken := errors.New("broken")
	if got, err := read(newLines(io.MultiReader(strings.NewReader("a\n{}"), iotest.ErrReader(broken)))); !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
}

// endless is a text of one letter.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// FuzzFraming holds the framing against taking the whole apart at once.
func FuzzFraming(f *testing.F) {
	f.Add([]byte("a\r\n\r\nb\n"), uint8(3))
	f.Add([]byte("{\"data\":{}}\r\n{\"d"), uint8(200))
	f.Add(bytes.Repeat([]byte("\n"), 300), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, most uint8) {
		l := newLines(iotest.HalfReader(bytes.NewReader(data)))
		l.most = int(most)
		got, err := read(l)
		var want []string
		parts := bytes.SplitAfter(data, []byte("\n"))
		for _, part := range parts[:len(parts)-1] {
			if len(part) > int(most)+2 {
				want = append(want, "…")
			} else {
				want = append(want, string(bytes.TrimSpace(part)))
			}
		}
		last := bytes.TrimSpace(parts[len(parts)-1])
		if len(got) == len(want)+1 && string(last) == got[len(got)-1] {
			want = append(want, string(last))
		}
		if !slices.Equal(got, want) || err == nil {
			t.Fatalf("%q: %q, %v", data, got, err)
		}
	})
}

// FuzzMessage holds that no message of the stream breaks anything, and that what is emitted fits.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"data":{"id":"4","text":"down","created_at":"2023-05-24T22:00:01.500Z"},"matching_rules":[{"id":"9","tag":"outcry:1:0"}]}`))
	f.Add([]byte(tooMany))
	f.Add([]byte(goodbye))
	f.Add([]byte(`{"data":[{"id":1}],"matching_rules":[{"tag":"outcry:-1"}],"errors":[{"value":{}}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s := NewSource(SourceOptions{Wanted: listOf(), Purse: purseOf()})
		c := &conn{from: s, body: io.NopCloser(nil), stop: func() {}}
		h, err := c.message(heard(), line, some)
		if err != nil && len(h.Items) > 0 {
			t.Fatal("an end with posts")
		}
		for _, it := range h.Items {
			if r := it.Record; r.Post != nil { // the line sees to times that cannot be
				r.At, r.Post.At = some, some
				if bad := r.Check(); bad != nil {
					t.Fatalf("%q gives %+v: %s", line, r.Post, bad)
				}
			} else if it.Refused == "" {
				t.Fatalf("%q gives %+v", line, r)
			}
		}
		ex := exchange{status: 400, body: line}
		ex.refusals(map[string]string{})
		if text := ex.fault(errors.New("x"), some).Error(); len(text) > 600 || strings.ContainsAny(text, "\n\r") {
			t.Fatalf("%q", text)
		}
		pageIDs(line)
	})
}

func TestTagsOfOurs(t *testing.T) {
	for in, want := range map[string]int64{tag(7, 3): 7, "outcry:7": 7, "outcry:-7:1": 0, "outcry:x:1": 0, "theirs": 0, "": 0, "outcry:": 0} {
		if got := eventOf(in); got != want {
			t.Errorf("%q is of event %d, want %d", in, got, want)
		}
	}
	b := newRulebook(nil, nil)
	b.known["1"] = asked{events: []int64{3, 4}}
	b.known["2"] = asked{events: []int64{4}, author: "acme"}
	got := b.of([]wire.XRule{{ID: "1", Tag: "outcry:9:0"}, {ID: "2"}, {ID: "3", Tag: "theirs"}, {ID: "4", Tag: "outcry:5:0"}})
	if !slices.Equal(got.events, []int64{3, 4, 5}) || got.author != "acme" {
		t.Errorf("got %+v", got)
	}
}
