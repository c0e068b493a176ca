package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/health"
)

// everything lists a request for each operation of the document, by "METHOD path".
func (h *house) everything() []string {
	var out []string
	fill := strings.NewReplacer("{slug}", "launch", "{run}", "first", "{id}", "abcdefgh", "{name}", "somebody")
	for template, item := range h.contract.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			out = append(out, strings.ToUpper(method)+" "+fill.Replace(template))
		}
	}
	slices.Sort(out)
	return out
}

// open are the operations that anyone may use, whatever they show.
var open = []string{"GET /healthz", "GET /readyz", "GET /v1/session", "POST /v1/session", "DELETE /v1/session"}

func (h *house) makeKey(t *testing.T, expires time.Time, scopes ...auth.Scope) (id, secret string) {
	t.Helper()
	k, secret, err := h.door.CreateKey(t.Context(), auth.Key{Name: "test", Scopes: scopes, ExpiresAt: expires}, auth.Principal{Kind: auth.Local}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return k.ID, secret
}

func (h *house) audit(t *testing.T) []auth.Entry {
	t.Helper()
	list, err := h.door.Entries(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Without good credentials every operation is refused, audited, and tells nothing: not which
// events there are, nor what is wrong with the credentials or the rest of the request.
func TestNothingOpensWithoutAKey(t *testing.T) {
	for name, bad := range map[string]func(*testing.T, *house) string{
		"none":    func(*testing.T, *house) string { return "" },
		"unknown": func(*testing.T, *house) string { return "outcry_abcdefgh_abcdefghijklmnopqrstuvwxyz" },
		"rubbish": func(*testing.T, *house) string { return "rubbish" },
		"expired": func(t *testing.T, h *house) string {
			_, secret := h.makeKey(t, noon.Add(-time.Minute), auth.AllScopes()...)
			return secret
		},
		"revoked": func(t *testing.T, h *house) string {
			id, secret := h.makeKey(t, time.Time{}, auth.AllScopes()...)
			if _, err := h.door.RevokeKey(t.Context(), id, noon); err != nil {
				t.Fatal(err)
			}
			return secret
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t)
			h.launch(t)
			stranger := h.as(bad(t, h))
			list := h.everything()
			if len(list) < 30 {
				t.Fatalf("only %v", list)
			}
			before := len(h.audit(t))
			refused := 0
			for _, request := range list {
				method, path, _ := strings.Cut(request, " ")
				if slices.Contains(open, request) {
					continue
				}
				a := stranger.do(t, method, path+"?nonsense=1", "application/json", "{")
				p := a.problem(t, 401, "API key")
				if len(p.Errors) > 0 || strings.Contains(string(a.body), "launch") || a.Header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s: %s %v", request, a.body, a.Header)
				}
				refused++
			}
			entries := h.audit(t)
			if got, want := len(entries)-before, min(refused, 30); got != want {
				t.Errorf("%d of %d refusals were audited, want %d", got, refused, want)
			}
			if e := entries[0]; e.Outcome != auth.Refused || e.Address != "127.0.0.1" || e.RequestID == "" || e.Reason == "" {
				t.Errorf("the entry is %+v", e)
			}
			for _, e := range entries {
				if stranger.key != "" && strings.Contains(e.Reason+e.Target+e.Actor, stranger.key) {
					t.Errorf("the audit log holds the key: %+v", e)
				}
			}
			if strings.Contains(h.log.String(), "outcry_") {
				t.Error("the log holds a key")
			}
		})
	}
}

// A private event and one that is not there are the same to a stranger.
func TestStrangersCannotTellWhatIsThere(t *testing.T) {
	h := start(t)
	h.launch(t)
	there, not := h.as("").get(t, "/v1/events/launch"), h.as("").get(t, "/v1/events/nowhere")
	a, b := there.problem(t, 401), not.problem(t, 401)
	if a.Detail != b.Detail {
		t.Errorf("%q and %q", a.Detail, b.Detail)
	}
}

// Each operation needs its own scope, and is refused with all the others.
func TestScopes(t *testing.T) {
	h := start(t)
	h.launch(t)
	for _, request := range h.everything() {
		method, path, _ := strings.Cut(request, " ")
		op := h.contract.operation(method, path)
		security, _ := op["security"].([]any)
		if len(security) == 0 {
			if !slices.Contains(open, request) {
				t.Errorf("%s is open, by the document", request)
			}
			continue
		}
		needs, ok := security[0].(map[string]any)["key"].([]any)
		if !ok { // for people who signed in alone
			_, all := h.makeKey(t, time.Time{}, auth.AllScopes()...)
			h.as(all).do(t, method, path, "", "").problem(t, 403)
			continue
		}
		others := slices.DeleteFunc(auth.AllScopes(), func(s auth.Scope) bool { return string(s) == needs[0] })
		_, secret := h.makeKey(t, time.Time{}, others...)
		a := h.as(secret).do(t, method, path, "application/json", "{")
		a.problem(t, 403, "key:test", "scope "+needs[0].(string))
		if e := h.audit(t)[0]; e.Actor != "key:test" || e.Outcome != auth.Refused || !strings.Contains(e.Reason, needs[0].(string)) {
			if len(h.audit(t)) < 30 {
				t.Errorf("%s is audited as %+v", request, e)
			}
		}
		_, secret = h.makeKey(t, time.Time{}, auth.Scope(needs[0].(string)))
		if a := h.as(secret).do(t, method, path, "application/json", "{"); a.StatusCode == 401 || a.StatusCode == 403 {
			t.Errorf("%s with its scope: %s", request, a.body)
		}
	}
}

// A public event shows its figures to anyone, and the words of people to nobody new.
func TestPublicEvents(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	e.Public = true
	e.Services[0].Probes = append(e.Services[0].Probes, probe("http://10.0.0.7/health"))
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	stranger := h.as("")
	for _, path := range []string{"", "/trend", "/trend.csv", "/trend.svg", "/trend.png", "/tags", "/coverage", "/health"} {
		a := stranger.get(t, "/v1/events/launch"+path).want(t, 200)
		if strings.Contains(string(a.body), "10.0.0.7") {
			t.Errorf("%s tells strangers where the service is watched", path)
		}
	}
	if a := h.get(t, "/v1/events/launch").want(t, 200); !strings.Contains(string(a.body), "10.0.0.7") {
		t.Error("members do not see the probes")
	}
	if a := stranger.get(t, "/v1/events/launch/coverage"); strings.Contains(string(a.body), "replay/1/test") {
		t.Errorf("strangers are told by which connection a source was heard: %s", a.body)
	}
	stranger.get(t, "/v1/events/launch/trend.png?width=4000&height=2000&scale=1").want(t, 200)
	stranger.get(t, "/v1/events/launch/trend.png?width=4000&height=2000&scale=1.1").problem(t, 422, "8 million")
	h.get(t, "/v1/events/launch/trend.png?width=4000&height=2000&scale=1.1").want(t, 200)
	stranger.get(t, "/v1/events/launch/posts").problem(t, 401)
	stranger.get(t, "/v1/events").problem(t, 401)
	stranger.do(t, "PUT", "/v1/events/launch", "application/json", goodEvent).problem(t, 401)
	stranger.do(t, "DELETE", "/v1/events/launch", "", "").problem(t, 401)
	_, readOnly := h.makeKey(t, time.Time{}, auth.Read)
	h.as(readOnly).get(t, "/v1/events/launch/trend.csv").want(t, 200)
}

func TestKeysOverHTTP(t *testing.T) {
	h := start(t)
	type made struct {
		Key struct {
			ID, Name, Prefix, State string
			CreatedBy               string     `json:"created_by"`
			ExpiresAt               *time.Time `json:"expires_at"`
		}
		Secret string
	}
	a := h.post(t, "/v1/keys", "application/json", `{"name":"newsroom","scopes":["read","export","read"],"expires_in":"30d"}`).want(t, 201)
	k := read[made](t, a)
	if k.Key.State != "active" || k.Key.CreatedBy != "operator" || !k.Key.ExpiresAt.Equal(noon.AddDate(0, 0, 30)) || !strings.HasPrefix(k.Secret, k.Key.Prefix) {
		t.Errorf("the key is %+v", k)
	}
	if a.Header.Get("Location") != "/v1/keys/"+k.Key.ID {
		t.Errorf("Location is %q", a.Header.Get("Location"))
	}
	h.as(k.Secret).get(t, "/v1/events").want(t, 200)
	if list := h.get(t, "/v1/keys").want(t, 200); strings.Contains(string(list.body), k.Secret) || !strings.Contains(string(list.body), k.Key.Prefix) {
		t.Errorf("the list is %s", list.body)
	}
	h.do(t, "DELETE", "/v1/keys/"+k.Key.ID, "", "").want(t, 204)
	h.as(k.Secret).get(t, "/v1/events").problem(t, 401)
	h.do(t, "DELETE", "/v1/keys/nosuch", "", "").problem(t, 404, "nosuch")
	for body, want := range map[string]string{
		`{"name":"","scopes":["read"]}`:                           "body.name",
		`{"name":"a\nb","scopes":["read"]}`:                       "body.name",
		`{"name":"a","scopes":[]}`:                                "body.scopes",
		`{"name":"a","scopes":["root"]}`:                          "body.scopes",
		`{"name":"a","scopes":["read"],"expires_in":"tomorrow"}`:  "body.expires_in",
		`{"name":"a","scopes":["read"],"expires_in":"-1h"}`:       "body.expires_in",
		`{"name":"a","scopes":["read"],"expires_in":"99999999d"}`: "body.expires_in",
	} {
		h.post(t, "/v1/keys", "application/json", body).problem(t, 422, want)
	}
	var actions []string
	for _, e := range h.audit(t) {
		actions = append(actions, e.Action+" "+string(e.Outcome))
	}
	if !slices.Contains(actions, "key.create done") || !slices.Contains(actions, "key.revoke done") {
		t.Errorf("audited: %v", actions)
	}
	h.get(t, "/v1/audit?limit=1").want(t, 200)
}

// signIn signs in by a body and returns the cookie.
func (h *house) signIn(t *testing.T, body string) *http.Cookie {
	t.Helper()
	a := h.as("").post(t, "/v1/session", "application/json", body).want(t, 200)
	c, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || strings.Contains(string(a.body), c.Value) {
		t.Errorf("the cookie is %v", c)
	}
	return c
}

func TestSessions(t *testing.T) {
	h := start(t)
	l, err := h.door.OwnerLink(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	link := `{"link":"` + l.Token + `"}`
	h.as("").do(t, "POST", "/v1/session", "application/json", link, "Origin", "https://evil.example").problem(t, 403)
	c := h.signIn(t, link)
	h.as("").post(t, "/v1/session", "application/json", link).problem(t, 401, "used")
	with := func(method, path, body string) answer {
		return h.as("").do(t, method, path, "application/json", body, "Cookie", c.Name+"="+c.Value)
	}
	if a := with("GET", "/v1/session", "").want(t, 200); !strings.Contains(string(a.body), `"signed_in":true`) {
		t.Errorf("%s", a.body)
	}
	with("GET", "/v1/events", "").want(t, 200)
	h.as("").do(t, "POST", "/v1/events", "application/json", goodEvent, "Cookie", c.Name+"="+c.Value, "Sec-Fetch-Site", "cross-site").problem(t, 403)
	with("PUT", "/v1/session/password", `{"new":"short"}`).problem(t, 422, "10 characters")
	with("PUT", "/v1/session/password", `{"new":"a long password"}`).want(t, 204)
	h.signIn(t, `{"name":"owner","password":"a long password"}`)
	h.as("").post(t, "/v1/session", "application/json", `{"name":"owner","password":"no"}`).problem(t, 401, "do not belong")
	h.as("").post(t, "/v1/session", "application/json", `{"name":"nobody","password":"no"}`).problem(t, 401, "do not belong")
	h.as("").post(t, "/v1/session", "application/json", `{}`).problem(t, 422)
	if out := with("DELETE", "/v1/session", "").want(t, 204).Header.Get("Set-Cookie"); !strings.Contains(out, "Max-Age=0") {
		t.Errorf("signing out sets %q", out)
	}
	if e := h.audit(t)[0]; e.Action != "sign-out" || e.Actor != "owner" {
		t.Errorf("signing out is audited as %+v", e)
	}
	before := len(h.audit(t))
	with("DELETE", "/v1/session", "").want(t, 204)
	if got := len(h.audit(t)) - before; got != 0 {
		t.Errorf("signing out of nothing is audited %d times", got)
	}
	with("GET", "/v1/events", "").problem(t, 401)
	if a := with("GET", "/v1/session", "").want(t, 200); !strings.Contains(string(a.body), `"signed_in":false`) {
		t.Errorf("%s", a.body)
	}
	second := h.signIn(t, `{"name":"owner","password":"a long password"}`)
	a := h.as("").do(t, "POST", "/v1/session", "application/json", `{"name":"owner","password":"a long password"}`, "Cookie", second.Name+"="+second.Value)
	a.want(t, 200)
	h.as("").do(t, "GET", "/v1/events", "", "", "Cookie", second.Name+"="+second.Value).problem(t, 401) // the one before has ended
	third, fourth := h.signIn(t, `{"name":"owner","password":"a long password"}`), h.signIn(t, `{"name":"owner","password":"a long password"}`)
	h.as("").do(t, "DELETE", "/v1/session?everywhere=true", "", "", "Cookie", third.Name+"="+third.Value).want(t, 204)
	h.as("").do(t, "GET", "/v1/events", "", "", "Cookie", fourth.Name+"="+fourth.Value).problem(t, 401)
	for range 20 {
		h.as("").post(t, "/v1/session", "application/json", `{"name":"owner","password":"guess"}`)
	}
	a = h.as("").post(t, "/v1/session", "application/json", `{"name":"owner","password":"a long password"}`)
	if a.problem(t, 429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// A stranger who guesses at somebody's password cannot keep them out, nor guess faster from many
// addresses.
func TestStrangersLockNobodyOut(t *testing.T) {
	h := start(t, func(o *api.Options) { o.TrustedProxies = []string{"127.0.0.0/8"} })
	l, err := h.door.OwnerLink(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	from := func(address, method, path, body string, header ...string) answer {
		return h.as("").do(t, method, path, "application/json", body, append(header, "X-Forwarded-For", address)...)
	}
	const good = `{"name":"owner","password":"a long password"}`
	c, err := http.ParseSetCookie(from("203.0.113.1", "POST", "/v1/session", `{"link":"`+l.Token+`"}`).want(t, 200).Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	cookie := c.Name + "=" + c.Value
	from("203.0.113.1", "PUT", "/v1/session/password", `{"new":"another long password"}`, "Cookie", cookie).want(t, 204)
	for i := range 12 {
		from(fmt.Sprintf("198.51.100.%d", i), "POST", "/v1/session", `{"name":"owner","password":"guess"}`)
	}
	from("198.51.100.99", "POST", "/v1/session", good).problem(t, 429, "link")
	from("203.0.113.1", "PUT", "/v1/session/password", `{"new":"a long password"}`, "Cookie", cookie).want(t, 204)
	from("203.0.113.1", "POST", "/v1/session", good).want(t, 200)
	if l, err = h.door.OwnerLink(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	from("198.51.100.98", "POST", "/v1/session", `{"link":"`+l.Token+`"}`).want(t, 200)
	from("198.51.100.98", "POST", "/v1/session", good).want(t, 200)
	for range 12 { // whoever has taken a session may not guess at its password either
		from("203.0.113.1", "PUT", "/v1/session/password", `{"current":"guess","new":"a long password"}`, "Cookie", cookie)
	}
	from("203.0.113.1", "PUT", "/v1/session/password", `{"new":"a long password"}`, "Cookie", cookie).problem(t, 429)
}

func TestSecureCookies(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Secure = true })
	l, err := h.door.OwnerLink(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	c := h.signIn(t, `{"link":"`+l.Token+`"}`)
	if c.Name != "__Host-outcry" || !c.Secure {
		t.Errorf("the cookie is %v", c)
	}
	if v := h.get(t, "/healthz").Header.Get("Strict-Transport-Security"); v == "" {
		t.Error("no Strict-Transport-Security")
	}
}

func TestPeopleOverHTTP(t *testing.T) {
	h := start(t)
	if _, err := h.door.OwnerLink(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	type link struct {
		Link   string
		Person struct{ Role string }
	}
	l := read[link](t, h.post(t, "/v1/people", "application/json", `{"name":"Kim","role":"viewer"}`).want(t, 201))
	base, token, ok := strings.Cut(l.Link, "#")
	if !ok || base != h.url+"/sign-in" {
		t.Errorf("the link is %s", l.Link)
	}
	c := h.signIn(t, `{"link":"`+token+`"}`)
	as := func(method, path, body string) answer {
		return h.as("").do(t, method, path, "application/json", body, "Cookie", c.Name+"="+c.Value)
	}
	as("GET", "/v1/events", "").want(t, 200)
	as("POST", "/v1/events", goodEvent).problem(t, 403, "Kim", "admin")
	h.do(t, "PUT", "/v1/people/Kim", "application/json", `{"role":"admin"}`).want(t, 200)
	as("POST", "/v1/events", goodEvent).want(t, 201)
	h.post(t, "/v1/people", "application/json", `{"name":"Kim","role":"viewer"}`).problem(t, 409)
	for _, name := range []string{"operator", "Anonymous", "the plan", "somebody"} { // what they do would be taken for what others do
		h.post(t, "/v1/people", "application/json", `{"name":"`+name+`","role":"viewer"}`).problem(t, 422, "body.name")
	}
	h.post(t, "/v1/people", "application/json", `{"name":"<b>","role":"king"}`).problem(t, 422, "body.name", "body.role")
	h.do(t, "PUT", "/v1/people/owner", "application/json", `{"role":"viewer"}`).want(t, 200)
	h.do(t, "DELETE", "/v1/people/Kim", "", "").problem(t, 409, "administer")
	h.do(t, "PUT", "/v1/people/owner", "application/json", `{"role":"admin"}`).want(t, 200)
	h.do(t, "PUT", "/v1/people/Kim", "application/json", `{"role":"admin","disabled":true}`).want(t, 200)
	as("GET", "/v1/events", "").problem(t, 401)
	h.do(t, "DELETE", "/v1/people/Kim", "", "").want(t, 204)
	h.post(t, "/v1/people/Kim/link", "", "").problem(t, 404)
	h.post(t, "/v1/people/owner/link", "", "").want(t, 201)
	h.get(t, "/v1/people").want(t, 200)
}

func TestClientAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		trusted []string
		want    string
	}{
		"nobody is believed":  {nil, "127.0.0.1"},
		"a proxy is believed": {[]string{"127.0.0.0/8"}, "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, func(o *api.Options) { o.TrustedProxies = c.trusted })
			h.as("").do(t, "GET", "/v1/events", "", "", "X-Forwarded-For", "198.51.100.1, 203.0.113.9").problem(t, 401)
			if got := h.audit(t)[0].Address; got != c.want {
				t.Errorf("the address is %q, want %q", got, c.want)
			}
		})
	}
}

func TestTooManyRequests(t *testing.T) {
	h := start(t)
	h.launch(t)
	_, secret := h.makeKey(t, time.Time{}, auth.Read)
	busy := h.as(secret)
	for range 299 { // a picture is ten units of 3,000
		busy.do(t, "HEAD", "/v1/events/launch/trend.png", "", "").want(t, 200)
	}
	busy.get(t, "/v1/events/launch/trend.png")
	a := busy.get(t, "/v1/events/launch/trend.png")
	if a.problem(t, 429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	h.get(t, "/v1/events/launch").want(t, 200) // nobody else is held up

	// Whoever guesses is held up, and nobody else at the same address.
	guess := h.as("outcry_abcdefgh_guess")
	for range 60 {
		guess.get(t, "/v1/events").problem(t, 401)
	}
	guess.get(t, "/v1/events").problem(t, 429)
	h.get(t, "/v1/events").want(t, 200)
}

// Strangers with many addresses cannot fill the disk either.
func TestRefusalsAreAuditedWithinABound(t *testing.T) {
	h := start(t, func(o *api.Options) { o.TrustedProxies = []string{"127.0.0.0/8"} })
	for i := range 400 {
		h.as("").do(t, "GET", "/v1/events", "", "", "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i/2)).problem(t, 401)
	}
	list := h.audit(t)
	if len(list) != 300 || !strings.HasSuffix(list[0].Reason, "; more refusals are not listed for a minute") {
		t.Errorf("%d are listed, the last as %q", len(list), list[0].Reason)
	}
}

func probe(url string) health.Probe { return health.Probe{Kind: "http", URL: url} }
