package blend

// sound is what letters sound like, roughly, in English: q, ck and hard c are k, ph is f, z is s, y is i, a double
// letter is one. at[i] is where the i-th sound begins among the letters, and at the end their number.
// It serves to see that "qatarstrophe" begins as "catastrophe" does, not to pronounce anything.
type sound struct {
	n      int
	letter [3 * MaxTag]rune
	at     [3*MaxTag + 1]int16
}

func (s *sound) read(l []rune) {
	s.n = 0
	for i := 0; i < len(l); {
		c, size := voiced(l, i)
		if s.n == 0 || s.letter[s.n-1] != c {
			s.letter[s.n], s.at[s.n] = c, int16(i)
			s.n++
		}
		i += size
	}
	s.at[s.n] = int16(len(l))
}

func (s *sound) letters() []rune { return s.letter[:s.n] }

// voiced is the sound at l[i] and how many letters make it.
func voiced(l []rune, i int) (rune, int) {
	next := rune(0)
	if i+1 < len(l) {
		next = l[i+1]
	}
	switch c := l[i]; {
	case c == 'p' && next == 'h':
		return 'f', 2
	case c == 'c' && next == 'k', c == 'q' && next == 'u', c == 'c' && next == 'h' && i+2 < len(l) && l[i+2] == 'r':
		return 'k', 2
	case c == 's' && next == 'c' && i+2 < len(l) && soft(l[i+2]):
		return 's', 2
	case c == 'c' && soft(next):
		return 's', 1
	case c == 'c' && next == 'h':
		return 'c', 2 // "ch" is a sound of its own
	case c == 'c', c == 'q':
		return 'k', 1
	case c == 'z':
		return 's', 1
	case c == 'y':
		return 'i', 1
	case c == 'w' && next == 'h', c == 'k' && next == 'n', c == 'w' && next == 'r':
		if c == 'k' {
			return 'n', 2
		}
		return l[i], 2
	}
	return l[i], 1
}

func soft(r rune) bool { return r == 'e' || r == 'i' || r == 'y' }

func vowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// sameSound says how alike two short stretches of letters sound: 2 the same, 1 but for the vowels, 0 no more than that.
func sameSound(a, b []rune) int {
	var x, y sound
	if len(a) > MaxTag || len(b) > MaxTag {
		return 0
	}
	x.read(a)
	y.read(b)
	if string(x.letters()) == string(y.letters()) {
		return 2
	}
	i, j := 0, 0
	for {
		for i < x.n && vowel(x.letter[i]) {
			i++
		}
		for j < y.n && vowel(y.letter[j]) {
			j++
		}
		if i == x.n || j == y.n {
			break
		}
		if x.letter[i] != y.letter[j] {
			return 0
		}
		i, j = i+1, j+1
	}
	if i == x.n && j == y.n {
		return 1
	}
	return 0
}
