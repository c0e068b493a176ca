package blend

import "strings"

// particles are what Korean puts behind a noun, the longer before the shorter: "디재스터네", "먹통임".
var particles = []string{"입니다", "이네요", "이네", "이다", "이냐", "인듯", "네요", "에서", "네", "임", "다", "야", "요", "냐", "가", "이", "은", "는", "을", "를", "의", "에", "도"}

// particle is how many bytes of a particle text ends in.
func particle(text string) int {
	for _, p := range particles {
		if strings.HasSuffix(text, p) && len(text) > len(p) {
			return len(p)
		}
	}
	return 0
}
