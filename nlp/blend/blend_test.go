package blend

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var event = []Entity{
	{Name: "DeSantis", Aliases: []string{"Ron DeSantis", "디샌티스"}}, {Name: "Twitter Spaces", Aliases: []string{"스페이스", "트위터"}},
	{Name: "Elon Musk"}, {Name: "Qatar"}, {Name: "VAR"}, {Name: "JioCinema", Aliases: []string{"Jio"}}, {Name: "KakaoTalk", Aliases: []string{"카카오톡", "카카오"}},
}

func finder(t testing.TB) *Finder {
	t.Helper()
	f, err := New(lexicon(t), event)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFind(t *testing.T) {
	f := finder(t)
	for _, c := range []struct{ tag, kind, entity, word, overlap, says string }{
		{"#DeSaster", Joined, "DeSantis", "disaster", "sa", "de-SA-ster: DeSantis + disaster, sharing 'sa'"},
		{"#desaster2023", Joined, "DeSantis", "disaster", "sa", "de-SA-ster: DeSantis + disaster, sharing 'sa'"},
		{"디재스터", Joined, "DeSantis", "disaster", "디", "디-재스터: 디샌티스 + 디재스터, sharing '디'"},
		{"#qatarstrophe", Joined, "Qatar", "catastrophe", "", "qatar-strophe: Qatar + catastrophe, sharing no letter"},
		{"#varce", Joined, "VAR", "farce", "ar", "v-AR-ce: VAR + farce, sharing 'ar'"},
		{"#jiodown", Compound, "JioCinema", "down", "", "jio down: 'jio' and 'down', whole words of it"},
		{"#jiocinemaisacrap", Compound, "JioCinema", "crap", "", "jiocinema is a crap: 'jiocinema' and 'crap', whole words of it"},
		{"#TwitterSpacesFail", Compound, "Twitter Spaces", "fail", "", "twitterspaces-fail: Twitter Spaces + fail, side by side"},
		{"#FuckVAR", Compound, "VAR", "fuck", "", "Fuck VAR: 'Fuck' and 'VAR', whole words of it"},
		{"디재스터네", Joined, "DeSantis", "disaster", "디", "디-재스터: 디샌티스 + 디재스터, sharing '디'"},
		{"#카카오먹통", Compound, "KakaoTalk", "먹통", "", "카카오-먹통: 카카오 + 먹통, side by side"},
	} {
		found := f.Find(c.tag, Fires)
		if len(found) == 0 {
			t.Errorf("%s: nothing; below it %v", c.tag, f.Find(c.tag, 0))
			continue
		}
		b := found[0]
		if b.Kind != c.kind || b.Entity != c.entity || !strings.EqualFold(b.Word, c.word) || b.Overlap != c.overlap || b.Reasons[0] != c.says {
			t.Errorf("%s: %+v", c.tag, b)
		}
		for _, p := range b.Parts {
			if c.tag[p.Start:p.End] != p.Text || !utf8.ValidString(p.Text) {
				t.Errorf("%s: part %+v is not its bytes", c.tag, p)
			}
		}
	}
}

func TestOrdinary(t *testing.T) {
	f := finder(t)
	for tag := range strings.FieldsSeq("#DeSantis #DeSantis2024 #TwitterSpaces #Qatar2022 #WorldCup #disaster #Qatari #Catar #Quatar #varsity #jio #debate #elections " +
		"#desert #musk #Musky #GoQatar #VarAndOut #football #디샌티스 #트위터 #재앙 #다운 #スペース #t3con09 #q_a # ## 7 #crash #ElonMuskIsLive #qatarfans") {
		if found := f.Find(tag, Fires); len(found) > 0 {
			t.Errorf("%s: %+v", tag, found[0])
		}
	}
}

func TestNewRefuses(t *testing.T) {
	l := lexicon(t)
	if _, err := New(l, make([]Entity, MaxEntities+1)); err == nil {
		t.Error("a list that is too long is taken")
	}
	if _, err := NewLexicon(nil, nil); err == nil {
		t.Error("a lexicon without a model is taken")
	}
	if _, err := NewLexicon(l.model, make([]Word, MaxWords+1)); err == nil {
		t.Error("a lexicon that is too long is taken")
	}
	f, err := New(l, []Entity{{Name: ""}, {Name: "!"}, {Name: strings.Repeat("x", 500)}})
	if err != nil {
		t.Fatal(err)
	}
	if found := f.Find("#desaster", 0); len(found) > 0 {
		t.Error(found)
	}
}

func FuzzFind(f *testing.F) {
	find := finder(f)
	for _, s := range []string{"#DeSaster", "디재스터", "#qatarstrophe", "jiocinemaisacrap", "\xff", "ȺȺȺdown", strings.Repeat("e\u0301", 40), "#카카오먹통", "ﬁasco", "va\u0000rce"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		found := find.Find(tag, 0)
		if len(found) > MaxBlends {
			t.Fatalf("%d readings of %q", len(found), tag)
		}
		for _, b := range found {
			if b.Confidence < 0 || b.Confidence > 1 || b.Confidence != b.Confidence || len(b.Reasons) == 0 {
				t.Fatalf("%q: %+v", tag, b)
			}
			for _, p := range b.Parts {
				if p.Start < 0 || p.Start > p.End || p.End > len(tag) || tag[p.Start:p.End] != p.Text {
					t.Fatalf("%q: part %+v", tag, p)
				}
			}
		}
	})
}

// A tag takes a bounded time, whatever the watch-list: the most names, and a tag that begins as all of them do.
func BenchmarkFindAtWorst(b *testing.B) {
	var many []Entity
	for i := range MaxEntities {
		many = append(many, Entity{Name: "desa" + strings.Repeat(string(rune('a'+i%26)), i/26%20+1)})
	}
	f, err := New(lexicon(b), many)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f.Find("#desating", 0)
	}
}

func BenchmarkFind(b *testing.B) {
	f := finder(b)
	tags := strings.Fields("#QatarWorldCup2022 #jiocinemaisacrap #tryingtosleep #TheFreshPrinceOfBelAir #디샌티스 #football #season1episode2 #WorldCup #DeSaster")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.Find(tags[i%len(tags)], Fires)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tags/s")
}
