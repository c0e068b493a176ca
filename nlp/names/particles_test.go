package names_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"outcry/nlp/names"
)

func TestPeel(t *testing.T) {
	for word, want := range map[string]string{
		// One particle, by the sound before it.
		"트위터는": "트위터|는", "트위터가": "트위터|가", "트위터를": "트위터|를", "트위터와": "트위터|와", "트위터로": "트위터|로", "트위터랑": "트위터|랑",
		"디샌티스는": "디샌티스|는", "머스크의": "머스크|의", "머스크도": "머스크|도", "머스크만": "머스크|만", "머스크에게": "머스크|에게", "머스크한테": "머스크|한테",
		"이재명은": "이재명|은", "이재명이": "이재명|이", "이재명을": "이재명|을", "이재명과": "이재명|과", "이재명으로": "이재명|으로", "이재명이랑": "이재명|이랑",
		"손흥민이": "손흥민|이", "손흥민님": "손흥민|님", "카타르에서": "카타르|에서", "카타르에": "카타르|에", "구글로": "구글|로", "지방은": "지방|은",
		"한국은": "한국|은", "서버만": "서버|만", "서울에서": "서울|에서",
		// Several.
		"트위터에서는": "트위터|에서는", "머스크님께서는": "머스크|님께서는", "팬들에게도": "팬들|에게도", "회원들에게도": "회원|들에게도", "스페이스에서만": "스페이스|에서만",
		"넷플릭스라는": "넷플릭스|라는", "이재명이라고": "이재명|이라고", "카타르까지": "카타르|까지", "카타르까지도": "카타르|까지도",
		// Letters and digits.
		"X에서": "X|에서", "X가": "X|가", "KT는": "KT|는", "2NE1이": "2NE1|이", "JTBC로": "JTBC|로", "EBS에서도": "EBS|에서도",
		// A particle that does not suit what is before it is none.
		"트위터은": "트위터은|", "이재명는": "이재명는|", "네이버을": "네이버을|", "세종로": "세종로|", "하와이": "하와이|", "메시로": "메시|로",
		// Words that merely end so.
		"고양이": "고양이|", "어린이": "어린이|", "제주도": "제주도|", "제주도에서": "제주도|에서", "고양이가": "고양이|가", "정치가": "정치가|", "정치가는": "정치가|는",
		"민주주의": "민주주의|", "민주주의의": "민주주의|의", "을지로": "을지로|", "을지로에서": "을지로|에서", "산부인과": "산부인과|", "하지만": "하지만|", "선생님": "선생님|", "선생님은": "선생님|은",
		"김정은": "김정은|", "김정은은": "김정은|은", "김정은이": "김정은|이", "이승만": "이승만|", "박지은에게": "박지은|에게",
		// Too short to be a name.
		"나는": "나는|", "집에": "집에|", "이": "이|", "은": "은|", "에서": "에서|", "님": "님|", "도는": "도는|", "": "|",
		// Other writing.
		"Twitter": "Twitter|", "東京は": "東京は|", "ㅋㅋ": "ㅋㅋ|", "…은": "…은|", "\xff는": "\xff는|",
	} {
		stem, particle := names.Peel(word)
		if got := stem + "|" + particle; got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

func TestKnown(t *testing.T) {
	for _, c := range []struct{ word, names, want string }{
		{"김정은은", "김정은", "김정은"}, {"김정은", "김정은", "김정은"}, {"김정은", "김정", "김정"},
		{"방송은", "방송", "방송"}, {"고양이", "고양", "고양"}, {"고양이", "고양이 고양", "고양이"},
		{"스페이스에서는", "스페이스", "스페이스"}, {"트위터은", "트위터", ""}, {"", "트위터", ""}, {"트위터", "터", ""},
	} {
		stem, particle, ok := names.Known(c.word, func(s string) bool { return slices.Contains(strings.Fields(c.names), s) })
		if ok != (c.want != "") || ok && (stem != c.want || stem+particle != c.word) {
			t.Errorf("%s among %s: %q %q %v", c.word, c.names, stem, particle, ok)
		}
	}
}

func FuzzPeel(f *testing.F) {
	for _, s := range []string{"머스크님께서는", "X에서", "이", "\xea은", strings.Repeat("에서", 100), "는는는는"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		stem, particle := names.Peel(word)
		if stem+particle != word || word != "" && stem == "" || utf8.ValidString(word) && !utf8.ValidString(stem) {
			t.Errorf("%q: %q and %q", word, stem, particle)
		}
		if _, more := names.Peel(stem); particle == "" && more != "" {
			t.Errorf("%q is not taken apart, and then it is", word)
		}
	})
}
