package names

import (
	"strings"
	"unicode/utf8"
)

// Peel takes the particles off a Korean word: 트위터에서는 is 트위터 and 에서는. particle is "" where
// there is none, and then stem is the word.
//
// It goes by rule and knows few words, so that it is careful: a particle must suit the sound before
// it (은 after a closing consonant, 는 after a vowel), a stem of Hangul alone keeps two syllables or
// more, common words that merely end so (고양이, 제주도) stay whole, and so does what may be a
// person's name of three syllables (김정은). Where the names of an event are known, Known is surer.
func Peel(word string) (stem, particle string) {
	stem = word
	for rank := anyRank; ; {
		next, p, ok := peelOne(stem, rank, true)
		if !ok {
			return stem, word[len(stem):]
		}
		stem, rank = next, p.rank
	}
}

// Known finds a name that is known in a Korean word: the word itself, or what is left of it without
// particles. Names that Peel would not take apart are found as well.
func Known(word string, known func(stem string) bool) (stem, particle string, ok bool) {
	stem = word
	for rank := anyRank; ; {
		if known(stem) {
			return stem, word[len(stem):], true
		}
		next, p, more := peelOne(stem, rank, false)
		if !more {
			return word, "", false
		}
		stem, rank = next, p.rank
	}
}

// sound is what a particle asks of the sound before it.
type sound uint8

const (
	anySound sound = iota
	closed         // a closing consonant
	open           // a vowel
	openOrL        // a vowel, or ㄹ
)

// particle is something that follows a name. Of two that follow each other the rank of the latter
// is higher.
type particle struct {
	text string
	rank int
	asks sound
}

const anyRank = 5

// particles, the longest of those that end alike first.
var particles = []particle{
	{"이라는", 4, closed}, {"이라고", 4, closed}, {"라는", 4, open}, {"라고", 4, open},
	{"으로서", 3, closed}, {"으로써", 3, closed}, {"에게서", 3, anySound}, {"한테서", 3, anySound},
	{"께서", 3, anySound}, {"에서", 3, anySound}, {"에게", 3, anySound}, {"한테", 3, anySound},
	{"으로", 3, closed}, {"로서", 3, openOrL}, {"로써", 3, openOrL}, {"이랑", 3, closed},
	{"까지", 3, anySound}, {"부터", 3, anySound}, {"처럼", 3, anySound}, {"보다", 3, anySound}, {"조차", 4, anySound}, {"마저", 4, anySound},
	{"은", 4, closed}, {"는", 4, open}, {"이", 4, closed}, {"가", 4, open}, {"을", 4, closed}, {"를", 4, open},
	{"도", 4, anySound}, {"만", 4, anySound}, {"의", 4, anySound},
	{"에", 3, anySound}, {"로", 3, openOrL}, {"와", 3, open}, {"과", 3, closed}, {"랑", 3, open},
	{"님", 2, anySound}, {"들", 1, anySound},
}

func peelOne(word string, below int, careful bool) (stem string, p particle, ok bool) {
	if careful && (whole[word] || personal(word)) {
		return word, p, false
	}
	for _, p := range particles {
		stem, cut := strings.CutSuffix(word, p.text)
		if !cut || p.rank >= below || !enough(stem) || !suits(stem, p.asks) {
			continue
		}
		return stem, p, true
	}
	return word, p, false
}

// enough reports whether a stem may be a name: two syllables or more, or something other than
// Hangul at its end, like X or 2NE1.
func enough(stem string) bool {
	last, n := utf8.DecodeLastRuneInString(stem)
	if n == 0 {
		return false
	}
	if !syllable(last) {
		return letter(last)
	}
	before, _ := utf8.DecodeLastRuneInString(stem[:len(stem)-n])
	return syllable(before) || letter(before)
}

func letter(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func syllable(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }

// suits reports whether a stem ends as a particle asks. How letters and digits are read is not
// known: they suit all.
func suits(stem string, asks sound) bool {
	r, _ := utf8.DecodeLastRuneInString(stem)
	if asks == anySound || !syllable(r) {
		return true
	}
	const finals, rieul = 28, 8 // syllables are laid out by their closing consonant last
	final := (r - 0xAC00) % finals
	switch asks {
	case closed:
		return final != 0
	case open:
		return final == 0
	}
	return final == 0 || final == rieul
}

// personal reports what may be a person's name as a whole: a common surname and two syllables, of
// which the last is often one of a name, unless the first two are a common word.
func personal(word string) bool {
	if utf8.RuneCountInString(word) != 3 || !strings.HasSuffix(word, "은") && !strings.HasSuffix(word, "만") {
		return false
	}
	first, n := utf8.DecodeRuneInString(word)
	last := len(word) - len("은")
	return n == len("김") && strings.ContainsRune(surnames, first) && !common[word[:last]]
}

const surnames = "김이박최정강조윤장임한오서신권황안송류홍"

// common are words that begin like a person's name.
var common = wordSet(`한국 한글 한강 서울 서버 서방 서류 오늘 오전 오류 이번 이름 이날 이쯤 이동 이용 이유 이미지 정말 정부 정답 정신 정식
조선 조금 조건 조직 신문 신한 신청 신호 송출 송금 권한 장면 장난 장관 장소 강남 강원 강릉 안전 안내 안방 임원 최신 최근 최종 황금 홍콩 홍콩
박물 윤곽 김밥 김포 김치 류현`)

// whole are words that merely end like one with a particle.
var whole = wordSet(`고양이 어린이 호랑이 원숭이 지팡이 달팽이 멍청이 젊은이 늙은이 월급쟁이 쌍둥이 막둥이 지렁이 올챙이
길잡이 목걸이 귀걸이 손잡이 옷걸이 나들이 집들이 하루살이 외톨이 오뚝이 떡볶이 많이 같이 깊이 높이 굳이 일찍이
제주도 강원도 경기도 충청도 전라도 경상도 평안도 함경도 황해도 여의도 울릉도 거제도 난이도 만족도 완성도 인지도 선호도 신뢰도 정확도
그래도 아무래도 아마도 적어도 하나도 아무도
정치가 투자가 사상가 안무가 무용가 서예가 만화가 여행가 소설가
자본주의 민주주의 사회주의 공산주의 제국주의 국무회의
을지로 퇴계로 청계로 스스로 함부로 그대로 저절로 이대로 반대로 때때로 마음대로 멋대로 제대로 아폴로 파블로 카를로 몬테카를로 앙겔로 마르첼로
산부인과 이비인후과 수백만 수천만 얼마만 하지만 그렇지만 이제부터 처음부터 이처럼 그처럼 저처럼 무엇보다
선생님 하느님 부모님 하나님 사장님 고객님 아버님 어머님 아드님 임금님
때문에 덕분에 반면에 동시에 나중에 처음에 그중에 이외에 가운데에`)
