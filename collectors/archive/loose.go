package archive

import (
	"encoding/json"
	"time"
)

// looseID reads an id that is a string or a whole number. Other values are no id: a number with a
// point or an exponent has lost its last digits.
type looseID string

// UnmarshalJSON never fails.
func (id *looseID) UnmarshalJSON(b []byte) error {
	*id = ""
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*id = looseID(s)
		}
	case digits(string(b)):
		*id = looseID(b)
	}
	return nil
}

// jsonClock reads the times of JSON formats, which all say their zone.
var jsonClock = clock{zone: time.UTC}

// parseTime is the time in s and "" or why there is none.
func parseTime(s string) (t time.Time, reason string) {
	if s == "" {
		return time.Time{}, ReasonNoTime
	}
	t, ok := jsonClock.parse(s)
	if !ok {
		return time.Time{}, ReasonBadTime
	}
	return t, ""
}

// shorten is s as it may stand in a message.
func shorten(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
