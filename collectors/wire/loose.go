package wire

import (
	"encoding/json"
	"time"
)

// LooseID reads an id that is a string or a whole number. Other values are no id: a number with a
// point or an exponent has lost its last digits.
type LooseID string

// UnmarshalJSON never fails.
func (id *LooseID) UnmarshalJSON(b []byte) error {
	*id = ""
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*id = LooseID(s)
		}
	case Digits(string(b)):
		*id = LooseID(b)
	}
	return nil
}

// looseIDs reads a list of ids; anything else is none.
type looseIDs []LooseID

// UnmarshalJSON never fails.
func (l *looseIDs) UnmarshalJSON(b []byte) error {
	var list []LooseID
	if json.Unmarshal(b, &list) == nil {
		*l = list
	}
	return nil
}

// looseList reads a list of strings; anything else is none.
type looseList []string

// UnmarshalJSON never fails.
func (l *looseList) UnmarshalJSON(b []byte) error {
	var list []string
	if json.Unmarshal(b, &list) == nil {
		*l = list
	}
	return nil
}

// jsonClock reads the times of JSON formats, which all say their zone.
var jsonClock = Clock{Zone: time.UTC}

// ParseTime is the time in s and "" or why there is none.
func ParseTime(s string) (t time.Time, reason string) {
	if s == "" {
		return time.Time{}, ReasonNoTime
	}
	t, ok := jsonClock.Parse(s)
	if !ok {
		return time.Time{}, ReasonBadTime
	}
	return t, ""
}

// stamp is a time as records carry it.
func stamp(t time.Time) time.Time { return t.Truncate(time.Microsecond) }
