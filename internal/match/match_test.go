package match

import (
	"slices"
	"strings"
	"testing"

	"outcry/internal/reaction"
)

func compile(t testing.TB, terms ...string) *Set {
	t.Helper()
	s, err := Compile([]reaction.Event{{ID: 1, Slug: "one", Match: reaction.Match{Any: terms}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTerm holds what one term finds and does not find in one text.
func TestTerm(t *testing.T) {
	for _, c := range []struct {
		term, text string
		want       bool
	}{
		// words with edges
		{"spaces", "Twitter Spaces is silent", true},
		{"spaces", "our workspaces", false},
		{"spaces", "spaces_live", false},
		{"spaces", "Spaces에서 아무 소리도 없음", true},
		{"spaces", "Spaces-wide", true},
		{"spaces", "(spaces)", true},
		{"spaces", "the Spaces's host", true},
		{"spaces", "the Spaces’s host", true},
		{"spaces", "SPACES", true},
		{"spaces", "spaces2", false},
		{"24", "2024", false},
		{"24", "24/7", true},
		{"24", "24시간", true},
		{"24", "on the ２４th?", false},
		{"24", "(２４)", true},
		{"cafe", "café", false},
		{"cafe", "cafe\u0301", false},
		{"café", "CAFE\u0301 bar", true},
		{"c++", "I write c++ code", true},
		{"c++", "ac++", false},
		{"$twtr", "sell $TWTR now", true},
		{"💀", "dead💀💀", true},
		{"👨‍👩‍👧", "us 👨‍👩‍👧!", true},
		// scripts without edges
		{"디샌티스", "디샌티스가 발표", true},
		{"디샌티스", "론디샌티스", true},
		{"디샌티스", "디샌티", false},
		{"디샌티스", "\u1103\u1175\u1109\u1162\u11ab\u1110\u1175\u1109\u1173", true}, // conjoining jamo
		{"먹통", "트위터먹통ㅠㅠ", true},
		{"サーバー", "またサーバーが落ちた", true},
		{"サーバー", "ｻｰﾊﾞｰ落ち", true},
		{"宕机", "服务器宕机了", true},
		{"ล่ม", "เว็บล่มแล้ว", true},
		{"x가", "x가 또", true},
		{"x가", "fx가 또", false},
		// phrases
		{"twitter spaces", "Twitter   Spaces", true},
		{"twitter spaces", "twitter\nspaces", true},
		{"twitter spaces", "twitter\u00a0\u3000 spaces", true},
		{"twitter spaces", "twitterspaces", false},
		{"twitter  spaces", "twitter spaces", true},
		{"twitter spaces", "mytwitter spaces", false},
		{"트위터 스페이스", "트위터 스페이스에서", true},
		// hashtags
		{"#desaster", "what a #DeSaster", true},
		{"#desaster", "＃ＤｅＳａｓｔｅｒ!", true},
		{"#desaster", "#desasterarea", false},
		{"#desaster", "#desaster2023", false},
		{"#desaster", "#desaster_now", false},
		{"#desaster", "#desaster에서", false},
		{"#desaster", "#desaster.", true},
		{"#desaster", "a desaster", false},
		{"#desaster", "x#desaster", false},
		{"#desaster", "가#desaster", false},
		{"#desaster", "&#desaster;", false},
		{"#desaster", "(#desaster)", true},
		{"#desaster", "!#desaster", true},
		{"#désaster", "#De\u0301saster", true},
		{"#디재스터", "하하 #디재스터 ㅋㅋ", true},
		{"#디재스터", "#디재스터네", false},
		{"#メ～テレ", "#メ〜テレ", true},
		{"desantis", "#DeSantis", true},
		{"desantis", "#DeSantis2024", false},
		{"desantis", "ＤｅＳａｎｔｉｓ", true},
		{"desantis", "𝐃𝐞𝐒𝐚𝐧𝐭𝐢𝐬", true},
		{"desantis", "DeSantis™", true},
		// accounts
		{"@rondesantis", "hey @RonDeSantis!", true},
		{"@rondesantis", "hey @RonDeSantis.", true},
		{"@rondesantis", ".@RonDeSantis", true},
		{"@rondesantis", "＠RonDeSantis", true},
		{"@rondesantis", "@RonDeSantis가", true},
		{"@rondesantis", "안녕@RonDeSantis", true},
		{"@rondesantis", "@RonDeSantis_", false},
		{"@rondesantis", "@RonDeSantis2", false},
		{"@rondesantis", "mail me@rondesantis", false},
		{"@rondesantis", "@RonDeSantis@mastodon.example", false},
		{"@rondesantis", "@rondesantis.example.org", false},
		{"@rondesantis", "example.org/@rondesantis", false},
		{"@rondesantis", "RonDeSantis", false},
		{"@ron@mastodon.example", "cc @Ron@Mastodon.example,", true},
		{"@ron@mastodon.example", "cc @ron@mastodon.example.org", false},
		{"@ron@mastodon.example", "cc @aron@mastodon.example", false},
		// folding
		{"istanbul", "İSTANBUL", true},
		{"istanbul", "ISTANBUL ıstanbul", true},
		{"straße", "STRASSE", true},
		{"strasse", "straße", true},
		{"σοφος", "ΣΟΦΟΣ", true},
		{"desantis", "De\u200bSan\u00adtis", true},
		{"desantis", "De\u200dSan\u200ctis\ufe0f", true},
		{"desantis", "\ufeffDeSantis", true},
		{"don't load", "it don’t load", true},
		{"don't load", "it don´t load", true},
		{"wi-fi", "Wi‑Fi", true},
		{"ﬁne", "fine", true},
		// addresses
		{"desantis", "https://example.com/desantis", false},
		{"desantis", "https://example.com/desantis DeSantis", true},
		{"desantis", "see www.example.com/desantis", false},
		{"cute", "awww.cute", true},
		{"desantis", "desantis://x", true},
		{"먹통", "https://t.co/AbC123먹통", true},
		{"#desaster", "https://example.com/#desaster", false},
		{"@ron", "https://example.com/@ron", false},
		{"https://example.com/live", "at https://Example.com/live?x=1", true},
		{"https://example.com/live", "at https://example.com/lively", false},
		{"desantis", "\"https://example.com\"desantis", true},
		// broken bytes
		{"spaces", "\xff\xfespaces\xc0", true},
		{"spaces", "", false},
	} {
		got := len(compile(t, c.term).Match(&reaction.Post{Text: c.text}, nil)) == 1
		if got != c.want {
			t.Errorf("term %q in %q: found is %v", c.term, c.text, got)
		}
	}
}

func TestMatchEvents(t *testing.T) {
	s, err := Compile([]reaction.Event{
		{ID: 30, Slug: "c", Match: reaction.Match{Any: []string{"stream"}, None: []string{"upstream news", "@bot"}}},
		{ID: 10, Slug: "a", Match: reaction.Match{Any: []string{"stream", "#live"}}},
		{ID: 20, Slug: "b", Match: reaction.Match{Accounts: []string{"@RonDeSantis", "@ron@mastodon.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		post reaction.Post
		want []int64
	}{
		{reaction.Post{Text: "the stream, the #live stream"}, []int64{10, 30}},
		{reaction.Post{Text: "stream: Upstream News"}, []int64{10}},
		{reaction.Post{Text: "stream", Author: reaction.Author{Handle: "Bot"}}, []int64{10}},
		{reaction.Post{Text: "hello", Author: reaction.Author{Handle: "rondesantis"}}, []int64{20}},
		{reaction.Post{Text: "hello", Author: reaction.Author{Handle: "ron@mastodon.example"}}, []int64{20}},
		{reaction.Post{Text: "hello", Author: reaction.Author{Handle: "ron"}}, nil},
		{reaction.Post{Text: "hello @ron", Facets: []reaction.Facet{
			{Kind: reaction.FacetMention, Start: 6, End: 10, Value: "ron@mastodon.example"}}}, []int64{20}},
		{reaction.Post{Text: "hello", Facets: []reaction.Facet{{Kind: reaction.FacetHashtag, Value: "Live"}}}, []int64{10}},
		{reaction.Post{Text: "hello", Facets: []reaction.Facet{{Kind: reaction.FacetHashtag, Value: "#Stream"}}}, []int64{10, 30}},
		{reaction.Post{Text: "hello", Facets: []reaction.Facet{{Kind: reaction.FacetHashtag, Start: -4, End: 99, Value: "livestream"}}}, nil},
		{reaction.Post{Text: "see example.com/stream now", Facets: []reaction.Facet{
			{Kind: reaction.FacetURL, Start: 4, End: 22, Value: "https://example.com/stream"}}}, nil},
		{reaction.Post{Text: "see the stream now", Facets: []reaction.Facet{
			{Kind: reaction.FacetURL, Start: 4, End: 14, Value: "https://example.com"}}}, []int64{10, 30}},
		{reaction.Post{Text: "먹통 see example.com/stream stream", Facets: []reaction.Facet{
			{Kind: reaction.FacetURL, Start: 11, End: 29, Value: "https://example.com/stream"}}}, []int64{10, 30}},
		{reaction.Post{Text: "thanks @RonDeSantis.what", Source: reaction.X}, []int64{20}},
		{reaction.Post{Text: "thanks @RonDeSantis.what", Source: reaction.Bluesky}, nil},
		{reaction.Post{}, nil},
	} {
		if got := s.Match(&c.post, nil); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.post, got, c.want)
		}
	}
	if got := s.Match(&reaction.Post{Text: "stream"}, []int64{7}); !slices.Equal(got, []int64{7, 10, 30}) {
		t.Errorf("appending: %v", got)
	}
}

func TestCompileRefuses(t *testing.T) {
	_, err := Compile([]reaction.Event{
		{ID: 1, Slug: "launch", Match: reaction.Match{
			Any:      []string{"ok", " ", "#", "#12", "#a b", "@a b", "!!!", "\u200b\u00ad", "\u0301", "https://"},
			None:     []string{""},
			Accounts: []string{"ron", "@", "@a@", "@ñ"},
		}},
		{ID: 2, Slug: "other"}, {ID: 2, Slug: "twin"},
	})
	if err == nil {
		t.Fatal("everything was accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		"match.any[1]", "match.any[2]", "match.any[3]", "match.any[4]", "match.any[5]", "match.any[6]", "match.any[7]", "match.any[8]", "match.any[9]",
		"match.none[0]", "match.accounts[0]", "match.accounts[1]", "match.accounts[2]", "match.accounts[3]", "the id 2",
	} {
		if i >= len(lines) || !strings.Contains(lines[i], want) || !strings.Contains(lines[i], "event ") {
			t.Fatalf("mistake %d should speak of %s:\n%v", i, want, err)
		}
	}
	if none, err := Compile(nil); err != nil || len(none.Match(&reaction.Post{Text: "x"}, nil)) > 0 {
		t.Errorf("no events: %v", err)
	}
}

func TestExplain(t *testing.T) {
	s, err := Compile([]reaction.Event{{ID: 5, Slug: "e", Match: reaction.Match{
		Any: []string{"DeSantis", "#desaster", "twitter spaces"}, None: []string{"disney tickets"}, Accounts: []string{"@Ron"}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &reaction.Post{
		Text: "①\u200b De\u00adSan\u200btis: ＃desaster on Twitter \n\u3000Spaces, Disney tickets", Author: reaction.Author{Handle: "ron"},
		Facets: []reaction.Facet{{Kind: reaction.FacetHashtag, Value: "DeSantis"}},
	}
	got := s.Explain(p)
	var words []string
	for _, h := range got {
		if h.Event != 5 || h.Excludes != (h.Term == "disney tickets") {
			t.Errorf("%+v", h)
		}
		words = append(words, h.Term+"="+p.Text[h.Start:h.End])
	}
	want := []string{"@Ron=", "DeSantis=", "DeSantis=De\u00adSan\u200btis", "#desaster=＃desaster",
		"twitter spaces=Twitter \n\u3000Spaces", "disney tickets=Disney tickets"}
	if !slices.Equal(words, want) {
		t.Errorf("got  %q\nwant %q", words, want)
	}
	if len(s.Match(p, nil)) != 0 {
		t.Error("the exclusion was not heeded")
	}
}
