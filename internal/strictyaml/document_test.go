package strictyaml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/strictyaml"
)

type house struct {
	Name    string          `yaml:"name"`
	Built   time.Time       `yaml:"built"`
	Every   time.Duration   `yaml:"every"`
	Floors  int             `yaml:"floors"`
	Height  float64         `yaml:"height"`
	Open    bool            `yaml:"open"`
	Keep    reaction.Days   `yaml:"keep"`
	Rooms   []room          `yaml:"rooms"`
	Prices  map[string]room `yaml:"prices"`
	Details map[string]any  `yaml:"details"`
	Hidden  string          `yaml:"-"`
}

type room struct {
	Kind string   `yaml:"kind"`
	Tags []string `yaml:"tags"`
}

func (h *house) Normalise() { h.Name = strings.TrimSpace(h.Name) }

func (h *house) Validate() []reaction.Problem {
	var p []reaction.Problem
	if h.Name == "" {
		p = append(p, reaction.Problem{Path: "name", Text: "give a name"})
	}
	if h.Floors < 0 {
		p = append(p, reaction.Problem{Path: "floors", Text: "too few"})
	}
	if len(h.Rooms) == 0 {
		p = append(p, reaction.Problem{Path: "rooms", Text: "give a room"})
	}
	for i, r := range h.Rooms {
		if r.Kind == "" {
			p = append(p, reaction.Problem{Path: fmt.Sprintf("rooms[%d].kind", i), Text: "give a kind"})
		}
		for j, tag := range r.Tags {
			if tag == "" {
				p = append(p, reaction.Problem{Path: fmt.Sprintf("rooms[%d].tags[%d]", i, j), Text: "empty"})
			}
		}
	}
	return p
}

func TestDecodeFillsEveryKind(t *testing.T) {
	const text = `
name: " 007 "
built: 2023-05-24T18:00:00-04:00
every: 90s
floors: 3
height: 2.5
open: true
keep: 30d
rooms:
  - {kind: hall, tags: ["a", b]}
  - kind: 12
prices: {hall: {kind: x}}
details: {status: 200, list: [1, two, {deep: true}]}
`
	var h house
	if err := strictyaml.Decode([]byte(text), "house.yaml", &h); err != nil {
		t.Fatal(err)
	}
	want := house{
		Name: "007", Every: 90 * time.Second, Floors: 3, Height: 2.5, Open: true, Keep: 30,
		Rooms:   []room{{Kind: "hall", Tags: []string{"a", "b"}}, {Kind: "12"}},
		Prices:  map[string]room{"hall": {Kind: "x"}},
		Details: map[string]any{"status": 200, "list": []any{1, "two", map[string]any{"deep": true}}},
	}
	if !h.Built.Equal(time.Date(2023, 5, 24, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("built is %s", h.Built)
	}
	h.Built = time.Time{}
	if got, want := fmt.Sprintf("%#v", h), fmt.Sprintf("%#v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDecodeReportsAllMistakesTogether(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"of every kind, down the file", `nmae: x
built: yesterday
every: 30
floors: many
height: .nan
open: perhaps
keep: 12h
rooms: {kind: hall}
prices: [1]
details:
  a: 1
  a: 2
colour: red
Hidden: x
`, `h.yaml:1: nmae: this key is not known: did you mean "name"?
h.yaml:2: built: "yesterday" is not a time with its offset, like 2023-05-24T18:00:00-04:00
h.yaml:3: every: "30" is not a duration with its unit, like 30s or 5m
h.yaml:4: floors: "many" is not a whole number that fits
h.yaml:5: height: ".nan" is not a finite number
h.yaml:6: open: "perhaps" is not true or false
h.yaml:7: keep: "12h" is not a number of days, like 30d
h.yaml:8: rooms: expected a list, not keys and values
h.yaml:9: prices: expected keys and values, not a list
h.yaml:12: details.a: this key stands already on line 11
h.yaml:13: colour: this key is not known; known are name, built, every, floors, height, open, keep, rooms, prices, details
h.yaml:14: Hidden: this key is not known; known are name, built, every, floors, height, open, keep, rooms, prices, details`},
		{"of validation, at the lines of their paths", `
floors: -1
rooms:
  - kind: hall
    tags:
      - a
      - ""
  - tags: []
`, `h.yaml:2: name: give a name
h.yaml:2: floors: too few
h.yaml:7: rooms[0].tags[1]: empty
h.yaml:8: rooms[1].kind: give a kind`},
		{"a time without its offset", "name: x\nrooms: [{kind: a}]\nbuilt: 2023-05-24 18:00:00\n",
			`h.yaml:3: built: "2023-05-24 18:00:00" is not a time with its offset, like 2023-05-24T18:00:00-04:00`},
		{"a mistyped key beside the right one", "name: x\nnmae: y\nfloors: -1\nflors: 2\nrooms: [{kind: a}]\n",
			`h.yaml:2: nmae: this key is not known: did you mean "name"?
h.yaml:3: floors: too few
h.yaml:4: flors: this key is not known: did you mean "floors"?`},
		{"a second document", "name: x\nrooms: [{kind: a}]\n---\nname: y\n",
			"h.yaml:3: a second document begins here: put each in a file of its own"},
		{"aliases", "name: &n x\nrooms: [{kind: *n}]\n",
			"h.yaml:1: name: aliases and anchors (* and &) are not read: write the value out\n" +
				"h.yaml:2: rooms[0].kind: aliases and anchors (* and &) are not read: write the value out"},
		{"a merge key", "name: x\nrooms: [{kind: a}]\ndetails: &d {a: 1}\n<<: *d\n",
			"h.yaml:3: details: aliases and anchors (* and &) are not read: write the value out\n" +
				"h.yaml:4: <<: this key is not known; known are name, built, every, floors, height, open, keep, rooms, prices, details"},
		{"a tag", "name: !!binary eA==\nrooms: [{kind: a}]\n", "h.yaml:1: name: tags (!!binary) are not read: leave it out"},
		{"a key that is no text", "name: x\nrooms: [{kind: a}]\ndetails: {[1]: 2}\n", "h.yaml:3: details: a key here is not plain text"},
		{"no mapping at all", "just words", "h.yaml:1: expected keys and values, not a single value"},
		{"a list that does not end", "name: x\nrooms: [a, b\n", "h.yaml:2: this is not YAML: did not find expected ',' or ']'"},
		{"a list that does not end on the first line", "name: [x\n", "h.yaml:2: this is not YAML: did not find expected ',' or ']'"},
		{"a second colon", "name: x\nrooms: a: b\n", "h.yaml:2: this is not YAML: mapping values are not allowed in this context"},
		{"bytes that are no text", "name: \xff\n", "h.yaml:1: this is not YAML: invalid leading UTF-8 octet"},
		{"too deep", "name: x\nrooms: [{kind: a}]\ndetails: {a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}\n",
			"h.yaml:3: details.a: values stand in one another more than 32 deep"},
		{"too long a key", "name: x\nrooms: [{kind: a}]\ndetails: {" + strings.Repeat("k", 201) + ": 1}\n",
			"h.yaml:3: details: a key here is longer than 200 bytes"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			err := strictyaml.Decode([]byte(tc.text), "h.yaml", &house{})
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != tc.want {
				t.Errorf("got:\n%v\nwant:\n%s", err, tc.want)
			}
		})
	}
}

func TestMistakesAreCountedPastTheLimit(t *testing.T) {
	text := "name: x\nrooms: [{kind: a}]\n"
	for i := range strictyaml.MaxMistakes + 7 {
		text += fmt.Sprintf("zzzz%d: 1\n", i)
	}
	var errs *strictyaml.Errors
	if err := strictyaml.Decode([]byte(text), "h.yaml", &house{}); !errors.As(err, &errs) {
		t.Fatalf("got %v", err)
	}
	if len(errs.Mistakes) != strictyaml.MaxMistakes || errs.More != 7 {
		t.Errorf("listed %d and %d more", len(errs.Mistakes), errs.More)
	}
	if !strings.HasSuffix(errs.Error(), "\nand 7 more mistakes") {
		t.Errorf("the end of the message is missing: %s", errs)
	}
}

func TestInputIsBounded(t *testing.T) {
	long := "name: " + strings.Repeat("x", strictyaml.MaxBytes)
	err := strictyaml.Decode([]byte(long), "h.yaml", &house{})
	if err == nil || err.Error() != "h.yaml: the file is longer than 1024 KiB" {
		t.Errorf("got %v", err)
	}
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 20; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9))
	}
	if err := strictyaml.Decode([]byte("name: x\nrooms: [{kind: a}]\ndetails:\n  "+strings.ReplaceAll(bomb, "\n", "\n  ")), "h.yaml", &house{}); err == nil {
		t.Error("a bomb of aliases was read")
	}
}

func TestEmptyKeepsWhatIsThere(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "name:\nfloors: ~\n"} {
		h := house{Name: "before", Floors: 4, Rooms: []room{{Kind: "hall"}}}
		if err := strictyaml.Decode([]byte(text), "h.yaml", &h); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if h.Name != "before" || h.Floors != 4 {
			t.Errorf("%q changed the house: %+v", text, h)
		}
	}
}

func TestDocumentTakesValuesFromElsewhere(t *testing.T) {
	h := house{Rooms: []room{{Kind: "hall"}}}
	d := strictyaml.Read([]byte("floors: -1\nopen: x\n"), "h.yaml", &h)
	h.Name = ""
	d.From("name", "HOUSE_NAME")
	d.Check(h.Validate())
	d.Bad("every", "is never set")
	want := `h.yaml:1: floors: too few
h.yaml:1: every: is never set
h.yaml:2: open: "x" is not true or false
HOUSE_NAME: name: give a name`
	if err := d.Err(); err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: x\nrooms:\n  - {kind: hall, tags: [a]}\n"))
	f.Add([]byte(`{"name": "x", "details": {"a": [1, 2.5, null, "\u00e9"]}}`))
	f.Add([]byte("a: &a [*a]\n---\n- 1\n"))
	f.Add([]byte("built: 2023-05-24T18:00:00-04:00\nkeep: 30d\nevery: 1h\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := strictyaml.Decode(data, "f", &house{})
		if err == nil {
			return
		}
		var errs *strictyaml.Errors
		if !errors.As(err, &errs) || len(errs.Mistakes) == 0 {
			t.Fatalf("an error of another kind: %v", err)
		}
		for _, m := range errs.Mistakes {
			if m.Text == "" || m.File != "f" {
				t.Errorf("a mistake that says nothing: %+v", m)
			}
		}
	})
}
