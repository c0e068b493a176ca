package platforms

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Mastodon is a server of Mastodon: what it is, its timelines, and its streams over a WebSocket.
func Mastodon(rate int) *Platform {
	p := newPlatform(rate)
	m := &mastodonServer{p}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, object{"domain": r.Host, "version": "4.4.2", "source_url": "https://github.com/mastodon/mastodon",
			"configuration": object{"urls": object{"streaming": "ws://" + r.Host}}})
	})
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, object{"id": "1", "username": "rehearsal"})
	})
	mux.HandleFunc("GET /api/v1/timelines/public", m.timeline)
	mux.HandleFunc("GET /api/v1/timelines/tag/{tag}", m.timeline)
	mux.HandleFunc("GET /api/v1/streaming", m.stream)
	p.paths = mux
	return p
}

type mastodonServer struct{ *Platform }

const firstStatus = 110_000_000_000

func (m *mastodonServer) status(n int, at time.Time) object {
	text := Text(n)
	words, _, _ := strings.Cut(text, "#")
	id := strconv.Itoa(firstStatus + n)
	author := object{"id": strconv.Itoa(n % 5000), "username": fmt.Sprint("person", n%5000), "acct": fmt.Sprint("person", n%5000),
		"url": fmt.Sprintf("https://rehearsal.example/@person%d", n%5000), "discoverable": true, "indexable": true, "noindex": false}
	return object{
		"id": id, "created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "visibility": "public", "language": "en", "spoiler_text": "",
		"uri": "https://rehearsal.example/statuses/" + id, "url": "https://rehearsal.example/@person/" + id, "in_reply_to_id": nil, "reblog": nil, "account": author,
		"content": "<p>" + html.EscapeString(words) + `<a href="https://rehearsal.example/tags/rehearsal" class="mention hashtag" rel="tag">#<span>` + Tag + "</span></a></p>",
		"tags":    []object{{"name": strings.ToLower(Tag), "url": "https://rehearsal.example/tags/rehearsal"}},
	}
}

// timeline pages through the posts: those just above min_id, or the newest; the newest first.
func (m *mastodonServer) timeline(w http.ResponseWriter, r *http.Request) {
	made := m.Made()
	if tag := r.PathValue("tag"); tag != "" && !strings.EqualFold(tag, Tag) {
		made = nil
	}
	number := func(name string, otherwise int) int {
		id, err := strconv.Atoi(r.FormValue(name))
		if err != nil {
			return otherwise
		}
		return min(max(id-firstStatus, -1), len(made))
	}
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil {
		limit = 20
	}
	limit = min(limit, 40)
	end := number("max_id", len(made))
	from := max(end-limit, number("since_id", -1)+1, 0)
	if r.FormValue("min_id") != "" {
		from = number("min_id", -1) + 1
		end = min(end, from+limit)
	}
	list := []object{}
	for n := end - 1; n >= from; n-- {
		list = append(list, m.status(n, made[n]))
	}
	answer(w, http.StatusOK, list)
}

func (m *mastodonServer) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := m.streaming(r)
	defer cancel()
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	// The first stream that is asked for, by the address or by a message, is served.
	name := []string{r.FormValue("stream")}
	if name[0] == "" {
		_, ask, err := c.Read(ctx)
		var want struct{ Stream, Tag string }
		if err != nil || json.Unmarshal(ask, &want) != nil {
			return
		}
		if name[0] = want.Stream; want.Tag != "" {
			name = append(name, want.Tag)
		}
	} else if tag := r.FormValue("tag"); tag != "" {
		name = append(name, tag)
	}
	go func() { // pings are answered, and more is not asked for
		for ctx.Err() == nil {
			if _, _, err := c.Read(ctx); err != nil {
				cancel()
			}
		}
	}()
	_ = m.follow(ctx, len(m.Made()), 10*time.Second, func(first int, made []time.Time) error {
		for i, at := range made {
			payload, err := json.Marshal(m.status(first+i, at))
			if err != nil {
				return err
			}
			event, err := json.Marshal(object{"stream": name, "event": "update", "payload": string(payload)})
			if err != nil {
				return err
			}
			if err := c.Write(ctx, websocket.MessageText, event); err != nil {
				return err
			}
		}
		if len(made) == 0 {
			return c.Ping(ctx)
		}
		return nil
	})
}
