package eventfile_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"outcry/internal/eventfile"
	"outcry/internal/reaction"
)

func example(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "events", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestExamplesAreReadAsTheySay(t *testing.T) {
	launch, err := eventfile.Parse(example(t, "desantis-launch.yaml"), "desantis-launch.yaml")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2023, 5, 24, 22, 0, 0, 0, time.UTC)
	if !launch.StartsAt.Equal(at) || launch.StartsAt.Location() != time.UTC || !launch.ListenFrom.Equal(at.Add(-time.Hour)) {
		t.Errorf("starts at %s, listened to from %s", launch.StartsAt, launch.ListenFrom)
	}
	if got := launch.Match.Any; len(got) != 4 || got[3] != "디샌티스" {
		t.Errorf("matches %q", got)
	}
	probe := launch.Services[0].Probes[0]
	if probe.Every != "10s" || probe.Expect["status"] != 200 || launch.Spend[reaction.X].USD != 50 {
		t.Errorf("probe %+v, spend %v", probe, launch.Spend)
	}

	opening, err := eventfile.Parse(example(t, "wc2022-opening.yaml"), "wc2022-opening.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kickOff := time.Date(2022, 11, 20, 16, 0, 0, 0, time.UTC)
	if !opening.StartsAt.Equal(kickOff) || !opening.EndsAt.Equal(kickOff.Add(2*time.Hour)) {
		t.Errorf("from %s to %s", opening.StartsAt, opening.EndsAt)
	}
	if opening.Status != reaction.Scheduled || !opening.ListenFrom.Equal(kickOff.Add(-time.Hour)) {
		t.Errorf("defaults are missing: %+v", opening)
	}
}

func TestFormatIsReadBackEqual(t *testing.T) {
	for _, name := range []string{"desantis-launch.yaml", "wc2022-opening.yaml"} {
		first, err := eventfile.Parse(example(t, name), name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := eventfile.Format(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := eventfile.Parse(text, name)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s changed on its way:\n%+v\n%+v", name, first, second)
		}
		again, err := eventfile.Format(second)
		if err != nil || string(again) != string(text) {
			t.Errorf("%s is written in two ways (%v):\n%s\n%s", name, err, text, again)
		}
	}
}

func TestFormatLeavesOutWhatIsEmpty(t *testing.T) {
	e := reaction.Event{
		Slug: "yes", Title: "2022", StartsAt: time.Date(2022, 1, 2, 3, 4, 5, 0, time.UTC),
		Match: reaction.Match{Any: []string{"#a: b", "null"}},
	}
	e.Normalise()
	got, err := eventfile.Format(&e)
	if err != nil {
		t.Fatal(err)
	}
	const want = `slug: "yes"
title: "2022"
starts_at: 2022-01-02T03:04:05Z
listen_from: 2022-01-02T02:04:05Z
status: scheduled
match:
  any:
    - '#a: b'
    - "null"
sources:
  - bluesky
  - mastodon
  - x
retention: 30d
`
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestParseReadsJSON(t *testing.T) {
	const text = `{"slug": "a", "title": "A \u00e9", "starts_at": "2022-01-02T03:04:05+09:00", "match": {"any": ["a\/b"]}}`
	e, err := eventfile.Parse([]byte(text), "a.json")
	if err != nil {
		t.Fatal(err)
	}
	if e.Title != "A é" || e.Match.Any[0] != "a/b" || e.StartsAt.Hour() != 18 {
		t.Errorf("got %+v", e)
	}
}

func TestParseReportsEveryMistakeWithItsLine(t *testing.T) {
	const text = `slug: Not A Slug
titel: x
starts_at: 2022-11-20T16:00:00Z
ends_at: 2022-11-20T15:00:00Z
match:
  any:
    - "#worldcup2022"
    - ""
  accounts: [FIFAcom]
services:
  - name: JioCinema
    probes:
      - {kind: htpp, every: 10ms}
spend: {x: {usd: -1}}
retention: forever
`
	const want = `e.yaml:1: slug: "Not A Slug" is not 1 to 64 lower-case letters, digits or inner '-'
e.yaml:2: titel: this key is not known: did you mean "title"?
e.yaml:4: ends_at: 2022-11-20T15:00:00Z is not after starts_at
e.yaml:8: match.any[1]: the term is empty
e.yaml:9: match.accounts[0]: "FIFAcom" is not an account: write it as @name
e.yaml:13: services[0].probes[0].kind: "htpp" is none of http, hls, tcp, dns, prometheus, status, audience, push
e.yaml:13: services[0].probes[0].every: "10ms" is not a duration from 1s to 10m, like 10s
e.yaml:14: spend.x.usd: -1 is not between 0 and 1000000 US dollars
e.yaml:15: retention: "forever" is not a number of days, like 30d`
	_, err := eventfile.Parse([]byte(text), "e.yaml")
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(example(f, "desantis-launch.yaml")))
	f.Add(string(example(f, "wc2022-opening.yaml")))
	f.Add("slug: a\ntitle: ' \"x\" '\nstarts_at: 0001-01-01T00:00:00+01:00\nmatch: {any: [\"\\t\\u2028\"]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := eventfile.Parse([]byte(text), "f")
		if err != nil {
			return
		}
		again, err := eventfile.Format(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := eventfile.Parse(again, "again")
		if err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		third, err := eventfile.Format(second)
		if err != nil || strings.Compare(string(again), string(third)) != 0 {
			t.Errorf("%v: not written alike:\n%s\n%s", err, again, third)
		}
	})
}
