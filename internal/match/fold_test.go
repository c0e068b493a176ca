package match

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"DeSaster":              "desaster",
		"ＤｅＳａｓｔｅｒ１２":            "desaster12",
		"İIıi":                  "iiii",
		"I\u0307stanbul":        "istanbul",
		"Straße ẞ":              "strasse ss",
		"ΣΊΣΥΦΟΣ":               "σίσυφοσ",
		"Cafe\u0301":            "café",
		"ㅋㅋㅠㅠ안돼ㅠ":               "ㅋㅋㅠㅠ안돼ㅠ",
		"ﾃﾞｨｻﾝﾃｨｽ":              "ディサンティス",
		"か\u200b\u3099":         "が",
		"\u1112\u1161\u11ab글":   "한글",
		"a \t\r\n\u3000\u2003b": "a b",
		"a\u200b b\u200b c":     "a b c",
		"½ ①":                   "1⁄2 1",
		"ﷺ":                     "صلى الله عليه وسلم",
		"don’t":                 "don't",
		"\xffA\xc3":             "\ufffda\ufffd",
		"":                      "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// mixed draws texts in which everything that folding treats differently meets.
func mixed() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "B", "é", "e", "\u0301", "\u0327", "İ", "ı", "ß", "ς", "ﬁ", "…", "’", "Ａ", "１", "가", "\u1100", "\u1161", "\u11a8", "ㅋ", "か", "\u3099",
			"ｶ", "ﾞ", " ", "\n", "\u3000", "\u200b", "\u00ad", "\ufe0f", "💀", "ไ", "ำ", "ﷺ", "#", "\xff", "\u0345", "ᾳ", "ा", "\u09c7", "\u09be", "™",
		}), 0, 12).Draw(t, "parts")
		return strings.Join(parts, "") + rapid.StringN(0, 4, -1).Draw(t, "tail")
	})
}

func TestFoldIsStable(t *testing.T) {
	for r := range unicode.MaxRune {
		if once := Fold(string(r)); Fold(once) != once {
			t.Errorf("%U: %q, then %q", r, once, Fold(once))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := mixed().Draw(t, "text")
		once := Fold(s)
		if twice := Fold(once); once != twice {
			t.Fatalf("Fold(%q) = %q, and folded again %q", s, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) = %q", s, once)
		}
	})
}

func TestSourceOfFolded(t *testing.T) {
	var f Folded
	rapid.Check(t, func(t *rapid.T) {
		s := mixed().Draw(t, "text")
		f.Set(s)
		checkSource(t, &f, s)
	})
}

type fataler interface{ Fatalf(string, ...any) }

// checkSource holds that every rune of a folded text comes from whole runes of its source, in
// order, and that folding those alone finds it again where nothing combines.
func checkSource(t fataler, f *Folded, s string) {
	from := 0
	for i := 0; i < len(f.text); {
		_, n := utf8.DecodeRune(f.text[i:])
		start, end := f.Source(i, i+n)
		if start < from || end <= start || end > len(s) {
			t.Fatalf("%q[%d] of %q comes from %d to %d, after %d", f.text, i, s, start, end, from)
		}
		if !boundary(s, start) || !boundary(s, end) {
			t.Fatalf("%q[%d] of %q comes from %d to %d, inside a rune", f.text, i, s, start, end)
		}
		if at := f.At(start); at > i {
			t.Fatalf("%d of %q is at %d of %q, want %d", start, s, at, f.text, i)
		}
		from = start
		i += n
	}
}

// boundary reports whether s may be cut at i.
func boundary(s string, i int) bool {
	if i == 0 || i == len(s) || utf8.RuneStart(s[i]) {
		return true
	}
	for j := 0; j < i; {
		_, n := utf8.DecodeRuneInString(s[j:])
		if j += n; j == i {
			return true
		}
	}
	return false
}

func TestManyMarks(t *testing.T) {
	zalgo := "a" + strings.Repeat("\u0323\u0301", 50_000)
	if got := Fold(zalgo + "b"); utf8.RuneCountInString(got) > 2+maxMarks || !strings.HasSuffix(got, "b") {
		t.Errorf("%d runes are left", utf8.RuneCountInString(got))
	}
	if got := Fold(strings.Repeat("\u1161", 1000)); utf8.RuneCountInString(got) != 1000 {
		t.Errorf("%d vowels are left", utf8.RuneCountInString(got))
	}
}
