package frame

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

type framer interface{ Next() (Row, error) }

// show reads all rows, each as "line:fields", "line!fault" or "line:event=data".
func show(t *testing.T, f framer) []string {
	t.Helper()
	var out []string
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case row.Fault != "":
			out = append(out, fmt.Sprintf("%d!%s", row.Line, row.Fault))
		case row.Cells != nil:
			out = append(out, fmt.Sprintf("%d:%s", row.Line, strings.ReplaceAll(string(join(row.Cells)), "\n", "⏎")))
		case row.Event != "":
			out = append(out, fmt.Sprintf("%d:%s=%s", row.Line, row.Event, row.Data))
		default:
			out = append(out, fmt.Sprintf("%d:%s", row.Line, strings.Join(strings.Fields(string(row.Data)), "")))
		}
	}
}

func join(cells [][]byte) (out []byte) {
	for i, c := range cells {
		if i > 0 {
			out = append(out, '|')
		}
		out = append(out, c...)
	}
	return out
}

// windows reads a text at once and byte by byte.
func windows(text string) []*Window {
	return []*Window{NewWindow(strings.NewReader(text)), NewWindow(iotest.OneByteReader(strings.NewReader(text)))}
}

func TestCSV(t *testing.T) {
	big := strings.Repeat("x", Limit)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"plain":                  {"a,b\nc,d\n", []string{"1:a|b", "2:c|d"}},
		"no line feed at end":    {"a,b\nc,d", []string{"1:a|b", "2:c|d"}},
		"CRLF":                   {"a,b\r\n\"c\",\"d\"\r\ne,f\r\n", []string{"1:a|b", "2:c|d", "3:e|f"}},
		"quoted":                 {"\"a,1\",\"b \"\"q\"\"\"\n", []string{`1:a,1|b "q"`}},
		"lines in a field":       {"\"a\n1\r\n2\",b\nc,d\n", []string{"1:a⏎1\r⏎2|b", "4:c|d"}},
		"empty at end":           {"a,\n\"b\",\n,\"\"\n", []string{"1:a|", "2:b|", "3!blank"}},
		"blank":                  {"\n,\n \t, \na,b\n", []string{"1!blank", "2!blank", "3!blank", "4:a|b"}},
		"few and many":           {"a\na,b,c\na,b,,\nd,e\n", []string{"1!bad_row", "2!bad_row", "3:a|b", "4:d|e"}},
		"stray quote":            {"1,\"a\n2,b\n3,\"c\"\n", []string{"1!bad_row", "2:2|b", "3:3|c"}},
		"quotes within":          {"1,\"he said \"hi\" twice, again\"\n2,b\n", []string{`1:1|he said "hi" twice, again`, "2:2|b"}},
		"quote then text":        {"1,\"hi\" she said\n2,b\n", []string{`1:1|"hi" she said`, "2:2|b"}},
		"open quote at the end":  {"1,b\n2,\"c\nd\n", []string{"1:1|b", "2!bad_row", "3!bad_row"}},
		"quote literal in words": {"5\" disc,b\n", []string{`1:5" disc|b`}},
		"long line":              {"a,b\nc," + big + "\nd,e\n", []string{"1:a|b", "2!too_large", "3:d|e"}},
		"long field in lines":    {"a,\"" + strings.Repeat("x\n", Limit/2) + "\",\nd,e\n", nil},
	} {
		for i, w := range windows(c.text) {
			if len(c.text) > 1000 && i == 1 {
				continue
			}
			f := NewCSV(w, ',')
			f.Columns = 2
			got := show(t, f)
			if name == "long field in lines" {
				if first, last := got[0], got[len(got)-1]; first != "1!too_large" || last != fmt.Sprintf("%d:d|e", Limit/2+2) {
					t.Errorf("%s: begins with %s, ends with %s", name, first, last)
				}
				continue
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, window %d:\n got %q\nwant %q", name, i, got, c.want)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"lines":              {"{\"a\":1}\n{\"b\":\"}\\\"{\"}\r\n", []string{`1:{"a":1}`, `2:{"b":"}\"{"}`}},
		"keep-alives":        {"\n\r\n{\"a\":1}\n\n", []string{"1!blank", "2!blank", `3:{"a":1}`, "4!blank"}},
		"pretty":             {"{\n  \"a\": [\n    1\n  ]\n}\n{\n\"b\": 2\n}", []string{`1:{"a":[1]}`, `6:{"b":2}`}},
		"array":              {"[\n{\"a\":1},\n{\"b\":2}\n]\n", []string{`2:{"a":1}`, `3:{"b":2}`}},
		"array on a line":    {"[{\"a\":1},{\"b\":2}]", []string{`1:{"a":1}`, `1:{"b":2}`}},
		"array without care": {"{\"a\":[\n{\"b\":1},\n{\"c\":2}\n]}\n", []string{`1:{"a":[{"b":1},{"c":2}]}`}},
		"one behind another": {"{\"a\":1}{\"b\":2}\n", []string{`1:{"a":1}`, `1:{"b":2}`}},
		"no object":          {"17\n\"a\"\n{\"a\":1}\n", []string{"1!bad_json", "2!bad_json", `3:{"a":1}`}},
		"cut in a string":    {"{\"a\":\"x\n{\"b\":2}\n", []string{"1!bad_json", `2:{"b":2}`}},
		"cut after a comma":  {"{\"a\":1,\n{\"b\":2}\n{\"c\":3}\n", []string{"1!bad_json", `2:{"b":2}`, `3:{"c":3}`}},
		"cut in an array":    {"{\"a\":[1,\n{\"b\":2}\n{\"c\":3}\n", []string{"1!bad_json", `2:{"b":2}`, `3:{"c":3}`}},
		"cut at the end":     {"{\"a\":1}\n{\"b\":", []string{`1:{"a":1}`, "2!bad_json"}},
		"brackets crossed":   {"{\"a\":[1}]\n{\"b\":2}\n", []string{"1!bad_json", `2:{"b":2}`}},
		"large":              {"{\"a\":\"" + strings.Repeat("x", 100) + "\"}\n{\"b\":2}\n", []string{"1!too_large", `2:{"b":2}`}},
		"large, in lines":    {"{\n\"a\":[\n" + strings.Repeat("1,\n", 50) + "2]}\n{\"b\":2}\n", []string{"1!too_large", `54:{"b":2}`}},
		"large and cut":      {"{\"a\":\"" + strings.Repeat("x", 100) + "\n{\"b\":2}\n", []string{"1!too_large", `2:{"b":2}`}},
		"deep":               {strings.Repeat("{\"a\":[\n", 2*maxDepth) + "{\"b\":2}\n", nil},
	} {
		for i, w := range windows(c.text) {
			limit := 50
			if name == "deep" {
				limit = 1 << 20
			}
			got := show(t, NewJSON(w, limit))
			if name == "deep" {
				if got[0] != "1!bad_json" || got[len(got)-1] != fmt.Sprintf(`%d:{"b":2}`, 2*maxDepth+1) {
					t.Errorf("deep: begins with %s, ends with %s", got[0], got[len(got)-1])
				}
				continue
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, window %d:\n got %q\nwant %q", name, i, got, c.want)
			}
		}
	}
}

func TestSSE(t *testing.T) {
	text := "HTTP/1.1 200 OK\r\nA: b\r\n\r\n:)\nevent: update\ndata: {\"a\":\ndata: 1}\n\n:thump\n\nevent: big\ndata: " +
		strings.Repeat("x", Limit) + "\n\nid: 3\nevent: delete\ndata:111\n"
	w := NewWindow(strings.NewReader(text))
	w.SkipHTTPHeader()
	want := []string{"5:update={\"a\":\n1}", "11!too_large", "15:delete=111"}
	if got := show(t, NewSSE(w)); !slices.Equal(got, want) {
		t.Errorf("got %.300q\nwant %q", got, want)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	stream := func(text string) *Window {
		return NewWindow(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
	}
	for name, f := range map[string]framer{
		"csv":        NewCSV(stream("a,b\nc,"), ','),
		"csv quoted": NewCSV(stream("a,b\n\"c\n"), ','),
		"json":       NewJSON(stream("{\"a\":1}\n{\"b\""), 100),
		"sse":        NewSSE(stream("event: a\n\ndata: 1\n")),
	} {
		if row, err := f.Next(); err != nil || row.Line != 1 {
			t.Errorf("%s: the whole row before the error: %v, %v", name, row, err)
		}
		if row, err := f.Next(); !errors.Is(err, broken) {
			t.Errorf("%s: %v, %v; want the reader's error", name, row, err)
		}
	}
}

// FuzzFrames checks that every framer ends, loses no line count, and gives the same rows however
// the bytes arrive.
func FuzzFrames(f *testing.F) {
	for _, s := range []string{"a,\"b\"\"\n\"\n", "[{\"a\":1},\n{\"b\":[{\n", "event: x\ndata: 1\n\n", "\"\n\"\"\"\n", "{\"a\":\n{}}\n,]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, open := range map[string]func(*Window) framer{
			"csv":  func(w *Window) framer { c := NewCSV(w, ','); c.Columns = 2; return c },
			"json": func(w *Window) framer { return NewJSON(w, 64) },
			"sse":  func(w *Window) framer { return NewSSE(w) },
		} {
			w := windows(text)
			a, b := show(t, open(w[0])), show(t, open(w[1]))
			if !slices.Equal(a, b) {
				t.Fatalf("%s: at once %q, byte by byte %q", name, a, b)
			}
			if want := int64(1 + strings.Count(text, "\n")); w[0].line != want {
				t.Fatalf("%s: ends on line %d of %d", name, w[0].line, want)
			}
		}
	})
}
