package mastodon

import (
	"fmt"
	"strings"
)

// ParseTokens reads access tokens by their server's host: a line each, "host token", with '#' for
// remarks; or "host=token" parted by commas, as in an environment variable. Errors name the line
// and never hold what is on it.
func ParseTokens(text string) (map[string]string, error) {
	out := map[string]string{}
	text = strings.TrimPrefix(text, "\uFEFF")
	for i, line := range strings.FieldsFunc(strings.ReplaceAll(text, "\n", "\n,"), func(r rune) bool { return r == ',' }) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		host, token, ok := strings.Cut(line, "=")
		if at := strings.IndexAny(line, " \t"); at >= 0 && (!ok || at < len(host)) {
			host, token = line[:at], line[at:]
		}
		token = strings.TrimSpace(token)
		u, err := parseServer(host)
		switch {
		case err != nil || token == "" || strings.ContainsAny(token, " \t"):
			return nil, fmt.Errorf("entry %d of the Mastodon tokens cannot be read: write a host, a space and its token", i+1)
		case out[u.Host] != "":
			return nil, fmt.Errorf("the Mastodon tokens give %s twice", u.Host)
		}
		out[u.Host] = token
	}
	return out, nil
}
