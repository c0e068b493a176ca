package platforms

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Bluesky is a Jetstream. Its feed of reposts says one thing a second, of another event.
func Bluesky(rate int) *Platform {
	p := newPlatform(rate)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /subscribe", p.jetstream)
	p.paths = mux
	return p
}

func (p *Platform) jetstream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := p.streaming(r)
	defer cancel()
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	ctx = c.CloseRead(ctx)
	made := p.Made()
	n := len(made)
	if cursor, err := strconv.ParseInt(r.FormValue("cursor"), 10, 64); err == nil {
		n = sort.Search(n, func(i int) bool { return made[i].UnixMicro() >= cursor })
	}
	var said time.Time
	_ = p.follow(ctx, n, time.Second, func(first int, made []time.Time) error {
		if len(made) == 0 { // there is always somebody who says something
			return c.Write(ctx, websocket.MessageText, greeting(time.Now()))
		}
		for i, at := range made {
			if at.Sub(said) > time.Second {
				said = at
				if err := c.Write(ctx, websocket.MessageText, repost(at)); err != nil {
					return err
				}
			}
			if err := c.Write(ctx, websocket.MessageText, skeet(first+i, at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// greeting is a post that no event is about.
func greeting(at time.Time) []byte {
	return fmt.Appendf(nil, `{"did":"did:plc:greeter","time_us":%d,"kind":"commit","commit":{"rev":"g%d","operation":"create","collection":"app.bsky.feed.post","rkey":"g%d",`+
		`"record":{"$type":"app.bsky.feed.post","createdAt":%q,"langs":["en"],"text":"good morning, everybody"},"cid":"bafyrei"}}`,
		at.UnixMicro(), at.UnixMicro(), at.UnixMicro(), at.UTC().Format(time.RFC3339Nano))
}

func skeet(n int, at time.Time) []byte {
	text := Text(n)
	start := strings.LastIndexByte(text, '#')
	return fmt.Appendf(nil, `{"did":"did:plc:author%018d","time_us":%d,"kind":"commit","commit":{"rev":"r%d","operation":"create","collection":"app.bsky.feed.post","rkey":"k%d",`+
		`"record":{"$type":"app.bsky.feed.post","createdAt":%q,"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":%q}],"index":{"byteEnd":%d,"byteStart":%d}}],`+
		`"langs":["en"],"text":%q},"cid":"bafyrei%d"}}`,
		n%5000, at.UnixMicro(), n, n, at.UTC().Format(time.RFC3339Nano), Tag, len(text), start, text, n)
}

func repost(at time.Time) []byte {
	return fmt.Appendf(nil, `{"did":"did:plc:reposter","time_us":%d,"kind":"commit","commit":{"rev":"p%d","operation":"create","collection":"app.bsky.feed.repost","rkey":"p%d",`+
		`"record":{"$type":"app.bsky.feed.repost","createdAt":%q,"subject":{"cid":"bafyrei","uri":"at://did:plc:nobody/app.bsky.feed.post/1"}},"cid":"bafyrei"}}`,
		at.UnixMicro(), at.UnixMicro(), at.UnixMicro(), at.UTC().Format(time.RFC3339Nano))
}
