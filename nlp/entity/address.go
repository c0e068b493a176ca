package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// address finds the web address that the ':' or '.' at text[at] belongs to. It begins at from or
// later. Without a scheme, only well-known top-level domains count: "done.Next" is no address.
func address(text string, at, from int) (start, end int, ok bool) {
	if text[at] == ':' {
		start = at - schemeLen(text[from:at])
		if start == at || !strings.HasPrefix(text[at:], "://") || !addressMayFollow(text[:start], "@$#＠＃") {
			return 0, 0, false
		}
		if end = hostEnd(text, at+len("://"), true); end < 0 {
			return 0, 0, false
		}
	} else {
		for start = at; start > from; {
			r, n := utf8.DecodeLastRuneInString(text[from:start])
			if !labelRune(r, false) {
				break
			}
			start -= n
		}
		if start == at || !addressMayFollow(text[:start], "@$#＠＃-_./") {
			return 0, 0, false
		}
		if end = hostEnd(text, start, false); end < 0 {
			return 0, 0, false
		}
	}
	end, ok = tailEnd(text, start, end)
	return start, end, ok
}

func schemeLen(head string) int {
	for _, s := range []string{"https", "http"} {
		if n := len(head) - len(s); n >= 0 && strings.EqualFold(head[n:], s) {
			return len(s)
		}
	}
	return 0
}

// addressMayFollow reports whether an address can begin after head: not inside a word, and not
// after one of the barred signs.
func addressMayFollow(head, barred string) bool {
	if head == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(head)
	return !(r < utf8.RuneSelf && alnum(byte(r))) && !strings.ContainsRune(barred, r)
}

// hostEnd is where the host at text[start:] ends, with its port, or -1 where there is none. It is
// the longest run of labels whose last is a top-level domain and does not go on.
func hostEnd(text string, start int, scheme bool) int {
	end, label, name := -1, start, ""
	for i := start; i <= len(text) && i-start <= 255; {
		r, n := utf8.DecodeRuneInString(text[i:])
		if n > 0 && labelRune(r, scheme) {
			i += n
			continue
		}
		if i == label {
			if n := otherTopLevel(text[i:]); label > start && !scheme && n > 0 && !goesOn(text[i+n:]) {
				end = i + n
			}
			break
		}
		if strings.IndexByte("-_", text[label]) >= 0 || strings.IndexByte("-_", text[i-1]) >= 0 || !hostLabel(text[label:i]) {
			break
		}
		if label > start && !strings.Contains(name, "_") {
			if e := label + domainLen(text[label:i], scheme); e > label && !goesOn(text[e:]) {
				end = e
			}
		}
		name = text[label:i]
		if r != '.' {
			break
		}
		i++
		label = i
	}
	if end > 0 && end+1 < len(text) && text[end] == ':' && digit(text[end+1]) {
		for end++; end < len(text) && digit(text[end]); end++ {
		}
	}
	return end
}

func labelRune(r rune, scheme bool) bool {
	if r < utf8.RuneSelf {
		return alnum(byte(r)) || r == '-' || r == '_' && scheme
	}
	if !scheme {
		return accentedLatin(r)
	}
	return r != utf8.RuneError && !unicode.IsPunct(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}

// goesOn reports whether what follows a top-level domain makes it another word.
func goesOn(rest string) bool {
	return rest != "" && (alnum(rest[0]) || rest[0] == '@' || rest[0] == '+' || rest[0] == '-' || rest[0] == '_')
}

// domainLen is how much of label is a top-level domain: its ASCII letters, or all of it where it
// is of another script and the address has a scheme.
func domainLen(label string, scheme bool) int {
	n := 0
	for n < len(label) && (alnum(label[n]) || label[n] == '-') {
		n++
	}
	switch head := strings.ToLower(label[:n]); {
	case n == 0 && scheme && utf8.RuneCountInString(label) >= 2 && !strings.Contains(label, "_"):
		return len(label)
	case strings.HasPrefix(head, "xn--") && n > 4, topLevel(head):
		return n
	}
	return 0
}

// maxKey is the longest key of an address that X shortened; one with a longer key is none.
const maxKey = 40

// tailEnd is where the address that has its host at text[start:end] ends, with path and query.
func tailEnd(text string, start, end int) (int, bool) {
	if key := end + 1; strings.EqualFold(hostOf(text[start:end]), "t.co") && key < len(text) && text[end] == '/' && alnum(text[key]) {
		for end = key; end < len(text) && alnum(text[end]); end++ {
		}
		if end-key > maxKey {
			return end, false
		}
	} else if end < len(text) && text[end] == '/' {
		end = pathEnd(text, end)
	}
	if end < len(text) && text[end] == '?' {
		return queryEnd(text, end), true
	}
	return end, true
}

func hostOf(address string) string {
	_, host, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	return host
}

// pathEnd is where the path at text[i:] ends. Brackets belong to it in pairs, and signs that end
// a sentence only where the path goes on after them.
func pathEnd(text string, i int) int {
	end := i
	for open := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '(' && open < 2 && strings.IndexByte(text[i:], ')') > 0:
			open++
		case r == ')' && open > 0:
			if open--; open == 0 {
				end = i + n
			}
		case pathRune(r) && strings.ContainsRune("=_#/+-", r), r < utf8.RuneSelf && alnum(byte(r)), r >= utf8.RuneSelf && pathRune(r) && r != '–':
			if open == 0 {
				end = i + n
			}
		case !pathRune(r):
			return end
		}
		i += n
	}
	return end
}

func pathRune(r rune) bool {
	if r < utf8.RuneSelf {
		return alnum(byte(r)) || strings.IndexByte("!*';:=+,.$/%#[]-_~&|@", byte(r)) >= 0
	}
	return r == '–' || accentedLatin(r) || unicode.Is(unicode.Cyrillic, r)
}

func queryEnd(text string, i int) int {
	end := i
	for i++; i < len(text); i++ {
		c := text[i]
		if alnum(c) || strings.IndexByte("-_&=#/", c) >= 0 {
			end = i + 1
		} else if strings.IndexByte("!?*'@();:+$%[].,~|", c) < 0 {
			break
		}
	}
	return end
}

func alnum(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || digit(b)
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
