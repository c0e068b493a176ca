package archive

import (
	"strings"
	"time"

	"outcry/collectors/wire"
)

// clock reads times as people's files write them.
type clock struct {
	zone     *time.Location // of times that name none
	layout   string         // where given, the only form
	dayFirst bool           // 3/4/2015 is the third of April
}

// parse reads one time, rounded down to microseconds.
func (c *clock) parse(s string) (time.Time, bool) {
	if c.layout == "" {
		return (&wire.Clock{Zone: c.zone, DayFirst: c.dayFirst}).Parse(s)
	}
	t, err := time.ParseInLocation(c.layout, strings.TrimSpace(s), c.zone)
	return t.UTC().Truncate(time.Microsecond), err == nil
}
