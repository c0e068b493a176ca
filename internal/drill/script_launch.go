package drill

import (
	"math/rand/v2"
	"time"

	"outcry/internal/reaction"
)

// launchScript follows press reports of 24 May 2023: a campaign opened in an audio room at 18:00
// Eastern, over 600,000 listeners came, the room was silent, cut out and crashed for 25 minutes,
// was closed and opened again from another account, had about 100,000 soon after that and about
// 275,000 when it worked.
func launchScript() *script {
	return &script{
		name: Launch,
		about: "A campaign launch in an audio room with over 600,000 listeners falls silent and cuts out for 25 minutes. " +
			"Modelled on the launch of Ron DeSantis on Twitter Spaces on 24 May 2023.",
		start:  time.Date(2023, 5, 24, 22, 0, 0, 0, time.UTC),
		before: time.Hour, after: 105 * time.Minute, ends: 2 * time.Hour,
		posts:    20_000,
		title:    "a campaign launch on Twitter Spaces (24 May 2023)",
		platform: reaction.X,
		account:  "spaces_host_sim",
		terms: []string{"desantis", "#desantis", "twitter space", "twitter spaces", "#twitterspaces",
			"디샌티스", "스페이스", "デサンティス"},
		entities: []reaction.Entity{
			{Name: "DeSantis", Kind: "person", Aliases: []string{"Ron DeSantis", "디샌티스", "デサンティス"}},
			{Name: "Twitter Spaces", Kind: "service", Aliases: []string{"Twitter Space", "Spaces", "Twitter", "스페이스", "트위터 스페이스"}},
		},
		services: []string{"Twitter Spaces", "Twitter web"},
		sources:  []sourceShare{{reaction.X, 0.86}, {reaction.Bluesky, 0.04}, {reaction.Mastodon, 0.10}},
		words: map[string]voice{
			english: {who: []string{"DeSantis", "Ron DeSantis"},
				service: []string{"Twitter Spaces", "the Twitter Space", "that Twitter Space", "this Twitter Space"},
				tag:     []string{"#DeSantis", "#TwitterSpaces"},
				event:   []string{"the launch", "the announcement", "this launch", "the DeSantis announcement"},
				coin:    []string{"#DeSaster"}},
			korean: {who: []string{"디샌티스", "론 디샌티스"}, service: []string{"트위터 스페이스", "스페이스"},
				tag: []string{"#디샌티스", "#DeSantis", "#TwitterSpaces"}, event: []string{"출마 선언", "출마 발표", "이번 방송"},
				coin: []string{"#DeSaster", "#디재스터"}},
			spanish: {who: []string{"DeSantis"}, service: []string{"Twitter Spaces", "el Twitter Space"},
				tag: []string{"#DeSantis", "#TwitterSpaces"}, event: []string{"el anuncio", "el lanzamiento"}, coin: []string{"#DeSaster"}},
			japanese: {who: []string{"デサンティス"}, service: []string{"Twitter Spaces"},
				tag: []string{"#DeSantis", "#TwitterSpaces"}, event: []string{"出馬表明", "配信"}, coin: []string{"#DeSaster"}},
			portuguese: {who: []string{"DeSantis"}, service: []string{"Twitter Spaces", "Twitter Space"},
				tag: []string{"#DeSantis", "#TwitterSpaces"}, event: []string{"o anúncio", "o lançamento"}, coin: []string{"#DeSaster"}},
		},
		story: launchStory,
	}
}

func launchStory(r *rand.Rand) story {
	s := newStory()
	first := jitter(r, 50*time.Second, 10*time.Second)
	kinds := []faultKind{audioDead, cutting, crashed, audioDead, cutting, closed, cutting}
	ends := []time.Duration{150, 420, 540, 740, 1120, 1290, 1500} // seconds after the first fault
	at := first
	for i, k := range kinds {
		end := first + ends[i]*time.Second
		if i < len(kinds)-1 {
			end = jitter(r, end, 15*time.Second)
		}
		s.faults = append(s.faults, fault{"Twitter Spaces", k, at, end})
		at = end
	}
	s.recovery = at // 25 minutes after the first fault
	s.opens = at + jitter(r, 25*time.Second, 10*time.Second)
	s.over = jitter(r, 85*time.Minute, 3*time.Minute)
	s.coined[0] = jitter(r, 9*time.Minute, 90*time.Second)
	s.coined[1] = s.coined[0] + jitter(r, 6*time.Minute, 90*time.Second)
	s.applause = crowds(r, 3, s.opens+5*time.Minute, s.over)
	s.pauses = []interval{{s.opens + 28*time.Minute, s.opens + 30*time.Minute}}
	crash, shut, reopen := s.faults[2].from, s.faults[5].from, s.faults[5].to
	s.audience = []listeners{
		{-5 * time.Minute, 0}, {-time.Minute, 70_000}, {0, 330_000}, {75 * time.Second, 614_000},
		{4 * time.Minute, 606_000}, {crash, 560_000}, {crash + 90*time.Second, 410_000}, {shut, 230_000},
		{shut + 20*time.Second, 0}, {reopen, 0}, {reopen + time.Minute, 100_000}, {s.recovery, 275_000},
		{s.recovery + 20*time.Minute, 298_000}, {s.over - 2*time.Minute, 262_000}, {s.over + 90*time.Second, 0},
	}
	return s
}
