package reaction

import (
	"encoding/json"
	"testing"
)

func TestPersonAsText(t *testing.T) {
	known := Membership{Event: 7, Author: Person{0: 0xff, 7: 1, 15: 0xfe}}
	for _, m := range []Membership{known, {Event: 8}} {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var got Membership
		if err := json.Unmarshal(b, &got); err != nil || got != m {
			t.Errorf("%s is read as %v, %v", b, got, err)
		}
	}
	if b, _ := json.Marshal(Membership{Event: 8}); string(b) != `{"e":8}` {
		t.Errorf("an unknown author is written as %s", b)
	}
	var p Person
	for _, bad := range []string{"AAAA", "!AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA"} {
		if err := p.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read as a person", bad)
		}
	}
}
