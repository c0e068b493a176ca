package reaction

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Days is a time to keep things, in whole days, written "30d". Whole multiples of 24 hours in
// Go's own form ("720h") are read too.
type Days int

// Duration is the length of d.
func (d Days) Duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

func (d Days) String() string { return strconv.Itoa(int(d)) + "d" }

// MarshalText writes the number of days and a 'd'.
func (d Days) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "30d" or "720h".
func (d *Days) UnmarshalText(b []byte) error {
	s := string(b)
	if n, ok := strings.CutSuffix(s, "d"); ok {
		if v, err := strconv.Atoi(n); err == nil {
			*d = Days(v)
			return nil
		}
	}
	v, err := time.ParseDuration(s)
	if err != nil || v%(24*time.Hour) != 0 {
		return fmt.Errorf("%q is not a number of days, like 30d", s)
	}
	*d = Days(v / (24 * time.Hour))
	return nil
}
