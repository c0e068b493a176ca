package reaction

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"time"
)

// AuthorKey is what the hashes of an event's authors are made with. An event that ends has one key,
// which is destroyed with its posts. One without an end has a key for each month of posts, UTC: each
// follows from the one before and none can be worked out backwards, so that forgetting the first one
// that is kept destroys it for good, and keeping one is enough. Whoever posts in two months is then
// two people.
type AuthorKey struct {
	Event   int64
	Key     []byte // the event's, or that of Month
	Monthly bool
	Month   int   // counted from January 1970
	Months  []int // those of which posts may be stored, ascending
}

// MonthOf counts the months from January 1970 to the one t lies in, UTC.
func MonthOf(t time.Time) int {
	t = t.UTC()
	return (t.Year()-1970)*12 + int(t.Month()) - 1
}

// nextMonth is what a month's key is hashed with to make the next one's.
const nextMonth = "outcry: the author key of the month after"

// maxMonths bounds how far one key is followed: to the year 2200 and beyond.
const maxMonths = 4000

// Of is the key for posts of a month; nil where it was destroyed.
func (k *AuthorKey) Of(month int) []byte {
	if !k.Monthly {
		return k.Key
	}
	if len(k.Key) == 0 || month < k.Month || month-k.Month > maxMonths {
		return nil
	}
	key := k.Key
	for range month - k.Month {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(nextMonth))
		key = mac.Sum(nil)
	}
	return key
}

// Span lists the months whose keys may have hashed stored posts or soon will, with the given ones
// that are still alive; one month for an event with one key.
func (k *AuthorKey) Span(more ...int) []int {
	if !k.Monthly {
		return []int{0}
	}
	out := slices.DeleteFunc(append(slices.Clone(k.Months), more...), func(m int) bool { return m < k.Month })
	slices.Sort(out)
	return slices.Compact(out)
}
