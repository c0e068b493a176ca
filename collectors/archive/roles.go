package archive

import "strings"

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
