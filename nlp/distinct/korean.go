package distinct

import "slices"

// particles of Korean nouns and the copula's common endings, the longest first. What is left after
// peeling has two syllables at least, so that words which end like one are mostly spared.
var particles = func() (out [][]rune) {
	for _, p := range []string{
		"에서는", "에서도", "으로는", "으로도", "이라고", "이라는", "입니다", "이에요", "이네요", "한테서", "에게서", "까지도", "까지만",
		"에서", "에게", "한테", "께서", "으로", "까지", "부터", "처럼", "보다", "마다", "조차", "마저", "밖에", "이랑", "하고", "이나", "라도", "이며", "라고", "라는", "에는", "에도", "이고", "예요", "네요", "이다",
		"은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만", "랑", "나", "야", "아",
	} {
		out = append(out, []rune(p))
	}
	slices.SortStableFunc(out, func(a, b []rune) int { return len(b) - len(a) })
	return out
}()

// peel takes one particle off a run of Hangul.
func peel(run []rune) []rune {
	for _, p := range particles {
		if n := len(run) - len(p); n >= 2 && slices.Equal(run[n:], p) {
			return run[:n]
		}
	}
	return run
}
