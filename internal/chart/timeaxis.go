package chart

import "time"

const day = 24 * time.Hour

// tick is a mark of the time axis: a clock time or a day, and beneath it what changes more
// slowly (the date, the year) where it does.
type tick struct {
	at     time.Time
	text   string
	under  string
	change bool // a new day, or a new year, begins here
}

// grain is how far apart ticks are, and how they are written.
type grain struct {
	step   time.Duration // for ticks within a day and of whole days
	months int           // for longer ones
	form   string
	under  string // what is written beneath when it changes
	first  string // the same in full, beneath the first tick
}

// grains from the narrowest; the axis takes the first whose texts have room.
func (w *words) grains() []grain {
	var g []grain
	within := func(form string, steps ...time.Duration) {
		for _, s := range steps {
			g = append(g, grain{step: s, form: form, under: w.monthDay, first: w.dayShort})
		}
	}
	within("15:04:05", 10*time.Second, 20*time.Second, 30*time.Second)
	within("15:04", time.Minute, 2*time.Minute, 5*time.Minute, 10*time.Minute, 15*time.Minute, 30*time.Minute,
		time.Hour, 2*time.Hour, 3*time.Hour, 6*time.Hour, 12*time.Hour)
	for _, d := range []time.Duration{1, 2, 7, 14} {
		g = append(g, grain{step: d * day, form: w.monthDay, under: w.year, first: w.year})
	}
	for _, m := range []int{1, 2, 3, 6} {
		g = append(g, grain{months: m, form: w.month, under: w.year, first: w.year})
	}
	for _, y := range []int{1, 2, 5, 10, 20} {
		g = append(g, grain{months: 12 * y, form: w.year})
	}
	return g
}

// ticks places marks on [from, to], which are in the zone to be shown, so that no two texts of
// the width that measure gives come nearer than gap on an axis of the given width.
func (w *words) ticks(from, to time.Time, width, gap float64, measure func(string) float64) []tick {
	span := to.Sub(from)
	var out []tick
	for _, g := range w.grains() {
		wide := g.step
		if g.months > 0 {
			wide = time.Duration(g.months) * 30 * day
		}
		if float64(wide)/float64(span)*width < measure(from.Format(g.form))+gap {
			continue
		}
		out = g.place(from, to)
		break
	}
	return out
}

func (g grain) place(from, to time.Time) []tick {
	var out []tick
	last := ""
	for _, t := range g.times(from, to) {
		m := tick{at: t, text: t.Format(g.form)}
		if g.under != "" {
			now := t.Format(g.first)
			switch {
			case last == "":
				m.under = now
			case now != last && t.Before(to): // what begins where the window ends is not in it
				m.under, m.change = t.Format(g.under), true
			}
			last = now
		}
		out = append(out, m)
	}
	return out
}

// times lists the moments of a grain in [from, to] by the clocks of their zone.
func (g grain) times(from, to time.Time) []time.Time {
	var out []time.Time
	add := func(t time.Time) {
		if !t.Before(from) && !t.After(to) {
			out = append(out, t)
		}
	}
	y, mo, d := from.Date()
	zone := from.Location()
	switch {
	case g.months > 0:
		first := int(mo) - 1
		if g.months >= 12 {
			years := g.months / 12
			y, first = y-y%years, 0
		} else {
			first -= first % g.months
		}
		for i := first; ; i += g.months {
			t := time.Date(y, time.Month(i+1), 1, 0, 0, 0, 0, zone)
			if t.After(to) {
				return out
			}
			add(t)
		}
	case g.step >= day:
		every := int(g.step / day)
		// Days are counted from a Monday, so that weeks begin on Mondays.
		since := int(time.Date(y, mo, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC)) / day)
		for i := d - ((since%every)+every)%every; ; i += every {
			t := time.Date(y, mo, i, 0, 0, 0, 0, zone)
			if t.After(to) {
				return out
			}
			add(t)
		}
	}
	// Quarters of an hour are never moved by a change of the clocks, so that counting on in real
	// time stays on them, and hours that come twice are shown twice.
	every := min(g.step, 15*time.Minute)
	_, offset := from.Zone()
	t := from.Add(time.Duration(offset) * time.Second).Truncate(every).Add(-time.Duration(offset) * time.Second)
	for ; !t.After(to); t = t.Add(every) {
		h, m, s := t.Clock()
		if time.Duration(h*3600+m*60+s)*time.Second%g.step == 0 {
			add(t)
		}
	}
	return out
}
