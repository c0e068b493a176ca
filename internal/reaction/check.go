package reaction

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// More limits of a post, in bytes.
const (
	MaxLangBytes   = 35 // RFC 5646, section 4.4.1
	MaxURLBytes    = 4096
	MaxFacets      = 1000
	MaxFacetBytes  = 4096
	MaxAuthorBytes = 512
	// MaxTagBytes bounds the key of a hashtag: longer ones are not counted. X allows 100
	// characters, Bluesky 640 bytes.
	MaxTagBytes = 640
)

// Check says what is wrong with a record, or returns nil. What passes can be carried by the log
// and kept by the store: one bad record must never stop the line behind it.
func (r *Record) Check() *Problem {
	set := 0
	for _, is := range []bool{r.Post != nil, r.Delete != nil, r.Sample != nil} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return &Problem{"", "give exactly one of post, delete and sample"}
	case !inRange(r.At):
		return &Problem{"at", outOfRange}
	case r.Post != nil:
		return r.Post.check().in("post")
	case r.Delete != nil:
		return r.Delete.check().in("delete")
	}
	if field, text, ok := r.Sample.Check(); !ok {
		return (&Problem{field, text}).in("sample")
	}
	return nil
}

const outOfRange = "the time is missing, or not between the years 1970 and 2200"

func inRange(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 2200 }

// in puts a problem's path under a field.
func (p *Problem) in(field string) *Problem {
	if p == nil {
		return nil
	}
	return &Problem{strings.TrimSuffix(field+"."+p.Path, "."), p.Text}
}

func (p *Post) check() *Problem {
	if _, err := ParseSource(string(p.Source)); err != nil {
		return &Problem{"source", clipped(err.Error())}
	}
	if p.ID == "" {
		return &Problem{"id", fmt.Sprintf("give an id of at most %d bytes", MaxIDBytes)}
	}
	if !inRange(p.At) {
		return &Problem{"at", outOfRange}
	}
	if !p.Received.IsZero() && !inRange(p.Received) {
		return &Problem{"received", outOfRange}
	}
	if p.Kind > Repost {
		return &Problem{"kind", "it is none of original, reply, quote, repost"}
	}
	for _, f := range []struct {
		path, text string
		limit      int
	}{
		{"id", p.ID, MaxIDBytes}, {"text", p.Text, MaxTextBytes}, {"lang", p.Lang, MaxLangBytes}, {"url", p.URL, MaxURLBytes},
		{"repeats", p.Repeats, MaxIDBytes}, {"author.id", p.Author.ID, MaxAuthorBytes}, {"author.handle", p.Author.Handle, MaxAuthorBytes},
		{"passed.id", p.Passed.ID, MaxAuthorBytes}, {"passed.handle", p.Passed.Handle, MaxAuthorBytes},
	} {
		if bad := textual(f.path, f.text, f.limit); bad != nil {
			return bad
		}
	}
	if len(p.Facets) > MaxFacets {
		return &Problem{"facets", fmt.Sprintf("%d are more than %d", len(p.Facets), MaxFacets)}
	}
	for i, f := range p.Facets {
		path := fmt.Sprintf("facets[%d]", i)
		if f.Start < 0 || f.End < f.Start || f.End > len(p.Text) {
			return &Problem{path, "it does not lie within the text"}
		}
		if bad := textual(path, f.Value, MaxFacetBytes); bad != nil {
			return bad
		}
	}
	return nil
}

func (d *Delete) check() *Problem {
	if _, err := ParseSource(string(d.Source)); err != nil {
		return &Problem{"source", clipped(err.Error())}
	}
	switch {
	case d.ID == "" && d.Author == (Author{}):
		return &Problem{"", "give the id of a post, or the author whose posts are all gone"}
	case d.Authors != nil:
		return &Problem{"authors", "it is made here, and cannot be sent"}
	case !inRange(d.At):
		return &Problem{"at", outOfRange}
	}
	if bad := textual("id", d.ID, MaxIDBytes); bad != nil {
		return bad
	}
	if bad := textual("author.id", d.Author.ID, MaxAuthorBytes); bad != nil {
		return bad
	}
	return textual("author.handle", d.Author.Handle, MaxAuthorBytes)
}

// textual checks a text that is to be kept: short enough, valid UTF-8, without NUL, which
// PostgreSQL cannot store.
func textual(path, s string, limit int) *Problem {
	switch {
	case len(s) > limit:
		return &Problem{path, fmt.Sprintf("it is longer than %d bytes", limit)}
	case !utf8.ValidString(s):
		return &Problem{path, "it is not valid UTF-8"}
	case strings.Contains(s, "\x00"):
		return &Problem{path, "it holds a NUL character"}
	}
	return nil
}

// clipped bounds a text that quotes somebody.
func clipped(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// plainText reports whether s is text of one line that can be kept and shown.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
