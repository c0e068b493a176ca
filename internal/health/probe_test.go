package health

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestProbesAreCheckedAtTheDoor(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"http","url":"https://example.org/health"}`: "",
		`{"kind":"http","url":"http://[2001:db8::1]:8080/a?b=c#d","every":"1s","timeout":"900ms","expect":{"status":[200,"204","3xx"],"body":"ok","max_latency":"500ms"}}`: "",
		`{"kind":"http","url":"http://127.0.0.1:1/","expect":{}}`:                                              "",
		`{"kind":"audience","space":"1eaKbrPAqbwKX"}`:                                                          "",
		`{"kind":"audience","space":"../2/users/me"}`:                                                          "space: give the id of the Space",
		`{"kind":"audience"}`:                                                                                  "space: give the id of the Space",
		`{"kind":"hls","url":"anything","expect":{"anything":7}}`:                                              "",
		`{"kind":"push"}`:                                                                                      "",
		`{"kind":"htpp"}`:                                                                                      `kind: "htpp" is none of`,
		`{"kind":"tcp","every":"10ms","timeout":"1h"}`:                                                         `every: "10ms" is not; timeout: "1h" is not a duration from 100ms to 1m, like 10s`,
		`{"kind":"http"}`:                                                                                      "url: give the address",
		`{"kind":"http","url":"ftp://example.org"}`:                                                            "url: the address begins with neither",
		`{"kind":"http","url":"example.org"}`:                                                                  "url: the address begins with neither",
		`{"kind":"http","url":"file:///etc/passwd"}`:                                                           "url: the address begins with neither",
		`{"kind":"http","url":"http:///x"}`:                                                                    "url: the address names no host",
		`{"kind":"http","url":"http:example.org"}`:                                                             "url: the address names no host",
		`{"kind":"http","url":"http://:80/"}`:                                                                  "url: the address names no host",
		`{"kind":"http","url":"http://me:hunter2@example.org/"}`:                                               "url: leave the name and password out",
		`{"kind":"http","url":"http://hunter2@example.org/"}`:                                                  "url: leave the name and password out",
		`{"kind":"http","url":"http://exa mple.org/hunter2"}`:                                                  "url: this is not an address",
		`{"kind":"http","url":"http://example.org/a b"}`:                                                       "url: this is not an address",
		`{"kind":"http","url":"http://example.org/a\r\nX: y"}`:                                                 "url: this is not an address",
		`{"kind":"http","url":"http://example.org:99999/"}`:                                                    "url: the port",
		`{"kind":"http","url":"http://example.org:0/"}`:                                                        "url: the port",
		`{"kind":"http","url":"http://2130706433/"}`:                                                           "url: the host is a number",
		`{"kind":"http","url":"http://127.1/"}`:                                                                "url: the host is a number",
		`{"kind":"http","url":"http://0177.0.0.1/"}`:                                                           "url: the host is a number",
		`{"kind":"http","url":"http://0x7f.0.0.0x1/"}`:                                                         "url: the host is a number",
		`{"kind":"http","url":"http://127.0.0.1./"}`:                                                           "url: the host is a number",
		`{"kind":"http","url":"https://a.org/` + strings.Repeat("a", MaxURLBytes) + `"}`:                       "url: it is longer than 2048",
		`{"kind":"http","url":"https://a.org","space":"x"}`:                                                    "space: an http probe",
		`{"kind":"http","url":"https://a.org","every":"11m"}`:                                                  "every: ",
		`{"kind":"http","url":"https://a.org","every":"soon"}`:                                                 "every: ",
		`{"kind":"http","url":"https://a.org","expect":{"status":600}}`:                                        "expect.status: 600 is not a status",
		`{"kind":"http","url":"https://a.org","expect":{"status":[200,"9xx",2.5,true,null]}}`:                  "expect.status[1]; expect.status[2]; expect.status[3]; expect.status[4]",
		`{"kind":"http","url":"https://a.org","expect":{"status":[]}}`:                                         "expect.status: give 1 to 20",
		`{"kind":"http","url":"https://a.org","expect":{"body":""}}`:                                           "expect.body: give a text",
		`{"kind":"http","url":"https://a.org","expect":{"body":["a"]}}`:                                        "expect.body: give a text",
		`{"kind":"http","url":"https://a.org","expect":{"body":"` + strings.Repeat("a", MaxBodyText+1) + `"}}`: "expect.body: give a text",
		`{"kind":"http","url":"https://a.org","expect":{"max_latency":2}}`:                                     "expect.max_latency: 2 is not a duration",
		`{"kind":"http","url":"https://a.org","expect":{"max_latency":"10s"}}`:                                 "expect.max_latency: 10s is not less than the timeout",
		`{"kind":"http","url":"https://a.org","expect":{"latency":"2s","status":200}}`:                         "expect.latency: this key is not known",
	} {
		var p Probe
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		flaws := p.Check()
		var got []string
		for _, f := range flaws {
			got = append(got, f.Field+": "+f.Text)
		}
		wants := strings.Split(want, "; ")
		if want == "" {
			wants = nil
		}
		ok := len(wants) == len(got)
		for i := range wants {
			ok = ok && strings.HasPrefix(got[i], wants[i])
		}
		if all := strings.Join(got, "; "); !ok || strings.Contains(all, "hunter2") || len(all) > 600 {
			t.Errorf("%s:\n got %q\nwant %q", text, got, wants)
		}
	}
}

func TestDefaultsOfAProbe(t *testing.T) {
	p := Probe{Kind: ProbeHTTP, URL: "https://example.org/#top"}
	h, flaws := p.HTTP()
	if len(flaws) > 0 || h.Every != 10*time.Second || h.Timeout != 10*time.Second || h.URL.String() != "https://example.org/" || h.Expect.MaxLatency != 0 {
		t.Errorf("%+v, %v", h, flaws)
	}
}

func TestKindsThatAreNotBuiltAreTold(t *testing.T) {
	for _, kind := range ProbeKinds {
		p := Probe{Kind: kind}
		if note := p.Note(); (note == "") != p.Runs() || p.Runs() != (kind == "http") {
			t.Errorf("%s runs: %v, and its note is %q", kind, p.Runs(), note)
		}
	}
}

func TestJudge(t *testing.T) {
	x := func(text string) *Expectation {
		p := Probe{Kind: ProbeHTTP, URL: "https://a.org"}
		if err := json.Unmarshal([]byte(text), &p.Expect); err != nil {
			t.Fatal(err)
		}
		h, flaws := p.HTTP()
		if len(flaws) > 0 {
			t.Fatal(flaws)
		}
		return &h.Expect
	}
	s := time.Second
	for _, c := range []struct {
		expect string
		answer Answer
		state  State
		detail string
	}{
		{`{}`, Answer{200, s, true}, Up, ""},
		{`{}`, Answer{204, 9 * s, true}, Up, ""},
		{`{}`, Answer{301, s, true}, Down, "redirects"},
		{`{}`, Answer{404, s, true}, Down, "status 404"},
		{`{}`, Answer{503, s, true}, Down, "status 503"},
		{`{}`, Answer{429, s, true}, Unknown, "less often"},
		{`{"status":"4xx"}`, Answer{429, s, true}, Up, ""},
		{`{"status":[301,"302"]}`, Answer{302, s, true}, Up, ""},
		{`{"status":[301,"302"]}`, Answer{200, s, true}, Down, "status 200"},
		{`{"status":200,"body":"ok"}`, Answer{200, s, false}, Down, "does not hold"},
		{`{"max_latency":"2s"}`, Answer{200, 2 * s, true}, Up, ""},
		{`{"max_latency":"2s"}`, Answer{200, 2*s + time.Millisecond, true}, Degraded, "answered after 2.001s, more than 2s"},
		{`{"max_latency":"2s"}`, Answer{500, 3 * s, true}, Down, "status 500"},
	} {
		state, detail := x(c.expect).Judge(c.answer)
		if state != c.state || !strings.Contains(detail, c.detail) || (detail == "") != (state == Up) {
			t.Errorf("%s, %+v: %s, %q", c.expect, c.answer, state, detail)
		}
	}
}

func FuzzProbe(f *testing.F) {
	f.Add([]byte(`{"kind":"http","url":"https://example.org/health","every":"10s","expect":{"status":[200,"2xx"],"body":"x","max_latency":"2s"}}`))
	f.Add([]byte(`{"kind":"http","url":"http://0x7f.1/"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Probe
		if json.Unmarshal(text, &p) != nil {
			return
		}
		flaws := p.Check()
		for _, x := range flaws {
			if x.Field == "" || x.Text == "" || len(x.Text) > 400 {
				t.Fatalf("%+v", x)
			}
		}
		if p.Kind != ProbeHTTP || len(flaws) > 0 {
			return
		}
		h, _ := p.HTTP()
		if h.URL == nil || h.URL.User != nil || h.URL.Hostname() == "" || h.Every < MinEvery || h.Timeout < MinTimeout || len(h.Expect.Statuses) == 0 {
			t.Fatalf("%+v passes", p)
		}
	})
}
