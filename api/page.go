package api

import (
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
)

// PageInput is what every list takes. (It is exported only because huma does not look into
// embedded types that are not.)
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"4000" doc:"Where the page begins: follow the Link header of the page before."`

	url url.URL
}

// Resolve is how huma hands over the address, which the next page's is made of.
func (p *PageInput) Resolve(ctx huma.Context) []error {
	p.url = ctx.URL()
	return nil
}

// next is the Link header (RFC 8288) of the page that begins at a cursor; "" where there is none.
func (p *PageInput) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	q := p.url.Query()
	q.Set("cursor", cursor)
	return "<" + p.url.EscapedPath() + "?" + q.Encode() + `>; rel="next"`
}

// position is what a cursor holds: which list it belongs to, and a place in it.
type position[T any] struct {
	List string `json:"l"`
	At   T      `json:"a"`
}

func writeCursor[T any](list string, at T) string {
	b, err := json.Marshal(position[T]{list, at})
	if err != nil { // positions are made of texts, numbers and times
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor reads a cursor of the list; nil where none is given.
func readCursor[T any](list, cursor string) (*T, error) {
	if cursor == "" {
		return nil, nil
	}
	var p position[T]
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = decode(b, "query.cursor", &p)
	}
	if err != nil || p.List != list {
		return nil, mistake("query.cursor", "it is not a cursor of this list: take it from a Link header")
	}
	return &p.At, nil
}

// pageOf cuts a list that was asked for with one item more than the page holds, and makes the
// cursor of the next page from the last item that is on this one.
func pageOf[T, P any](list string, items []T, limit int, at func(T) P) (page []T, cursor string) {
	if len(items) <= limit {
		return items, ""
	}
	return items[:limit], writeCursor(list, at(items[limit-1]))
}
