package segment

const inf = float32(1e30)

// What a way costs beside its words, in nats. Set by hand and by looking at one half of BOUN (docs/blends.md).
const (
	wordStart     float32 = 0.4
	unknown0      float32 = 9
	unknown1      float32 = 1.9
	unknown2      float32 = 1.25
	unknownLong           = 6
	wholeTag      float32 = 3
	wholeCapitals float32 = 3
	numberCost    float32 = 6
	ordinalCost   float32 = 1
	acronym0      float32 = 8
	acronym1      float32 = 1.5
	drawnOut      float32 = 1.5
	cutDrawn      float32 = 6
	cutAcronym    float32 = 1

	joinCamel   float32 = 8 // "aB" within a word
	joinAcronym float32 = 4 // "AB" of "ABc"
	joinDigit   float32 = 4
	cutSmall    float32 = 4 // "ab", where capitals show words elsewhere in the tag
	cutCapital  float32 = 3 // "AB" within capitals, where small letters are about
	cutFirst    float32 = 4 // "Ab": behind a capital that begins a word
)

// unknownCost is what n letters cost that are no word. A long one is rather some words.
func unknownCost(n int) float32 {
	return unknown0 + unknown1*float32(n) + unknown2*float32(max(n-unknownLong, 0))
}

// weigh fills cut, join and hard by the capitals, digits and scripts of the piece.
func (w *walk) weigh() {
	w.mixed = false
	for i := 1; i < w.n; i++ {
		if w.upper[i] && (!w.upper[i-1] || i+1 < w.n && isSmall(w, i+1)) {
			w.mixed = true
		}
	}
	for i := 1; i < w.n; i++ {
		w.cut[i], w.join[i], w.hard[i] = wordStart, 0, w.other[i] || w.other[i-1]
		a, b := w.letter[i-1], w.letter[i]
		if a <= '9' || b <= '9' {
			if a > '9' || b > '9' {
				w.join[i] = joinDigit
			}
			continue
		}
		if a == b && (i > 1 && w.letter[i-2] == a || i+1 < w.n && w.letter[i+1] == a) {
			w.cut[i] += cutDrawn
		}
		switch {
		case w.upper[i] && !w.upper[i-1]:
			w.join[i] = joinCamel
		case w.upper[i] && w.upper[i-1]:
			if i+1 < w.n && isSmall(w, i+1) {
				w.join[i] = joinAcronym
			} else if w.mixed {
				w.cut[i] += cutCapital
			}
		case w.upper[i-1]:
			if i > 1 && w.upper[i-2] {
				w.cut[i] += cutAcronym
			} else {
				w.cut[i] += cutFirst
			}
		case w.mixed:
			w.cut[i] += cutSmall
		}
	}
}

func isSmall(w *walk, i int) bool { return !w.upper[i] && w.letter[i] > '9' }
