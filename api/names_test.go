package api_test

import (
	"fmt"
	"strings"
	"testing"

	"outcry/api"
	"outcry/internal/reaction"
)

func named(key string, posts int64) reaction.Name {
	return reaction.Name{Key: key, Text: strings.ToUpper(key), Kind: "person", Posts: posts, Authors: 3, FirstAt: noon, LastAt: noon, State: reaction.NameOpen}
}

func startNamed(t *testing.T, told *book, list ...reaction.Name) *house {
	t.Helper()
	h := start(t, func(o *api.Options) { o.Changes = told })
	h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)
	h.names[h.events["show"].ID] = list
	return h
}

func TestNamesAreListed(t *testing.T) {
	refused := named("rt", 9)
	refused.State, refused.By, refused.DecidedAt = reaction.NameRefused, "me", noon
	h := startNamed(t, &book{}, named("bob", 5), named("carl o'neil & sons", 7), refused)
	type name struct{ Name, Display, Kind, State, By, Examples string }
	list := func(path string) (names []string, all []name, link string) {
		t.Helper()
		a := h.get(t, path).want(t, 200)
		all = read[struct{ Names []name }](t, a).Names
		for _, n := range all {
			names = append(names, n.Name)
		}
		return names, all, a.Header.Get("Link")
	}
	got, all, _ := list("/v1/events/show/names")
	if fmt.Sprint(got) != "[rt carl o'neil & sons bob]" || all[0].By != "me" || all[1].Display != "CARL O'NEIL & SONS" || all[1].Examples != "/v1/events/show/posts?q=carl+o%27neil+%26+sons" {
		t.Errorf("%+v", all)
	}
	h.get(t, all[1].Examples).want(t, 200)
	if got, _, _ := list("/v1/events/show/names?state=open"); fmt.Sprint(got) != "[carl o'neil & sons bob]" {
		t.Errorf("open: %v", got)
	}
	got, _, link := list("/v1/events/show/names?limit=2")
	if len(got) != 2 || link == "" {
		t.Fatalf("%v, Link %q", got, link)
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if got, _, _ := list(next); fmt.Sprint(got) != "[bob]" {
		t.Errorf("the next page: %v", got)
	}
	h.get(t, "/v1/events/none/names").problem(t, 404, `"none"`)
	h.get(t, "/v1/events/show/names?state=new").problem(t, 422)
	h.get(t, "/v1/events/show/names?cursor=x").problem(t, 422, "query.cursor")
}

func TestANameIsDecided(t *testing.T) {
	var told book
	h := startNamed(t, &told, named("bob", 5), named("carl o'neil & sons", 7), named("rt", 4))
	type answer struct {
		Name     struct{ State, By string }
		Entities []reaction.Entity
	}
	decide := func(path, body string) answer {
		t.Helper()
		return read[answer](t, h.post(t, "/v1/events/show/names/"+path, "application/json", body).want(t, 200))
	}
	if a := decide("Carl%20O%27Neil%20%26%20Sons", `{"decision":"accept","kind":"organisation"}`); a.Name.State != "accepted" || a.Name.By != "operator" || len(a.Entities) != 2 || a.Entities[1].Kind != "organisation" {
		t.Errorf("%+v", a)
	}
	if a := decide("bob", `{"decision":"accept","as":"Ann"}`); len(a.Entities) != 2 || fmt.Sprint(a.Entities[0].Aliases) != "[BOB]" {
		t.Errorf("%+v", a)
	}
	if told.len() != 2 {
		t.Errorf("%d changes were announced", told.len())
	}
	if a := decide("rt", `{"decision":"refuse"}`); a.Name.State != "refused" || len(a.Entities) != 2 || told.len() != 2 {
		t.Errorf("%+v, %d announced", a, told.len())
	}
	if l := h.audit(t); l[0].Action != "name.refuse" || l[0].Target != "show RT" || l[1].Action != "name.accept" || l[1].Actor != "operator" {
		t.Errorf("audited as %+v", l[:2])
	}
	for body, c := range map[string]struct {
		status int
		has    []string
	}{
		``:                                     {400, []string{"no body"}},
		`{}`:                                   {422, []string{"body.decision"}},
		`{"decision":"perhaps"}`:               {422, []string{"body.decision"}},
		`{"decision":"refuse","kind":"show"}`:  {422, []string{"with accept"}},
		`{"decision":"accept","kind":"god"}`:   {422, []string{"god"}},
		`{"decision":"accept","as":"a\u0007"}`: {422, []string{"one line"}},
		`{"decision":"accept","as":"Ann","kind":"place"}`: {409, []string{"Ann", "person"}},
	} {
		h.post(t, "/v1/events/show/names/rt", "application/json", body).problem(t, c.status, c.has...)
	}
	h.post(t, "/v1/events/show/names/nobody", "application/json", `{"decision":"accept"}`).problem(t, 404, `"nobody"`)
	h.post(t, "/v1/events/none/names/rt", "application/json", `{"decision":"accept"}`).problem(t, 404, `"none"`)
}

// Names are those of people in other people's posts: of a public event, too, they are not told to
// strangers.
func TestStrangersSeeNoNames(t *testing.T) {
	h := startNamed(t, &book{}, named("bob", 5))
	h.do(t, "PUT", "/v1/events/show", "application/json", strings.Replace(goodEvent, `"title"`, `"public":true,"title"`, 1)).want(t, 200)
	h.as("").get(t, "/v1/events/show/names").problem(t, 401)
	h.as("").post(t, "/v1/events/show/names/bob", "application/json", `{"decision":"accept"}`).problem(t, 401)
}
