package archive

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"outcry/internal/reaction"
)

// role is what a column holds.
type role uint8

const (
	roleTime role = iota
	roleText
	roleID
	roleAuthor
	roleHandle
	roleLang
	roleKind
	roleSource
	roleURL
	roleReceived
	roleService
	roleState
	roleLatency
	roleAudience
	roleVantage
	roleDetail

	// These can only be guessed.
	roleClock   // a time of day beside a date
	roleRepost  // true for a repost, or the id of what it passes on
	roleReply   // the same of what it answers
	roleQuote   // the same of what it quotes
	roleSeconds // a latency in seconds
	roles
)

// roleNames are the names that Options.Columns knows.
var roleNames = [...]string{"time", "text", "id", "author", "handle", "lang", "kind", "source", "url", "received",
	"service", "state", "latency_ms", "audience", "vantage", "detail"}

// ofPosts and ofSamples tell the roles that only one kind of file has.
func (r role) ofPosts() bool {
	return r >= roleText && r <= roleReceived || r >= roleRepost && r <= roleQuote
}

func (r role) ofSamples() bool { return r >= roleService && r <= roleDetail || r == roleSeconds }

// headerNames are the headers that tell a role, best first, without case, spaces and signs.
var headerNames = [roles][]string{
	roleTime: {"createdat", "tweetcreatedat", "tweetcreated", "datecreated", "createddate", "created", "createdutc", "datetime", "timestamp",
		"timestampms", "publishedat", "postedat", "posttime", "postdate", "tweetdate", "tweettime", "reviewdate", "date", "time", "at"},
	roleText: {"fulltext", "text", "tweettext", "tweet", "tweetcontent", "content", "body", "message", "posttext", "post", "comment", "comments",
		"review", "reviewtext", "rawcontent", "renderedcontent"},
	roleID:       {"tweetid", "statusid", "postid", "idstr", "messageid", "reviewid", "id"},
	roleAuthor:   {"authorid", "userid", "useridstr", "fromuserid", "author", "user"},
	roleHandle:   {"username", "screenname", "userscreenname", "authorusername", "handle", "userhandle", "fromuser"},
	roleLang:     {"lang", "language", "tweetlang"},
	roleKind:     {"kind", "tweettype", "posttype", "type"},
	roleSource:   {"platform", "source", "network"},
	roleURL:      {"url", "permalink", "tweeturl", "posturl", "link", "tweetlink"},
	roleReceived: {"received", "receivedat"},
	roleService:  {"service", "servicename", "target", "component", "monitor"},
	roleState:    {"state", "status", "health", "up"},
	roleLatency:  {"latencyms", "latency", "responsetimems", "responsetime", "rttms", "durationms"},
	roleAudience: {"audience", "listeners", "viewers", "concurrentviewers", "participants", "participantcount"},
	roleVantage:  {"vantage", "probe", "region", "host"},
	roleDetail:   {"detail", "details", "reason", "error"},
	roleClock:    {"time", "hour", "timeofday"},
	roleRepost:   {"isretweet", "isrepost", "retweet", "retweetedstatusid", "retweetid"},
	roleReply:    {"isreply", "inreplytostatusid", "inreplytostatusidstr", "inreplytotweetid", "inresponsetotweetid", "inreplytoid", "replyto"},
	roleQuote:    {"isquote", "quotedstatusid", "quotedstatusidstr", "quotedtweetid"},
	roleSeconds:  {"latencys", "latencyseconds", "responsetimes", "responsetimeseconds", "durationseconds"},
}

// columns says which column, from 0, holds a role; -1 for none.
type columns [roles]int

func noColumns() (c columns) {
	for i := range c {
		c[i] = -1
	}
	return c
}

func (c *columns) has(r role) bool { return c[r] >= 0 }

// dropIf forgets the roles that are of a kind.
func (c *columns) dropIf(of func(role) bool) {
	for r := range c {
		if of(role(r)) {
			c[r] = -1
		}
	}
}

// fold is a header without case, spaces and signs.
func fold(header string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r | 0x20
		case r < 0x80 && (r < 'a' || r > 'z') && (r < '0' || r > '9'):
			return -1
		}
		return r
	}, header)
}

// candidates are the columns whose headers tell a role, best first.
func candidates(header []string, r role) []int {
	var out []int
	for _, name := range headerNames[r] {
		for i, h := range header {
			if fold(h) == name {
				out = append(out, i)
			}
		}
	}
	return out
}

// guessColumns finds roles by a header and a sample of the rows. A column has one role, the first
// of the list that it suits.
func guessColumns(header []string, sample [][]string) columns {
	c := noColumns()
	taken := map[int]bool{}
	for r := range roles {
		for _, i := range candidates(header, r) {
			if !taken[i] {
				c[r] = i
				break
			}
		}
		if r == roleTime {
			c[r] = bestTime(candidates(header, r), sample)
		}
		if c[r] >= 0 {
			taken[c[r]] = true
		}
	}
	if c.has(roleClock) && !clockBesideDate(sample, c[roleTime], c[roleClock]) {
		c[roleClock] = -1
	}
	if c.has(roleSource) && !platforms(sample, c[roleSource], fold(header[c[roleSource]]) == "source") {
		c[roleSource] = -1
	}
	return c
}

// bestTime is the first column in which times can be read, or the first of all.
func bestTime(list []int, sample [][]string) int {
	read := clock{zone: dayZone}
	for _, i := range list {
		good, bad := 0, 0
		for _, cell := range cells(sample, i) {
			if _, ok := read.parse(cell); ok || dayFirstEvidence(cell) {
				good++
			} else {
				bad++
			}
		}
		if good > bad {
			return i
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[0]
}

// clockBesideDate reports whether one column mostly has bare dates and the other times of day.
func clockBesideDate(sample [][]string, date, clock int) bool {
	if date < 0 || date == clock {
		return false
	}
	good, bad := 0, 0
	for _, row := range sample {
		if date >= len(row) || clock >= len(row) || row[date] == "" {
			continue
		}
		_, _, _, _, rest, ok := dateParts(row[date])
		_, _, _, _, _, hour := clockParts(row[clock])
		if (ok && rest == "" || len(row[date]) == 8 && digits(row[date])) && hour {
			good++
		} else {
			bad++
		}
	}
	return good > bad
}

// wellKnown are platforms that a column called "source" may name; elsewhere it names the programs
// that people posted with.
var wellKnown = []reaction.Source{reaction.X, reaction.Bluesky, reaction.Mastodon, "threads", "facebook", "instagram",
	"reddit", "youtube", "telegram", "tiktok", "nostr", "misskey", "hackernews", "naver", "kakao", "weibo"}

// platforms reports whether a column mostly names platforms.
func platforms(sample [][]string, i int, strict bool) bool {
	good, bad := 0, 0
	for _, cell := range cells(sample, i) {
		if s, ok := platform(cell); ok && (!strict || slices.Contains(wellKnown, s)) {
			good++
		} else {
			bad++
		}
	}
	return good > bad
}

// cells are the values of a column that are not empty.
func cells(sample [][]string, i int) []string {
	var out []string
	for _, row := range sample {
		if i < len(row) && strings.TrimSpace(row[i]) != "" {
			out = append(out, row[i])
		}
	}
	return out
}

// checkColumns says which keys of Options.Columns are no roles.
func checkColumns(given map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(roleNames[:], name) {
			return fmt.Errorf("--columns: %q is none of %s", name, strings.Join(roleNames[:], ", "))
		}
	}
	return nil
}

// override puts the columns a person named in place of those guessed, as far as they concern
// files of this kind. "-" leaves a role out.
func (c *columns) override(given map[string]string, header []string, width int, samples bool) error {
	for r, name := range roleNames {
		want, ok := given[name]
		if !ok || samples && role(r).ofPosts() || !samples && role(r).ofSamples() {
			continue
		}
		i := -1
		if n, numbered := strings.CutPrefix(want, "#"); numbered {
			k, err := strconv.Atoi(n)
			if err != nil || k < 1 || k > width {
				return fmt.Errorf("--columns %s=%s: the table has the columns #1 to #%d", name, want, width)
			}
			i = k - 1
		} else if want != "-" {
			if i = slices.Index(header, want); i < 0 {
				i = slices.IndexFunc(header, func(h string) bool { return fold(h) == fold(want) })
			}
			if i < 0 {
				return fmt.Errorf("--columns %s=%s: there is no such column; the header is %s", name, want, quoteList(header))
			}
		}
		for other := range c { // the column's guessed role gives way
			if i >= 0 && c[other] == i {
				c[other] = -1
			}
		}
		c[r] = i
		if role(r) == roleTime {
			c[roleClock] = -1
		}
	}
	return nil
}

// quoteList shows cells to a person: the first few, shortened.
func quoteList(list []string) string {
	const most = 12
	out := make([]string, 0, most)
	for i, s := range list {
		if i == most {
			out = append(out, "…")
			break
		}
		out = append(out, strconv.Quote(shorten(s)))
	}
	return strings.Join(out, ", ")
}
