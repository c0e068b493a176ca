package wire

import "strings"

// longer prefers the text of a long post over the shortened one.
func longer(text string, notes ...*xNote) string {
	for _, n := range notes {
		if n != nil && n.Text != "" {
			return n.Text
		}
	}
	return text
}

// WholeRepost replaces what follows "RT @name: " by the whole text of the post passed on.
func WholeRepost(text, whole string) string {
	head, _, ok := strings.Cut(text, ": ")
	if whole == "" || !ok || !strings.HasPrefix(text, "RT @") || !strings.HasSuffix(text, "…") {
		return text
	}
	return head + ": " + whole
}

var xEntities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// UnescapeX undoes the escaping of three characters in the text of posts of X.
func UnescapeX(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return xEntities.Replace(s)
}

// XURL is where people can see a post; the handle may be unknown.
func XURL(handle, id string) string {
	if handle == "" {
		handle = "i"
	}
	return "https://x.com/" + handle + "/status/" + id
}
