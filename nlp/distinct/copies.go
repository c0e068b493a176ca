package distinct

import "math/bits"

// Apart is in how many bits the fingerprints of near-copies differ at most.
const Apart = 3

// maxSame bounds how many posts that share sixteen bits a post is compared with.
const maxSame = 64

// Copies finds near-copies by their fingerprints: a simhash each, of which near-copies differ in few
// bits (Charikar, 2002). Of four parts of sixteen bits two that differ in three bits share one at least,
// so that a post is only compared with those that share one (Manku, Jain and Das Sarma, 2007).
type Copies struct {
	prints []uint64
	parts  [4]map[uint16][]int32
}

// NewCopies makes an empty Copies.
func NewCopies() *Copies {
	c := &Copies{}
	for i := range c.parts {
		c.parts[i] = map[uint16][]int32{}
	}
	return c
}

// Near finds the post that one is a near-copy of: of is its place among those that stand for themselves.
func (c *Copies) Near(print uint64) (of int, again bool) {
	if print == 0 {
		return 0, false
	}
	for i := range c.parts {
		for _, j := range c.parts[i][part(print, i)] {
			if bits.OnesCount64(print^c.prints[j]) <= Apart {
				return int(j), true
			}
		}
	}
	return 0, false
}

// Add takes a post in. Where it is a near-copy of one that stands for itself, again is true and of is
// the place of that one, counted by those that stand for themselves; else of is its own. A post
// without a fingerprint stands for itself.
func (c *Copies) Add(print uint64) (of int, again bool) {
	if of, again = c.Near(print); again {
		return of, again
	}
	of = len(c.prints)
	c.prints = append(c.prints, print)
	if print == 0 {
		return of, false
	}
	for i := range c.parts {
		if k := part(print, i); len(c.parts[i][k]) < maxSame {
			c.parts[i][k] = append(c.parts[i][k], int32(of))
		}
	}
	return of, false
}

func part(print uint64, i int) uint16 { return uint16(print >> (16 * i)) }

// CopyShare is the share of posts, 0 to 1, that are near-copies of one before them.
func CopyShare(posts []Post) float64 {
	c, again := NewCopies(), 0
	for i := range posts {
		if _, is := c.Add(posts[i].Fingerprint); is {
			again++
		}
	}
	return float64(again) / float64(max(len(posts), 1))
}
