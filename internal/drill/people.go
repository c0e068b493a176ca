package drill

import (
	"fmt"
	"math"
	"math/rand/v2"

	"outcry/internal/reaction"
)

// people are the simulated authors of a drill: a crowd for each source and language, in which a
// few write much and most write once, and a handful of accounts that copy. No list of them is
// kept; an author is a number.
type people struct {
	key   string
	posts float64 // expected number of originals
	share map[reaction.Source]float64
	ko    float64
}

// author draws a member of the crowd. The n-th of N writes in proportion to n^(-1/3), which gives
// the busiest some tens of posts in a drill of the usual size.
func (p *people) author(r *rand.Rand, source reaction.Source, lang string) reaction.Author {
	n := max(25, 0.5*p.posts*p.share[source]*languageShare(lang, p.ko))
	return p.account(source, lang, int(n*math.Pow(r.Float64(), 1.5)))
}

// copier draws one of the accounts that copy.
func (p *people) copier(r *rand.Rand, source reaction.Source) reaction.Author {
	n := max(12, 0.4*math.Sqrt(p.posts))
	return p.account(source, "bot", int(n*r.Float64()))
}

var (
	handleFirst = []string{"otter", "maple", "quiet", "retro", "lemon", "pixel", "late", "north", "cedar", "mellow", "radio", "hana",
		"mina", "luna", "sol", "rio", "kite", "moss", "bora", "tofu", "echo", "dusty", "sunny", "vega"}
	handleSecond = []string{"walker", "cat", "fan", "tea", "bird", "moon", "kid", "poet", "train", "dad", "noodle", "river", "star",
		"byte", "hill", "song", "bean", "fox", "day", "hat"}
)

// account is the i-th account of a group. Ids and handles say that they are simulated, so that
// none can be a real person's.
func (p *people) account(source reaction.Source, group string, i int) reaction.Author {
	h := mix(uint64(i)<<20 ^ uint64(len(source))<<8 ^ uint64(group[0])<<4 ^ uint64(group[1]))
	first, second := handleFirst[h%uint64(len(handleFirst))], handleSecond[h>>8%uint64(len(handleSecond))]
	name := fmt.Sprintf("%s%s%d%s_sim", first, second, i, group)
	switch source {
	case reaction.Bluesky:
		name = fmt.Sprintf("%s%d%s.sim.example.com", first, i, group)
	case reaction.Mastodon:
		name += "@social.example.org"
	}
	return reaction.Author{ID: fmt.Sprintf("drill-%s-%s-%s-%d", p.key, source, group, i), Handle: name}
}

// mix scatters the bits of x (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
