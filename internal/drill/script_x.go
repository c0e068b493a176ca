package drill

import (
	"math/rand/v2"
	"time"

	"outcry/internal/reaction"
)

// interviewScript follows press reports of 12 August 2024: due at 20:00 Eastern with about 100,000
// in the room, most could not get in, the host wrote of an attack at 20:18 (never confirmed) and
// at 20:27 of a start at 20:30; it began at 20:42 and had about 1.3 million listeners by 21:40.
func interviewScript() *script {
	return &script{
		name: Interview,
		about: "A live interview begins 42 minutes late; listeners cannot get in, and the host claims an attack. " +
			"Modelled on an interview on X Spaces on 12 August 2024.",
		start:  time.Date(2024, 8, 13, 0, 0, 0, 0, time.UTC),
		before: time.Hour, after: 150 * time.Minute, ends: 150 * time.Minute,
		posts:    24_000,
		title:    "a live interview on X Spaces that starts late (12 August 2024)",
		platform: reaction.X,
		account:  "xspaces_host_sim",
		terms:    xTerms("#xinterview", "spaces interview"),
		entities: xEntities(),
		services: []string{"X Spaces", "X web"},
		sources:  []sourceShare{{reaction.X, 0.74}, {reaction.Bluesky, 0.15}, {reaction.Mastodon, 0.11}},
		words: xWords("#XInterview", "spaces interview", map[string][]string{
			english: {"the interview", "the conversation", "the talk"}, korean: {"인터뷰", "대담"}, spanish: {"la entrevista"},
			japanese: {"インタビュー", "対談"}, portuguese: {"a entrevista"}}),
		story: func(r *rand.Rand) story {
			s := newStory()
			s.opens = 42 * time.Minute
			s.over = 170 * time.Minute // after the drill ends
			s.recovery = s.opens
			s.faults = []fault{{"X Spaces", noEntry, jitter(r, 15*time.Second, 10*time.Second), s.recovery}}
			s.claimed = 18 * time.Minute
			s.postponed, s.until = 27*time.Minute, 30*time.Minute
			s.applause = crowds(r, 4, 50*time.Minute, 145*time.Minute)
			s.audience = []listeners{
				{-4 * time.Minute, 0}, {0, 100_000}, {10 * time.Minute, 118_000}, {41 * time.Minute, 131_000}, {44 * time.Minute, 260_000},
				{60 * time.Minute, 1_050_000}, {100 * time.Minute, 1_310_000}, {150 * time.Minute, 1_180_000}, {s.over, 0},
			}
			return s
		},
	}
}

// townhallScript follows press reports of 4 November 2024: due at 20:00 Eastern, it began some 20
// minutes late, the callers put through were not heard, and it was called off within minutes; a
// second room had no sound and lasted a minute. The number of listeners is invented.
func townhallScript() *script {
	return &script{
		name: TownHall,
		about: "A town hall begins late, its callers are not heard and it is cancelled after minutes. " +
			"Modelled on a virtual town hall on X on 4 November 2024.",
		start:  time.Date(2024, 11, 5, 1, 0, 0, 0, time.UTC),
		before: 45 * time.Minute, after: 75 * time.Minute, ends: 90 * time.Minute,
		posts:    12_000,
		title:    "a town hall on X that is called off (4 November 2024)",
		platform: reaction.X,
		account:  "xspaces_host_sim",
		terms:    xTerms("#xtownhall", "town hall", "townhall", "#townhall", "타운홀"),
		entities: xEntities(),
		services: []string{"X Spaces", "X web"},
		sources:  []sourceShare{{reaction.X, 0.7}, {reaction.Bluesky, 0.19}, {reaction.Mastodon, 0.11}},
		words: xWords("#XTownHall", "town hall", map[string][]string{
			english: {"the town hall", "tonight's town hall", "the Q&A"}, korean: {"타운홀", "타운홀 미팅"}, spanish: {"el town hall"},
			japanese: {"タウンホール"}, portuguese: {"o town hall"}}),
		story: func(r *rand.Rand) story {
			s := newStory()
			s.opens = jitter(r, 21*time.Minute, time.Minute)
			silent := s.opens + jitter(r, 4*time.Minute, 30*time.Second)
			s.cancelled = silent + jitter(r, 5*time.Minute, 30*time.Second)
			s.over = s.cancelled
			second := s.cancelled + jitter(r, 4*time.Minute, 30*time.Second)
			s.faults = []fault{
				{"X Spaces", lateStart, 0, s.opens},
				{"X Spaces", unheard, silent, s.cancelled},
				{"X Spaces", audioDead, second, second + time.Minute},
			}
			s.audience = []listeners{
				{-5 * time.Minute, 0}, {0, 46_000}, {10 * time.Minute, 61_000}, {s.opens, 58_000}, {silent, 74_000}, {s.cancelled, 66_000},
				{s.cancelled + time.Minute, 0}, {second, 0}, {second + 40*time.Second, 21_000}, {second + time.Minute, 0},
			}
			return s
		},
	}
}

func xTerms(more ...string) []string {
	return append([]string{"x spaces", "x space", "#xspaces", "엑스 스페이스", "스페이스"}, more...)
}

func xEntities() []reaction.Entity {
	return []reaction.Entity{{Name: "X Spaces", Kind: "service", Aliases: []string{"X Space", "Spaces", "X", "스페이스", "엑스 스페이스"}}}
}

// xWords are the voices of an event on X Spaces, where no person needs a name.
func xWords(tag, who string, event map[string][]string) map[string]voice {
	m := map[string]voice{}
	for lang, ev := range event {
		m[lang] = voice{who: []string{"the " + who}, service: []string{"X Spaces"}, tag: []string{tag, "#XSpaces"}, event: ev}
	}
	set := func(lang string, who, service []string) {
		v := m[lang]
		v.who, v.service = who, service
		m[lang] = v
	}
	set(english, []string{"the " + who, "this " + who}, []string{"X Spaces", "the X Space", "this X Space", "x spaces"})
	set(korean, []string{"스페이스 방송", "엑스 스페이스 방송"}, []string{"엑스 스페이스", "스페이스", "X 스페이스"})
	set(japanese, []string{"X Spaces の配信"}, []string{"X Spaces"})
	set(spanish, []string{"lo de X Spaces", "el X Space"}, []string{"X Spaces", "el X Space"})
	set(portuguese, []string{"o papo no X Spaces"}, []string{"X Spaces"})
	return m
}
