package wire

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"outcry/internal/reaction"
)

// htmlText turns the HTML of a Mastodon post into plain text behind the text already in lead:
// paragraphs and breaks become line feeds, and addresses are whole again, for what Mastodon hides
// of them is in spans like any other. Links become facets.
func htmlText(lead, content string) (string, []reaction.Facet) {
	r := htmlReader{z: html.NewTokenizer(strings.NewReader(content))}
	r.text.WriteString(lead)
	r.line()
	for {
		switch r.z.Next() {
		case html.ErrorToken: // the end: reading a string has no other error
			r.closeLink()
			return strings.TrimRight(r.text.String(), " \n"), r.facets
		case html.TextToken:
			r.write(r.z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			r.tag(true)
		case html.EndTagToken:
			r.tag(false)
		}
	}
}

type htmlReader struct {
	z      *html.Tokenizer
	text   strings.Builder
	facets []reaction.Facet
	hidden bool // inside of what is not text

	linked    bool
	from      int // where the link begins
	href      string
	isTag     bool
	isMention bool
}

func (r *htmlReader) write(b []byte) {
	if r.hidden {
		return
	}
	for _, c := range string(b) {
		switch c {
		case '\n', '\r', '\t':
			c = ' '
		}
		if c == ' ' && (r.text.Len() == 0 || strings.HasSuffix(r.text.String(), "\n")) {
			continue
		}
		r.text.WriteRune(c)
	}
}

// line ends the line, if anything is on it.
func (r *htmlReader) line() {
	if s := r.text.String(); s != "" && !strings.HasSuffix(s, "\n") {
		r.text.WriteByte('\n')
	}
}

func (r *htmlReader) tag(opens bool) {
	name, more := r.z.TagName()
	switch atom.Lookup(name) {
	case atom.Br:
		r.text.WriteByte('\n')
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Blockquote, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.line()
	case atom.Script, atom.Style:
		r.hidden = opens
	case atom.A:
		r.closeLink()
		if opens {
			r.openLink(more)
		}
	}
}

func (r *htmlReader) openLink(more bool) {
	r.linked, r.from, r.href, r.isTag, r.isMention = true, r.text.Len(), "", false, false
	for more {
		var key, value []byte
		key, value, more = r.z.TagAttr()
		switch string(key) {
		case "href":
			r.href = string(value)
		case "class", "rel":
			words := strings.Fields(string(value))
			r.isTag = r.isTag || slices.Contains(words, "hashtag") || slices.Contains(words, "tag")
			r.isMention = r.isMention || slices.Contains(words, "mention")
		}
	}
}

// closeLink makes a facet of the text that was linked.
func (r *htmlReader) closeLink() {
	if !r.linked {
		return
	}
	r.linked = false
	text := r.text.String()[r.from:]
	words := strings.TrimSpace(text)
	f := reaction.Facet{Start: r.from + strings.Index(text, words)}
	f.End = f.Start + len(words)
	switch {
	case words == "":
		return
	case r.isTag && (strings.HasPrefix(words, "#") || strings.HasPrefix(words, "＃")):
		f.Kind, f.Value = reaction.FacetHashtag, Clean(trimSign(words))
	case r.isMention && strings.HasPrefix(words, "@"):
		f.Kind, f.Value = reaction.FacetMention, Clean(trimSign(words))
	default:
		f.Kind, f.Value = reaction.FacetURL, Link(r.href)
	}
	if f.Value != "" && len(r.facets) < MaxFacets {
		r.facets = append(r.facets, f)
	}
}
