package nlp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

var launch = []reaction.Event{{
	Services: []health.Service{{Name: "Twitter Spaces"}},
	Entities: []reaction.Entity{
		{Name: "DeSantis", Kind: "person"},
		{Name: "Twitter Spaces", Kind: "service", Aliases: []string{"Spaces", "스페이스", "트위터"}},
	},
}}

// TestComplaints holds what is a complaint, with which symptoms, and what only looks like one.
func TestComplaints(t *testing.T) {
	tagger := New(launch)
	for _, c := range []struct {
		text string
		want string // symptoms, "outage" for none, "" where it is no complaint
	}{
		{"Twitter Spaces is down", "outage"},
		{"is twitter down for anyone else?", "outage"},
		{"is it down for everyone or just me", "outage"},
		{"the servers are down again lol", "outage"},
		{"app isn't working for me", "outage"},
		{"the stream won’t load", "join"},
		{"website crashed", "crash"},
		{"the app keeps crashing on me", "crash"},
		{"it broke the servers", "crash"},
		{"#SpacesDown", "outage"},
		{"I can't hear anything", "audio"},
		{"cant hear a thing, anyone else?", "audio"},
		{"no audio on the stream", "audio"},
		{"no sound here", "audio"},
		{"The audio keeps cutting out", "audio"},
		{"nobody can hear the callers", "audio"},
		{"black screen again", "video"},
		{"stream keeps freezing", "video"},
		{"keeps buffering every two seconds", "buffering"},
		{"Spaces is lagging so much", "buffering"},
		{"cannot join the space", "join"},
		{"unable to connect", "join"},
		{"it kicked me out of the space twice", "join"},
		{"stuck on loading", "join"},
		{"I can't log in", "login"},
		{"login not working", "login"},
		{"payment failed and I still cannot watch the stream", "join payment"},
		{"it hasn't even started", "delay"},
		{"still waiting for it to start", "delay"},
		{"pathetic streaming, shame", "outage"},
		{"the stream quality is terrible", "quality"},
		{"503 service unavailable", "join"},
		{"CAN'T HEAR ANYTHING!!!", "audio"},

		{"트위터 먹통이네", "outage"},
		{"지금 소리가 안 들려요", "audio"},
		{"나만 소리 안나?", "audio"},
		{"소리 안나와요", "audio"},
		{"아무 소리도 안 들려", "audio"},
		{"스페이스 접속이 안돼요", "join"},
		{"접속 안됨", "join"},
		{"접속이안되네", "join"},
		{"계속 튕김", "crash"},
		{"자꾸 끊겨요", "buffering"},
		{"버퍼링 너무 심하다", "buffering"},
		{"렉 걸려서 못 보겠다", "buffering"},
		{"로그인이 안 돼", "login"},
		{"서버 터졌다", "outage"},
		{"서버 다운됨", "outage"},
		{"화면이 안 나와요", "video"},
		{"결제가 안 됨", "payment"},
		{"오류 떠요", "payment"},
		{"방송 시작이 왜 이렇게 지연되나요 방송 지연 실화냐", "delay"},

		{"he is so down to earth", ""},
		{"breaking down the play on the left wing", ""},
		{"I'm down for this", ""},
		{"everybody calm down please", ""},
		{"sit down and enjoy", ""},
		{"we are down 2-0 at half time", ""},
		{"an error by the keeper", ""},
		{"take a crash course in history", ""},
		{"the stream is not down", ""},
		{"no buffering at all, works great", ""},
		{"can't wait to hear the speech", ""},
		{"he went down in the box", ""},
		{"striker goes down injured", ""},
		{"stock market crash incoming", ""},
		{"the player is down, medics on the pitch", ""},
		{"what a launch, loved every minute", ""},
		{"jet lag is killing me", ""},
		{"good defensive error there", ""},
		{"touchdown! what a countdown", ""},
		{"https://example.com/is-twitter-down", ""},
		{"@server_down hello there", ""},
		{"money can't buy class", ""},

		{"렉서스 새로 샀다", ""},
		{"인연 끊김", ""},
		{"담배 끊기 힘들다", ""},
		{"말귀를 못 알아들어 말을 안 들어", ""},
		{"영화 다운로드 받았어요", ""},
		{"셀렉션 좋다", ""},
		{"오류 없이 잘 됩니다", ""},
		{"지연이 생일 축하해", ""},
	} {
		tags := tagger.Tag(&reaction.Post{Text: c.text})
		got := strings.Join(tags.Symptoms.Names(), " ")
		switch {
		case !tags.IsComplaint:
			got = ""
		case got == "":
			got = "outage"
		}
		if got != c.want {
			t.Errorf("%q: %q at %.2f, want %q; %+v", c.text, got, tags.Complaint, c.want, tags.Reasons)
		}
	}
}

func TestRecovery(t *testing.T) {
	tagger := New(launch)
	for text, want := range map[string]bool{
		"Spaces is back up":                true,
		"and it's working again":           true,
		"the audio is back":                true,
		"finally works":                    true,
		"stream is up and running":         true,
		"the stream is fixed now":          true,
		"복구됐다":                             true,
		"이제 들려요":                           true,
		"다시 접속됩니다":                         true,
		"hope it's fixed soon":             false,
		"still not fixed":                  false,
		"it stopped working again":         false,
		"this match is fixed":              false,
		"비정상 작동":                           false,
		"he is back in the team":           false,
		"a nice evening with good friends": false,
	} {
		if got := tagger.Tag(&reaction.Post{Text: text}); got.Recovery != want {
			t.Errorf("%q: recovery is %v; %+v", text, got.Recovery, got.Reasons)
		}
	}
}

func TestFirstHand(t *testing.T) {
	tagger := New(launch)
	for _, c := range []struct {
		post reaction.Post
		want bool
	}{
		{reaction.Post{Text: "I can't hear anything"}, true},
		{reaction.Post{Text: "Twitter Spaces is down for me, anyone else?"}, true},
		{reaction.Post{Text: "Breaking: Twitter Spaces is down, users report"}, false},
		{reaction.Post{Text: "Twitter Spaces is down https://example.com/news"}, false},
		{reaction.Post{Text: "no audio for me https://example.com/screenshot"}, true},
		{reaction.Post{Text: "속보: 트위터 먹통"}, false},
		{reaction.Post{Text: "I can't hear anything", Kind: reaction.Repost}, false},
	} {
		if got := tagger.Tag(&c.post); !got.IsComplaint || got.FirstHand != c.want {
			t.Errorf("%q: complaint %v, first hand %v", c.post.Text, got.IsComplaint, got.FirstHand)
		}
	}
}

func TestBlamed(t *testing.T) {
	tagger := New([]reaction.Event{{Services: []health.Service{{Name: "JioCinema"}, {Name: "Example TV"}}}, launch[0]})
	for text, want := range map[string]string{
		"Example TV is fine but JioCinema keeps crashing": "JioCinema",
		"@JioCinema no audio on my tv":                    "JioCinema",
		"스페이스 먹통":                                         "Twitter Spaces",
		"JioCinema is great":                              "",
		"no audio on my tv":                               "",
	} {
		if got := tagger.Tag(&reaction.Post{Text: text}); got.Blamed != want {
			t.Errorf("%q: blamed %q, want %q", text, got.Blamed, want)
		}
	}
	if got := New(nil).Tag(&reaction.Post{Text: "twitter is down"}); got.Blamed != "X" || !got.IsComplaint {
		t.Errorf("without events: %+v", got)
	}
}

func TestReasonsPointAtTheText(t *testing.T) {
	p := &reaction.Post{Text: "Ｔｗｉｔｔｅｒ\u200b  IS\ndown… ① CAN’T  hear anything"}
	tags := New(launch).Tag(p)
	var words []string
	for _, r := range tags.Reasons {
		if r.Match != p.Text[r.Start:r.End] || r.Rule == "" || r.Tag == "" {
			t.Errorf("%+v", r)
		}
		words = append(words, r.Tag+"="+r.Match)
	}
	for _, want := range []string{"symptom:audio=CAN’T  hear anything"} {
		if !slices.Contains(words, want) {
			t.Errorf("%q is not among %q", want, words)
		}
	}
}

func TestEntities(t *testing.T) {
	tagger := New(nil)
	got := tagger.Tag(&reaction.Post{Source: reaction.X,
		Text: "#Désaster ＃디재스터 #desaster_2 #DÉSASTER #12 @Someone hi me@example.com see example.com/a?b=c, and https://t.co/AbC먹통"})
	if want := []reaction.Hashtag{{Text: "Désaster", Key: "désaster"}, {Text: "디재스터", Key: "디재스터"}, {Text: "desaster_2", Key: "desaster_2"}}; !slices.Equal(got.Hashtags, want) {
		t.Errorf("hashtags %+v", got.Hashtags)
	}
	if want := []string{"Someone"}; !slices.Equal(got.Mentions, want) {
		t.Errorf("mentions %q", got.Mentions)
	}
	if want := []string{"example.com/a?b=c", "https://t.co/AbC"}; !slices.Equal(got.URLs, want) {
		t.Errorf("addresses %q", got.URLs)
	}
	got = tagger.Tag(&reaction.Post{Source: reaction.Mastodon, Text: "@a@b.example and @c.example.org #scanned #again", Facets: []reaction.Facet{
		{Kind: reaction.FacetHashtag, Start: 32, End: 40, Value: "marked"}, {Kind: reaction.FacetHashtag, Start: -1, End: 999, Value: "#outside"}}})
	if len(got.Hashtags) != 2 || got.Hashtags[0].Text != "outside" || got.Hashtags[1].Text != "marked" {
		t.Errorf("the platform's marks: %+v", got.Hashtags)
	}
	if want := []string{"a@b.example", "c.example.org"}; !slices.Equal(got.Mentions, want) {
		t.Errorf("full handles: %q", got.Mentions)
	}
	// An address that nobody marked takes away nothing that is marked, before or behind it.
	got = tagger.Tag(&reaction.Post{Source: reaction.Bluesky, Text: "see example.com/a #live @a.example", Facets: []reaction.Facet{
		{Kind: reaction.FacetHashtag, Start: 18, End: 23, Value: "live"}, {Kind: reaction.FacetMention, Start: 24, End: 34, Value: "a.example"}}})
	if len(got.Hashtags) != 1 || got.Hashtags[0].Key != "live" || !slices.Equal(got.Mentions, []string{"a.example"}) || !slices.Equal(got.URLs, []string{"example.com/a"}) {
		t.Errorf("beside an address: %+v, %q, %q", got.Hashtags, got.Mentions, got.URLs)
	}
	for in, want := range map[string]string{"DeSaster": "desaster", "#ＤｅＳａｓｔｅｒ": "desaster", "＃디재스터": "디재스터", "": "", "#": ""} {
		if FoldTag(in) != want {
			t.Errorf("FoldTag(%q) = %q", in, FoldTag(in))
		}
	}
}

func TestLanguage(t *testing.T) {
	tagger := New(nil)
	for _, c := range []struct{ tag, text, want string }{
		{"en", "hello there my friend", "en"},
		{"en-US", "hello there my friend", "en"},
		{"pt_BR", "bom dia", "pt"},
		{"in", "selamat pagi semua", "id"},
		{"und", "I think that this is the best of them", "en"},
		{"", "I think that this is the best of them", "en"},
		{"qme", "¿por qué no funciona esto para mí?", "es"},
		{"", "não consigo ouvir nada, você também não?", "pt"},
		{"", "je ne peux pas voir la vidéo et c'est très lent", "fr"},
		{"", "ich kann das nicht sehen und der Ton ist auch weg", "de"},
		{"", "non si sente niente, che cosa è questo", "it"},
		{"", "yeh app kaam nahi kar raha hai bhai", "hi"},
		{"en", "지금 소리가 안 들려요", "ko"},
		{"ko", "지금 소리가 안 들려요", "ko"},
		{"", "サーバーが落ちた。漢字も使う", "ja"},
		{"", "服务器宕机了", "zh"},
		{"", "เว็บล่มแล้ว", "th"},
		{"", "الخادم لا يعمل", "ar"},
		{"fa", "سرور کار نمی\u200cکند", "fa"},
		{"", "सर्वर काम नहीं कर रहा", "hi"},
		{"", "сервер не работает", "und"},
		{"ru", "сервер не работает", "ru"},
		{"ko", "this is certainly not the language that it was tagged with", "en"},
		{"", "no sound on this stream", "en"},
		{"", "Best goal ever #전정국 #방탄소년단 @someone of the year", "en"},
		{"", "💀💀💀", "und"},
		{"ja", "💀💀💀", "ja"},
		{"en", "", "en"},
		{"zz9", "", "und"},
		{"", "", "und"},
	} {
		if got := tagger.Tag(&reaction.Post{Text: c.text, Lang: c.tag}).Lang; got != c.want {
			t.Errorf("%q tagged %q: %q, want %q", c.text, c.tag, got, c.want)
		}
	}
}

// Events may follow hundreds of services by several names each: no pattern of the lexicon may be too
// careless for that, and one word may stand for a service of two events.
func TestManyServices(t *testing.T) {
	var events []reaction.Event
	for i := range 5 {
		e := reaction.Event{Entities: []reaction.Entity{{Name: fmt.Sprint("Everyone's ", i), Kind: "service", Aliases: []string{"everyone's app"}}}}
		for j := range 199 {
			e.Entities = append(e.Entities, reaction.Entity{Name: fmt.Sprintf("service %d of %d", j, i), Kind: "service", Aliases: []string{fmt.Sprintf("alias%d-%d", j, i)}})
		}
		events = append(events, e)
	}
	tags := New(events).Tag(&reaction.Post{Text: "everyone's app is down, unlike alias7-2"})
	if !tags.IsComplaint || len(tags.Services) != 6 || len(tags.Accused) != 5 || tags.Blamed != "Everyone's 0" {
		t.Errorf("complaint %v, services %q, accused %q, blamed %q", tags.IsComplaint, tags.Services, tags.Accused, tags.Blamed)
	}
	var many strings.Builder
	for j := range 50 {
		fmt.Fprintf(&many, "alias%d-1 ", j)
	}
	if tags := New(events).Tag(&reaction.Post{Text: many.String()}); len(tags.Services) != reaction.MaxNamed {
		t.Errorf("a list of 50 names counts for %d services", len(tags.Services))
	}
	if tags := New(events).Tag(&reaction.Post{Text: "listen https://alias3-1.com/alias4-1"}); len(tags.Services) != 0 {
		t.Errorf("an address names %q", tags.Services)
	}
}
