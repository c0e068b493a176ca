package wire

import (
	"strings"
	"time"
)

// tidLetters are the digits of a TID, base 32 in the order of ASCII.
const tidLetters = "234567abcdefghijklmnopqrstuvwxyz"

// tidTime is the time in a TID, by which repositories number their commits: 53 bits of microseconds,
// then 10 that tell writers apart. https://atproto.com/specs/tid
func tidTime(tid string) (at time.Time, ok bool) {
	if len(tid) != 13 || tid[0] > 'j' {
		return at, false
	}
	var n uint64
	for i := range len(tid) {
		digit := strings.IndexByte(tidLetters, tid[i])
		if digit < 0 {
			return at, false
		}
		n = n<<5 | uint64(digit)
	}
	return time.UnixMicro(int64(n >> 10)).UTC(), true
}

// maxReplay is how old a commit may be that a server tells of: relays replay three days.
const maxReplay = 72 * time.Hour

// made is when a commit was made. Its own number says so, and says the same whenever and by
// whichever server it is told again; where it cannot be, the server's time stands.
func (c *skyCommit) made(server time.Time) time.Time {
	at, ok := tidTime(c.Rev)
	if !ok || at.After(server.Add(MaxAhead)) || at.Before(server.Add(-maxReplay)) {
		return server
	}
	return at
}
