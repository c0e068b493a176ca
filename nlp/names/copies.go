package names

import (
	"hash/maphash"
	"math/bits"
)

const (
	keptCopies = 2048 // texts that are remembered
	nearCopies = 3    // bits that fingerprints of near-copies differ in at most
)

// copies remembers the last texts that were asked, so that a copied text does not speak twice.
type copies struct {
	kept [keptCopies]copied
	n    int
	seed maphash.Seed
}

type copied struct {
	event       int64
	fingerprint uint64
	exact       bool // of a text too short for a fingerprint: a hash, that must be the same
}

// seen reports whether a text like this one was seen lately in the event, and remembers it.
func (c *copies) seen(event int64, fingerprint uint64, text string) bool {
	if c.seed == (maphash.Seed{}) {
		c.seed = maphash.MakeSeed()
	}
	x := copied{event, fingerprint, false}
	if fingerprint == 0 {
		x.fingerprint, x.exact = maphash.String(c.seed, text), true
	}
	for i := range min(c.n, keptCopies) {
		o := &c.kept[i]
		if o.event == x.event && o.exact == x.exact &&
			(o.fingerprint == x.fingerprint || !x.exact && bits.OnesCount64(o.fingerprint^x.fingerprint) <= nearCopies) {
			return true
		}
	}
	c.kept[c.n%keptCopies] = x
	c.n++
	return false
}
