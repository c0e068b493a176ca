package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"outcry/collectors/archive/internal/frame"
)

// headBytes is how much of a file is looked at before it is read.
const headBytes = 256 << 10

// magics are the first bytes of files that are no text.
var magics = []struct{ magic, name string }{
	{"\x89PNG", "a PNG image"}, {"\xff\xd8\xff", "a JPEG image"}, {"GIF8", "a GIF image"}, {"RIFF", "a media file"},
	{"%PDF", "a PDF document"}, {"PK\x03\x04", "a zip archive or an office document; unpack it first"},
	{"BZh", "packed with bzip2; unpack it, or pack it with gzip or zstd"},
	{"\xfd7zXZ", "packed with xz; unpack it, or pack it with gzip or zstd"}, {"7z\xbc\xaf", "a 7-Zip archive; unpack it first"},
	{"SQLite format 3", "an SQLite database"}, {"PAR1", "a Parquet file"}, {"\x7fELF", "a program"},
	{"Obj\x01", "an Avro file"}, {"ARROW1", "an Arrow file"},
}

// notText says what a file is whose beginning is no text, or "".
func notText(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.name
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "a tar archive; unpack it first"
	}
	zeros, controls, broken := 0, 0, 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		switch {
		case r == 0:
			zeros++
		case r == utf8.RuneError && n == 1 && i+utf8.UTFMax <= len(head):
			broken++
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f':
			controls++
		}
		i += n
	}
	switch limit := len(head) / 20; {
	case zeros > limit || controls > limit:
		return "binary data"
	case broken > limit:
		return "not UTF-8 text; convert it, for example with iconv"
	}
	start := bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 1000)]))
	switch {
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(start, []byte("<?xml")), bytes.HasPrefix(start, []byte("<rss")), bytes.HasPrefix(start, []byte("<svg")):
		return "an XML document"
	case len(start) == 0:
		return "nothing but blanks"
	}
	return ""
}

// looksLikeEvents reports whether the head is a recorded stream of server-sent events.
func looksLikeEvents(head []byte) bool {
	for line := range bytes.Lines(head) {
		switch {
		case bytes.HasPrefix(line, []byte("event:")), bytes.HasPrefix(line, []byte("data:")):
			return true
		case len(bytes.TrimSpace(line)) > 0 && line[0] != ':':
			return false
		}
	}
	return false
}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimSpace(head)
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' && bytes.ContainsRune(head, '{'))
}

// guessJSON tells the format by the keys of the first objects that are of a known shape.
func guessJSON(head []byte) (Format, error) {
	frames := frame.NewJSON(frame.NewWindow(bytes.NewReader(head)), headBytes)
	var seen []string
	for range 1000 {
		row, err := frames.Next()
		if err != nil {
			break
		}
		data := row.Data
		if row.Fault != "" {
			if row.Fault == frame.Blank {
				continue
			}
			data = fromLine(head, row.Line) // an object that the head cuts off, perhaps
		}
		keys, whole := topKeys(data)
		if f := shape(keys, data); f != "" {
			return f, nil
		}
		if len(seen) == 0 {
			seen = keys
		}
		if !whole {
			break
		}
	}
	if len(seen) == 0 {
		return "", fmt.Errorf("it begins like JSON and holds no JSON object")
	}
	return "", fmt.Errorf("its JSON objects are of no known kind (the first has the keys %s); if it is one, name it with --format %s",
		strings.Join(seen[:min(len(seen), 8)], ", "), formatNames())
}

func fromLine(b []byte, n int64) []byte {
	for ; n > 1; n-- {
		k := bytes.IndexByte(b, '\n')
		if k < 0 {
			return nil
		}
		b = b[k+1:]
	}
	return b
}

// topKeys are the keys of an object, as far as it can be read; whole is false where it breaks off.
func topKeys(data []byte) (keys []string, whole bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return keys, false
		}
		keys = append(keys, key)
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return keys, false
		}
	}
	return keys, true
}

// shape is the format whose objects have such keys, "" where that is not sure.
func shape(keys []string, data []byte) Format {
	has := func(names ...string) bool {
		for _, n := range names {
			if !slices.Contains(keys, n) {
				return false
			}
		}
		return true
	}
	any := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return has(n) })
	}
	switch {
	case has("at") && any("post", "delete", "sample"):
		return FormatRecords
	case has("service") && any("at", "time", "timestamp") && any("state", "status", "latency_ms", "audience"):
		return FormatSamplesJSON
	case has("did", "kind") && any("commit", "account", "identity"):
		return FormatJetstream
	case has("payload", "$type") && bytes.Contains(data[:min(len(data), 300)], []byte("network.bsky.jetstream")):
		return FormatJetstream
	case has("event", "payload"), has("uri", "content", "account"), has("uri", "visibility"):
		return FormatMastodon
	case has("id_str"), has("full_text"), has("statuses"), has("retweeted_status"), has("user", "text", "created_at"):
		return FormatXv1
	case has("delete") && len(keys) == 1, has("limit") && len(keys) == 1:
		return FormatXv1
	case has("data") && any("includes", "meta", "matching_rules", "errors", "__twarc"), has("data") && len(keys) == 1:
		return FormatXv2
	case any("author_id", "edit_history_tweet_ids", "referenced_tweets"), has("id", "text", "created_at"):
		return FormatXv2
	}
	return ""
}
