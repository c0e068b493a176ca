package platforms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// X is the API of X, version 2: rules, the filtered stream, recent search, counts and look-up. Every
// post matches every rule.
func X(rate int) *Platform {
	p := newPlatform(rate)
	x := &xServer{Platform: p, rules: map[string]xRule{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2/tweets/search/stream/rules", x.list)
	mux.HandleFunc("POST /2/tweets/search/stream/rules", x.change)
	mux.HandleFunc("GET /2/tweets/search/stream", x.stream)
	mux.HandleFunc("GET /2/tweets/search/recent", x.search)
	mux.HandleFunc("GET /2/tweets/counts/recent", x.counts)
	mux.HandleFunc("GET /2/tweets", x.lookUp)
	mux.HandleFunc("DELETE /2/connections/all", func(http.ResponseWriter, *http.Request) { p.HangUp() })
	p.paths = mux
	return p
}

type xServer struct {
	*Platform

	mu    sync.Mutex
	rules map[string]xRule
	next  int
}

type xRule struct {
	ID    string `json:"id"`
	Value string `json:"value,omitempty"`
	Tag   string `json:"tag"`
}

func (x *xServer) matching() []xRule {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []xRule
	for _, r := range x.rules {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

type object map[string]any

func (x *xServer) list(w http.ResponseWriter, _ *http.Request) {
	rules := x.matching()
	body := object{"meta": object{"sent": time.Now().UTC(), "result_count": len(rules)}}
	if len(rules) > 0 {
		body["data"] = rules
	}
	answer(w, http.StatusOK, body)
}

func (x *xServer) change(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Add    []xRule `json:"add"`
		Delete struct {
			IDs []string `json:"ids"`
		} `json:"delete"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&ask); err != nil {
		answer(w, http.StatusBadRequest, object{"title": "Invalid Request", "detail": "not JSON"})
		return
	}
	x.mu.Lock()
	for _, id := range ask.Delete.IDs {
		delete(x.rules, id)
	}
	var made []xRule
	for _, rule := range ask.Add {
		x.next++
		rule.ID = strconv.Itoa(1000 + x.next)
		x.rules[rule.ID] = rule
		made = append(made, rule)
	}
	x.mu.Unlock()
	summary := object{"created": len(made), "not_created": 0, "valid": len(made), "invalid": 0}
	if len(ask.Add) == 0 {
		summary = object{"deleted": len(ask.Delete.IDs), "not_deleted": 0}
	}
	body := object{"meta": object{"sent": time.Now().UTC(), "summary": summary}}
	if len(made) > 0 {
		body["data"] = made
	}
	answer(w, http.StatusCreated, body)
}

// tweet is the post of a number. Ids grow with time, as X's do.
func tweet(n int, at time.Time) object {
	text := Text(n)
	start := strings.LastIndexByte(text, '#')
	id := strconv.Itoa(1_000_000_000 + n)
	return object{
		"id": id, "text": text, "author_id": strconv.Itoa(n % 5000), "created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "lang": "en",
		"edit_history_tweet_ids": []string{id}, "entities": object{"hashtags": []object{{"start": start, "end": len(text), "tag": Tag}}},
	}
}

func (x *xServer) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := x.streaming(r)
	defer cancel()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = out.Flush()
	rules := x.matching()
	for i := range rules {
		rules[i].Value = ""
	}
	var buf bytes.Buffer
	err := x.follow(ctx, len(x.Made()), 10*time.Second, func(first int, made []time.Time) error {
		buf.Reset()
		for i, at := range made {
			if err := json.NewEncoder(&buf).Encode(object{"data": tweet(first+i, at), "matching_rules": rules}); err != nil {
				return err
			}
			buf.Truncate(buf.Len() - 1)
			buf.WriteString("\r\n")
		}
		if len(made) == 0 {
			buf.WriteString("\r\n") // a sign of life
		}
		if err := out.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			return err
		}
		if _, err := w.Write(buf.Bytes()); err != nil {
			return err
		}
		return out.Flush()
	})
	if err != nil && r.Context().Err() == nil {
		panic(http.ErrAbortHandler) // as a server that dies
	}
}

// span is the numbers of the posts made in the time that a request names.
func (x *xServer) span(r *http.Request) (from, to int, made []time.Time) {
	made = x.Made()
	at := func(name string, otherwise int) int {
		t, err := time.Parse(time.RFC3339, r.FormValue(name))
		if err != nil {
			return otherwise
		}
		return sort.Search(len(made), func(i int) bool { return !made[i].Before(t) })
	}
	from, to = at("start_time", 0), at("end_time", len(made))
	if id, err := strconv.Atoi(r.FormValue("since_id")); err == nil {
		from = max(from, id-1_000_000_000+1)
	}
	return from, max(from, to), made
}

func (x *xServer) search(w http.ResponseWriter, r *http.Request) {
	from, to, made := x.span(r)
	if n, err := strconv.Atoi(r.FormValue("next_token") + r.FormValue("pagination_token")); err == nil {
		to = max(min(to, n), from)
	}
	most, err := strconv.Atoi(r.FormValue("max_results"))
	if err != nil {
		most = 10
	}
	begin := max(from, to-most)
	meta := object{"result_count": to - begin}
	var posts []object
	for n := to - 1; n >= begin; n-- { // the newest first
		posts = append(posts, tweet(n, made[n]))
	}
	body := object{"meta": meta}
	if len(posts) > 0 {
		body["data"] = posts
		meta["newest_id"], meta["oldest_id"] = posts[0]["id"], posts[len(posts)-1]["id"]
	}
	if begin > from {
		meta["next_token"] = strconv.Itoa(begin)
	}
	answer(w, http.StatusOK, body)
}

// counts counts by the minute, or as the request says; buckets without posts are there too.
func (x *xServer) counts(w http.ResponseWriter, r *http.Request) {
	made := x.Made()
	width := map[string]time.Duration{"minute": time.Minute, "day": 24 * time.Hour}[r.FormValue("granularity")]
	if width == 0 {
		width = time.Hour
	}
	start, end := time.Now().Add(-7*24*time.Hour), time.Now().Add(-10*time.Second)
	for name, t := range map[string]*time.Time{"start_time": &start, "end_time": &end} {
		if at, err := time.Parse(time.RFC3339, r.FormValue(name)); err == nil {
			*t = at
		}
	}
	upto := func(t time.Time) int { return sort.Search(len(made), func(i int) bool { return !made[i].Before(t) }) }
	buckets, total := []object{}, 0
	for from := start; from.Before(end); {
		to := from.Truncate(width).Add(width)
		if to.After(end) {
			to = end
		}
		n := upto(to) - upto(from)
		total += n
		buckets = append(buckets, object{"start": from.UTC().Format(time.RFC3339), "end": to.UTC().Format(time.RFC3339), "tweet_count": n})
		from = to
	}
	answer(w, http.StatusOK, object{"data": buckets, "meta": object{"total_tweet_count": total}})
}

func (x *xServer) lookUp(w http.ResponseWriter, r *http.Request) {
	made := x.Made()
	var posts, errs []object
	for id := range strings.SplitSeq(r.FormValue("ids"), ",") {
		n, err := strconv.Atoi(id)
		if n -= 1_000_000_000; err != nil || n < 0 || n >= len(made) {
			errs = append(errs, object{"title": "Not Found Error", "type": "https://api.x.com/2/problems/resource-not-found", "resource_type": "tweet", "resource_id": id,
				"parameter": "ids", "value": id, "detail": fmt.Sprintf("Could not find tweet with ids: [%s].", id)})
			continue
		}
		posts = append(posts, tweet(n, made[n]))
	}
	answer(w, http.StatusOK, object{"data": posts, "errors": errs})
}
