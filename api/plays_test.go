package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"outcry/api"
)

type onePlay struct{ Play api.Play }

func TestDrillsOverHTTP(t *testing.T) {
	h := start(t)
	h.launch(t)
	list := read[struct{ Scenarios []api.Scenario }](t, h.get(t, "/v1/drills").want(t, 200))
	if len(list.Scenarios) != 2 || list.Scenarios[0].About == "" {
		t.Errorf("scenarios %+v", list)
	}
	a := h.post(t, "/v1/drills", "application/json", `{"scenario":"launch","speed":"60x","start":"now","seed":9007199254740991}`).want(t, 202)
	p := read[onePlay](t, a).Play
	if a.Header.Get("Location") != "/v1/plays/"+p.ID || p.Event != "drill-launch" || p.Speed != "60x" || !p.Start.Equal(noon) || p.Seed != 1<<53-1 || p.State != "running" {
		t.Errorf("%s: %+v", a.Header.Get("Location"), p)
	}
	p = read[onePlay](t, h.post(t, "/v1/drills", "application/json", `{"scenario":"calm","start":"2026-03-01T18:00:00+09:00","event":"mine"}`).want(t, 202)).Play
	if p.Event != "mine" || p.Speed != "max" || !p.Start.Equal(noon.Add(-3*time.Hour)) {
		t.Errorf("%+v", p)
	}
	for body, want := range map[string]string{
		``: "no body", `{`: "breaks off", `{"scenario":"launch","fast":true}`: `"fast"`, `{"scenario":1}`: "body.scenario",
		`{"scenario":"storm"}`: "none of launch, calm", `{"scenario":"launch","start":"soon"}`: "body.start",
		`{"scenario":"launch","seed":-1}`: "body.seed", `{"scenario":"launch","seed":9007199254740992}`: "body.seed",
		`{"scenario":"launch","speed":"fast"}`: "speed", `{"scenario":"launch","start":"2300-01-01T00:00:00Z"}`: "body.start",
	} {
		a := h.post(t, "/v1/drills", "application/json", body)
		status := 422
		if body == "" {
			status = 400
		}
		a.problem(t, status, want)
	}
	h.post(t, "/v1/drills", "application/json", `{"scenario":"launch","event":"launch"}`).problem(t, 409, "is real")
	h.post(t, "/v1/drills", "text/csv", `{"scenario":"launch"}`).problem(t, 415)
	for range 2 {
		h.post(t, "/v1/drills", "application/json", `{"scenario":"launch"}`).want(t, 202)
	}
	if a := h.post(t, "/v1/drills", "application/json", `{"scenario":"launch"}`); a.Header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	} else {
		a.problem(t, 429, "4 plays")
	}
}

func TestPlaysOverHTTP(t *testing.T) {
	h := start(t)
	h.launch(t)
	if s := string(h.get(t, "/v1/plays").want(t, 200).body); !strings.Contains(s, `"plays":[]`) {
		t.Errorf("no plays are %s", s)
	}
	type oneRecording struct{ Recording api.Recording }
	a := h.post(t, "/v1/recordings?name=tweets.csv&columns=time%3DWhen&columns=text%3D%232&format=csv&zone=Asia/Seoul", "text/csv", "a,b\n").want(t, 201)
	r := read[oneRecording](t, a).Recording
	if a.Header.Get("Location") != "/v1/recordings/"+r.ID || r.Name != "tweets.csv" || r.Bytes != 4 {
		t.Errorf("%+v", r)
	}
	if how := h.playing.how; how.Columns["time"] != "When" || how.Columns["text"] != "#2" || how.Format != "csv" || how.Zone != "Asia/Seoul" {
		t.Errorf("how to read: %+v", how)
	}
	body := `{"recording":"` + r.ID + `","event":"launch","speed":"2x"}`
	first := read[onePlay](t, h.post(t, "/v1/plays", "application/json", body).want(t, 202)).Play
	if first.Kind != "recording" || first.Name != "tweets.csv" || first.Speed != "2x" {
		t.Errorf("%+v", first)
	}
	h.post(t, "/v1/plays", "application/json", body).want(t, 202)
	h.post(t, "/v1/plays", "application/json", `{}`).problem(t, 422, "body.recording", "body.event")
	h.post(t, "/v1/plays", "application/json", `{"recording":"`+r.ID+`","event":"nothing"}`).problem(t, 422, `no event "nothing"`)
	h.post(t, "/v1/plays", "application/json", `{"recording":"none","event":"launch"}`).problem(t, 404, `"none"`)

	page := h.get(t, "/v1/plays?limit=1").want(t, 200)
	plays := read[struct{ Plays []api.Play }](t, page).Plays
	if len(plays) != 1 || plays[0].ID == first.ID {
		t.Errorf("the newest is %+v", plays)
	}
	next := strings.TrimSuffix(strings.TrimPrefix(page.Header.Get("Link"), "<"), `>; rel="next"`)
	if plays = read[struct{ Plays []api.Play }](t, h.get(t, next).want(t, 200)).Plays; len(plays) != 1 || plays[0].ID != first.ID {
		t.Errorf("the next page is %+v", plays)
	}

	h.do(t, http.MethodDelete, "/v1/plays/"+first.ID, "", "").want(t, 204)
	if p := read[onePlay](t, h.get(t, "/v1/plays/"+first.ID).want(t, 200)).Play; p.State != "stopped" || p.EndedAt.IsZero() {
		t.Errorf("%+v", p)
	}
	h.get(t, "/v1/plays/none").problem(t, 404, `"none"`)
	h.do(t, http.MethodDelete, "/v1/plays/none", "", "").problem(t, 404)

	if list := read[struct{ Recordings []api.Recording }](t, h.get(t, "/v1/recordings").want(t, 200)).Recordings; len(list) != 1 {
		t.Errorf("%d recordings", len(list))
	}
	h.get(t, "/v1/recordings/"+r.ID).want(t, 200)
	h.do(t, http.MethodDelete, "/v1/recordings/"+r.ID, "", "").want(t, 204)
	h.get(t, "/v1/recordings/"+r.ID).problem(t, 404)
	h.do(t, http.MethodDelete, "/v1/recordings/"+r.ID, "", "").problem(t, 404)
}

func TestFilesThatAreNoRecordings(t *testing.T) {
	h := start(t)
	h.post(t, "/v1/recordings?name=a.png", "image/png", "\x89PNG").problem(t, 422, "a PNG image")
	h.post(t, "/v1/recordings", "", "full").problem(t, 507, "disk is full")
	h.post(t, "/v1/recordings", "multipart/form-data; boundary=x", "--x").problem(t, 415, "the file itself")
	h.do(t, http.MethodPost, "/v1/recordings", "text/csv", "x", "Content-Encoding", "gzip").problem(t, 415, "as it is")
	h.post(t, "/v1/recordings?columns=time", "text/csv", "x").problem(t, 422, "query.columns[0]", "ROLE=HEADER")
	h.post(t, "/v1/recordings?name="+strings.Repeat("n", 301), "text/csv", "x").problem(t, 422, "name")
	h.post(t, "/v1/recordings?colour=red", "text/csv", "x").problem(t, 422, "no such parameter")
	if s := h.log.String(); strings.Contains(s, "panic") {
		t.Error(s)
	}
}

// A body that is too large is refused by its length, before it is sent.
func TestARecordingThatIsTooLarge(t *testing.T) {
	h := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/recordings", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 512<<20 + 1
	req.Header.Set("Expect", "100-continue")
	req.Header.Set("Authorization", "Bearer "+h.key)
	req.Body = neverEnding{}
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }
func (neverEnding) Close() error               { return nil }
