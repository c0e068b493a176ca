package x

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const rightToken = "AAAAright-token"

// fakeX is X as far as it is used here, and stricter: what it is asked for wrongly fails the test.
type fakeX struct {
	t     *testing.T
	begin time.Time

	mu      sync.Mutex
	posts   []fakePost
	rules   []rule
	ids     int
	streams []*fakeStream
	writes  int
	asked   map[string]int // requests by method and path
	queries []string       // of searches
	dials   []time.Time

	// How it behaves.
	newline    string
	made       int  // status of rules that were written
	crowdOf    int  // so many connections it believes in, beside those there are
	stubborn   bool // and clearing them does not help
	foul       func(value string) string
	slow       time.Duration      // until a connection is answered
	connecting []http.HandlerFunc // answer the next connections, in order; nil entries are well
	answers    map[string]http.HandlerFunc
	lookups    map[string]string // id: kind of problem
}

type fakePost struct {
	ID, Text, Author string
	At               time.Time
	Repost           bool
	beside           string // JSON beside the data
}

// fakeStream is a connection; what is sent waits until it is read.
type fakeStream struct {
	lines chan string
	ends  chan struct{}
	once  sync.Once
}

func (s *fakeStream) end() { s.once.Do(func() { close(s.ends) }) }

func newFakeX(t *testing.T) *fakeX {
	return &fakeX{
		t: t, begin: time.Now(), newline: "\r\n", made: http.StatusCreated, ids: 1000, asked: map[string]int{},
		answers: map[string]http.HandlerFunc{}, lookups: map[string]string{}, foul: func(string) string { return "" },
	}
}

// What it was asked, while it goes on being asked.

func (x *fakeX) dialled() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.dials)
}

func (x *fakeX) connected() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.streams)
}

func (x *fakeX) searched() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.queries)
}

func (x *fakeX) wrote() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.writes
}

func (x *fakeX) times(request string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.asked[request]
}

// set changes how it behaves from now on.
func (x *fakeX) set(change func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	change()
}

func (x *fakeX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	x.asked[r.Method+" "+r.URL.Path]++
	answer := x.answers[r.URL.Path]
	x.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+rightToken {
		x.answer(w, 401, `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /2/tweets/search/stream":
		x.stream(w, r)
	case "GET /2/tweets/search/stream/rules":
		x.list(w)
	case "POST /2/tweets/search/stream/rules":
		x.write(w, r)
	case "GET /2/tweets/search/recent":
		x.search(w, r)
	case "GET /2/tweets":
		x.lookUp(w, strings.Split(r.URL.Query().Get("ids"), ","))
	case "DELETE /2/connections/all":
		x.mu.Lock()
		if !x.stubborn {
			x.crowdOf = 0
		}
		x.mu.Unlock()
		x.answer(w, 200, `{"data":{"successful_kills":1,"failed_kills":0}}`)
	default:
		if id, ok := strings.CutPrefix(r.URL.Path, "/2/tweets/"); ok && r.Method == "GET" {
			x.lookUp(w, []string{id})
			return
		}
		x.t.Errorf("X was asked %s %s", r.Method, r.URL.Path)
		x.answer(w, 404, `{"title":"Not Found","type":"about:blank"}`)
	}
}

func (x *fakeX) answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (x *fakeX) json(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		x.t.Error(err)
	}
	x.answer(w, status, string(b))
}

func (x *fakeX) list(w http.ResponseWriter) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.json(w, 200, map[string]any{"data": x.rules, "meta": map[string]any{"result_count": len(x.rules)}})
}

func (x *fakeX) write(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Add    []rule                           `json:"add"`
		Delete *struct{ IDs []json.RawMessage } `json:"delete"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || (body.Delete == nil) == (body.Add == nil) {
		x.t.Errorf("a write of rules that says nothing: %v", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.writes++; x.writes > 100 {
		x.t.Error("rules are written too often")
	}
	if body.Delete != nil {
		n := len(x.rules)
		x.rules = slices.DeleteFunc(x.rules, func(r rule) bool {
			return slices.ContainsFunc(body.Delete.IDs, func(id json.RawMessage) bool { return string(id) == strconv.Quote(string(r.ID)) })
		})
		x.json(w, x.made, map[string]any{"meta": map[string]any{"sent": time.Now(), "summary": map[string]int{"deleted": n - len(x.rules)}}})
		return
	}
	var wrong []map[string]any
	var made []rule
	for _, r := range body.Add {
		switch why := x.foul(r.Value); {
		case len(r.Value) > 1024 || len(r.Value) == 0 || len(r.Tag) > 256:
			x.t.Errorf("a rule of %d bytes", len(r.Value))
		case slices.ContainsFunc(x.rules, func(o rule) bool { return o.Value == r.Value }):
			wrong = append(wrong, map[string]any{"value": r.Value, "id": "1", "title": "DuplicateRule", "type": "https://api.x.com/2/problems/duplicate-rules"})
		case why != "":
			wrong = append(wrong, map[string]any{"value": r.Value, "details": []string{why}, "title": "UnprocessableEntity", "type": "https://api.x.com/2/problems/invalid-rules"})
		case len(x.rules)+len(made) >= maxRules:
			x.t.Error("more rules than may be")
		default:
			x.ids++
			r.ID = asID(x.ids)
			made = append(made, r)
		}
	}
	status := x.made
	if wrong != nil { // none is taken
		made = nil
		status = cmp.Or(map[bool]int{true: 400}[len(wrong) == len(body.Add)], x.made)
	}
	x.rules = append(x.rules, made...)
	x.json(w, status, map[string]any{"data": made, "errors": wrong, "meta": map[string]any{"sent": time.Now(), "summary": map[string]int{"created": len(made), "invalid": len(wrong)}}})
}

// stream serves a connection until it is ended by either side.
func (x *fakeX) stream(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, f := range []string{"created_at", "author_id", "lang", "entities", "referenced_tweets", "edit_history_tweet_ids", "note_tweet"} {
		if !slices.Contains(strings.Split(q.Get("tweet.fields"), ","), f) {
			x.t.Errorf("the stream is not asked for %s", f)
		}
	}
	if q.Has("expansions") || q.Has("user.fields") {
		x.t.Error("the stream is asked for what costs more")
	}
	x.mu.Lock()
	x.dials = append(x.dials, time.Now())
	var special http.HandlerFunc
	if len(x.connecting) > 0 {
		special, x.connecting = x.connecting[0], x.connecting[1:]
	}
	slow := x.slow
	limit := x.begin.Add(time.Since(x.begin).Truncate(window) + window)
	left := 50
	for _, at := range x.dials {
		if !at.Before(limit.Add(-window)) {
			left--
		}
	}
	if left < 0 {
		x.t.Error("X is connected to too often")
	}
	x.mu.Unlock()
	if slow > 0 && !pause(r.Context(), nil, slow) {
		return
	}
	x.mu.Lock()
	rules, crowded := len(x.rules), x.crowdOf+len(x.streams) > 0
	x.mu.Unlock()
	w.Header().Set("x-rate-limit-limit", "50")
	w.Header().Set("x-rate-limit-remaining", strconv.Itoa(left))
	w.Header().Set("x-rate-limit-reset", strconv.FormatInt(limit.Unix(), 10))
	switch {
	case special != nil:
		special(w, r)
		return
	case rules == 0:
		x.answer(w, 409, `{"title":"ConnectionException","connection_issue":"RuleConfigurationIssue","type":"https://api.x.com/2/problems/streaming-connection"}`)
		return
	case crowded:
		x.answer(w, 429, tooMany)
		return
	}
	s := &fakeStream{lines: make(chan string), ends: make(chan struct{})}
	x.mu.Lock()
	x.streams = append(x.streams, s)
	x.mu.Unlock()
	defer func() {
		s.end()
		x.mu.Lock()
		x.streams = slices.DeleteFunc(x.streams, func(o *fakeStream) bool { return o == s })
		x.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(200)
	flush := w.(http.Flusher)
	flush.Flush()
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	for {
		line := ""
		select {
		case <-r.Context().Done():
			return
		case <-s.ends:
			return
		case line = <-s.lines:
		case <-alive.C:
		}
		x.mu.Lock()
		line += x.newline
		x.mu.Unlock()
		if _, err := w.Write([]byte(line)); err != nil {
			return
		}
		flush.Flush()
	}
}

const (
	tooMany   = `{"title":"ConnectionException","detail":"This stream is currently at the maximum allowed connection limit.","connection_issue":"TooManyConnections","type":"https://api.x.com/2/problems/streaming-connection"}`
	goodbye   = `{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","detail":"This stream has been disconnected upstream for operational reasons.","type":"https://api.x.com/2/problems/operational-disconnect"}]}`
	notFound  = `"errors":[{"title":"Not Found Error","detail":"Could not find tweet with referenced_tweets.id: [1].","type":"https://api.x.com/2/problems/resource-not-found","resource_type":"tweet","parameter":"referenced_tweets.id","value":"1","resource_id":"1"}]`
	stallFor  = time.Hour
	noWebPage = "<html>over capacity</html>"
)

// send writes a line to every connection; it reports whether somebody took it.
func (x *fakeX) send(line string) (taken bool) {
	x.mu.Lock()
	streams := slices.Clone(x.streams)
	x.mu.Unlock()
	for _, s := range streams {
		select {
		case s.lines <- line:
			taken = true
		case <-s.ends:
		}
	}
	return taken
}

// hangUp ends every connection.
func (x *fakeX) hangUp() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.streams {
		s.end()
	}
}

// post has somebody post something. Whoever is connected with a rule that it matches is sent it;
// all others can search for it.
func (x *fakeX) post(text string, change ...func(*fakePost)) (id string, delivered bool) {
	x.mu.Lock()
	x.ids++
	p := fakePost{ID: strconv.Itoa(x.ids), Text: text, Author: "somebody", At: time.Now()}
	for _, c := range change {
		c(&p)
	}
	x.posts = append(x.posts, p)
	line := x.line(&p)
	x.mu.Unlock()
	return p.ID, line != "" && x.send(line)
}

// line is a message of the stream, "" where no rule matches.
func (x *fakeX) line(p *fakePost) string {
	var matching []string
	for _, r := range x.rules {
		if matches(r.Value, p) {
			matching = append(matching, fmt.Sprintf(`{"id":%q,"tag":%q}`, r.ID, r.Tag))
		}
	}
	if matching == nil {
		return ""
	}
	return fmt.Sprintf(`{"data":%s,%s"matching_rules":[%s]}`, p.json(), p.beside, strings.Join(matching, ","))
}

func (p *fakePost) json() string {
	refers := ""
	if p.Repost {
		refers = `"referenced_tweets":[{"type":"retweeted","id":"1"}],`
	}
	text, _ := json.Marshal(p.Text)
	return fmt.Sprintf(`{"id":%q,"text":%s,"author_id":"7",%s"lang":"en","created_at":%q,"edit_history_tweet_ids":[%q]}`,
		p.ID, text, refers, p.At.UTC().Format("2006-01-02T15:04:05.000Z"), p.ID)
}

func (x *fakeX) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	query := q.Get("query")
	from, err1 := time.Parse(time.RFC3339, q.Get("start_time"))
	to, err2 := time.Parse(time.RFC3339, q.Get("end_time"))
	n, _ := strconv.Atoi(q.Get("max_results"))
	now := time.Now()
	switch {
	case query == "" || len(query) > 512, n < 10 || n > 100, err1 != nil || err2 != nil, !from.Before(to),
		now.Sub(to) < 10*time.Second, now.Sub(from) > 7*24*time.Hour, q.Has("expansions"):
		x.t.Errorf("X is asked to search by %v", q)
		x.answer(w, 400, `{"title":"Invalid Request","type":"https://api.x.com/2/problems/invalid-request"}`)
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queries = append(x.queries, query)
	var found []string
	for _, p := range slices.Backward(x.posts) {
		if !p.Repost && !p.At.Before(from) && p.At.Before(to) && matches(query, &p) {
			found = append(found, p.json())
		}
	}
	at, _ := strconv.Atoi(q.Get("next_token"))
	meta := map[string]any{}
	if found = found[at:]; len(found) > n {
		found, meta["next_token"] = found[:n], strconv.Itoa(at+n)
	}
	meta["result_count"] = len(found)
	b, _ := json.Marshal(meta)
	data := `"data":[` + strings.Join(found, ",") + `],`
	if len(found) == 0 {
		data = ""
	}
	x.answer(w, 200, "{"+data+`"meta":`+string(b)+"}")
}

func (x *fakeX) lookUp(w http.ResponseWriter, ids []string) {
	if len(ids) > 100 {
		x.t.Errorf("%d posts are looked up at once", len(ids))
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var data, problems []string
	for _, id := range ids {
		if _, err := strconv.ParseInt(id, 10, 64); err != nil {
			x.t.Errorf("%q is looked up", id)
		}
		switch kind := x.lookups[id]; kind {
		case "":
			data = append(data, fmt.Sprintf(`{"id":%q,"text":"still there","edit_history_tweet_ids":[%q]}`, id, id))
		case "silence":
		default:
			problems = append(problems, fmt.Sprintf(`{"value":%q,"resource_id":%q,"parameter":"ids","resource_type":"tweet","title":"Not Found Error","type":"https://api.x.com/2/problems/%s"}`, id, id, kind))
		}
	}
	body := `"data":[` + strings.Join(data, ",") + `]`
	if len(ids) == 1 {
		body = strings.Trim(`"data":`+strings.Join(data, ""), ",")
		if len(data) == 0 {
			body = `"data":null`
		}
	}
	if problems != nil {
		body += `,"errors":[` + strings.Join(problems, ",") + `]`
	}
	x.answer(w, 200, "{"+body+"}")
}

// matches evaluates a query as far as it is written here: one operator or several in brackets
// joined by OR, and negations after it.
func matches(query string, p *fakePost) bool {
	head, rest := token(query)
	if strings.HasPrefix(query, "(") {
		head, rest, _ = strings.Cut(query[1:], ")")
	}
	any := false
	for head != "" {
		var op string
		op, head = token(strings.TrimPrefix(strings.TrimSpace(head), "OR "))
		any = any || finds(op, p)
	}
	for rest = strings.TrimSpace(rest); any && rest != ""; rest = strings.TrimSpace(rest) {
		var op string
		if op, rest = token(rest); finds(strings.TrimPrefix(op, "-"), p) {
			return false
		}
	}
	return any
}

// token is the first operator of a query, with its quotes.
func token(s string) (op, rest string) {
	quoted := false
	for i, c := range s {
		if c == '"' {
			quoted = !quoted
		}
		if c == ' ' && !quoted {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func finds(op string, p *fakePost) bool {
	text := " " + strings.ToLower(p.Text) + " "
	switch op = strings.ToLower(op); {
	case strings.HasPrefix(op, "from:"):
		return op[5:] == strings.ToLower(p.Author)
	case strings.HasPrefix(op, "url:"):
		return strings.Contains(text, strings.Trim(op[4:], `"`))
	case strings.HasPrefix(op, "#"), strings.HasPrefix(op, "@"):
		return strings.Contains(text, " "+op+" ")
	}
	return strings.Contains(text, " "+strings.Trim(op, `"`)+" ")
}
