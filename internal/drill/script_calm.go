package drill

import (
	"math/rand/v2"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// calmScript follows no single evening, but what is known of every planned start: a crowd comes
// at once, whether or not anything is wrong. All names are invented.
func calmScript() *script {
	return &script{
		name: Calm,
		about: "A song contest final brings its crowd at the planned start, applause and breaks, and nothing fails, " +
			"as on most evenings. Modelled on no single evening.",
		start:  time.Date(2024, 6, 15, 19, 0, 0, 0, time.UTC),
		before: time.Hour, after: 2 * time.Hour, ends: 2*time.Hour + 15*time.Minute,
		posts:    20_000,
		title:    "a song contest final with nothing wrong",
		account:  "northernfinal_sim",
		terms:    finalTerms(),
		entities: finalEntities(),
		services: []string{"Harbour Live"},
		sources:  []sourceShare{{reaction.X, 0.6}, {reaction.Bluesky, 0.28}, {reaction.Mastodon, 0.12}},
		words:    finalWords(),
		story:    finalStory,
	}
}

// neighbourScript puts a fault beside the event: a video site goes dark while the service that
// carries the event is well. It has the shape of many public outages and follows no single one;
// all names are invented.
func neighbourScript() *script {
	s := calmScript()
	s.name = Neighbour
	s.about = "The same final while another service, a video site, fails for half an hour: complaints name the other one, " +
		"as in public outages of large video sites. Modelled on no single evening."
	s.start = time.Date(2024, 9, 21, 19, 0, 0, 0, time.UTC)
	s.posts = 18_000
	s.title = "a song contest final while another service fails"
	s.other = "Vidbarn"
	s.entities = append(s.entities, reaction.Entity{Name: s.other, Kind: "service", Aliases: []string{"비드반", "#vidbarn"}})
	for lang, v := range s.words {
		v.other = []string{"Vidbarn", "vidbarn"}
		if lang == korean {
			v.other = []string{"비드반", "비드반", "Vidbarn"}
		}
		s.words[lang] = v
	}
	s.story = func(r *rand.Rand) story {
		st := finalStory(r)
		from := jitter(r, 35*time.Minute, 3*time.Minute)
		st.faults = []fault{{s.other, siteDown, from, from + jitter(r, 30*time.Minute, 4*time.Minute)}}
		return st
	}
	return s
}

func finalStory(r *rand.Rand) story {
	s := newStory()
	s.opens = 0
	s.over = jitter(r, 112*time.Minute, 3*time.Minute)
	s.applause = crowds(r, 6, 8*time.Minute, s.over)
	for _, at := range crowds(r, 3, 20*time.Minute, s.over) {
		s.pauses = append(s.pauses, interval{at, at + 3*time.Minute})
	}
	slices.SortFunc(s.pauses, func(a, b interval) int { return int(a.from - b.from) })
	s.audience = []listeners{
		{-10 * time.Minute, 4_000}, {-time.Minute, 210_000}, {time.Minute, 690_000}, {5 * time.Minute, 840_000},
		{40 * time.Minute, 910_000}, {s.over - 5*time.Minute, 980_000}, {s.over + 6*time.Minute, 30_000}, {2 * time.Hour, 9_000},
	}
	return s
}

func finalTerms() []string {
	return []string{"northern lights final", "#northernfinal", "harbour live", "#harbourlive", "노던라이츠", "하버라이브", "#노던파이널",
		"ノーザンライツ"}
}

func finalEntities() []reaction.Entity {
	return []reaction.Entity{
		{Name: "Northern Lights Final", Kind: "show", Aliases: []string{"#NorthernFinal", "노던라이츠", "ノーザンライツ"}},
		{Name: "Harbour Live", Kind: "service", Aliases: []string{"하버라이브", "#HarbourLive"}},
	}
}

func finalWords() map[string]voice {
	service, tag := []string{"Harbour Live"}, []string{"#NorthernFinal", "#HarbourLive"}
	who := []string{"the Northern Lights Final"}
	return map[string]voice{
		english:    {who: who, service: service, tag: tag, event: []string{"the final", "the show", "tonight's final"}},
		korean:     {who: []string{"노던라이츠 결승", "노던라이츠"}, service: []string{"하버라이브"}, tag: []string{"#노던파이널", "#NorthernFinal"}, event: []string{"결승", "생방송", "방송"}},
		spanish:    {who: []string{"la Northern Lights Final"}, service: service, tag: tag, event: []string{"la final", "la gala"}},
		japanese:   {who: []string{"ノーザンライツ"}, service: service, tag: tag, event: []string{"決勝", "生放送"}},
		portuguese: {who: []string{"a Northern Lights Final"}, service: service, tag: tag, event: []string{"a final", "o programa"}},
	}
}
