package chart

import (
	"fmt"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// Locale is the language of a chart's own words. Titles, tags and names of services stay as they
// are.
type Locale string

// The locales.
const (
	English Locale = "en"
	Korean  Locale = "ko"
)

func (l Locale) words() (*words, error) {
	switch l {
	case "", English:
		return &english, nil
	case Korean:
		return &korean, nil
	}
	return nil, fmt.Errorf("there are no words for the locale %q: use en or ko", clean(string(l)))
}

// words are all that a chart says of itself in one language. Every field is filled in every
// language, and every map has the same keys (see TestEveryWordInEveryLanguage).
type words struct {
	lang string // as in BCP 47

	// Layouts of package time. Clocks are written alike everywhere.
	day, dayShort, monthDay, month, year string

	oneDay  func(day, from, to, zone string) string
	days    func(day1, from, day2, to, zone string) string
	moment  func(day, clock string) string
	zones   map[string]string // by IANA name: what people call the time there
	zone    func(called, short, name string) string
	timesIn func(zone string) string
	per     func(n int, unit time.Duration) string // "per 10 seconds"
	steps   func(n int, unit time.Duration) string // "in steps of 10 seconds"

	series   map[trend.Name]string
	of       func(series, service string) string
	symptoms map[string]string
	symptom  func(symptom string) string
	counted  func(source string) string // posts as a source counts them itself
	means    map[trend.Name]string      // what is counted; tags under "tag"
	drawnOf  string                     // of shares: how many posts they must be of
	sources  map[reaction.Source]string
	states   [4]string // up, degraded, down, unknown
	statuses map[string]string

	list     func(words []string) string
	subtitle func(counts, rest []string, per, steps string) string
	captions map[string]string // of axes, by unit
	postsPer func(per string) string
	amount   func(number, unit string) string
	under    func(percent string) string
	over     func(percent string) string

	// The legend and the plates.
	left, right, noValue                                                     string
	up, degraded, down, unheard, unmeasured, unheardOrMeasured, partly, open string
	late, capped, filled                                                     string
	simulated, recorded, nothingHeard, nothingMeasured                       string

	// Annotations.
	plannedStart, plannedEnd string
	marked                   func(text, when string) string
	peak                     func(series string, k peakKind, amount, when string) string
	broke                    func(service, when string, seen bool) string
	more                     func(n int) string

	// The foot.
	meaning     func(series, counts string) string
	envelope    string
	represents  func(sources []string) string
	imagined    string
	authorless  func(n string) string
	heard       func(sources []string, together string) string
	allHeard    func(sources []string) string
	heardFor    func(source, share string, besides []string) string
	filledFor   func(share string) string // of what was heard
	lateFor     func(share string) string
	cappedFor   func(share string) string
	partlyFor   func(share string) string
	neverHeard  func(source string) string
	onlySources func(sources []string) string
	onlyLangs   func(langs string) string
	deleted     func(n string) string
	revised     func(n string) string // posts that came after their bucket had closed
	recordings  string
	method      func(method string) string
	made        func(day string) string

	// The alternative text.
	altSimulated, altRecorded string
	altHead                   func(title, subtitle, window string) string
	altNothing                func(series string) string
	altLine                   func(series, first string, k peakKind, high, when, last string) string
	altFlat                   func(series, value string) string
	altState                  func(service string, shares []string, broke string) string
	altShare                  func(state, share string) string
	altMarks                  func(marks []string) string
	altUnknown                func(share string) string
	altSources                func(sources string) string
	altDeleted                func(n string) string
}

// peakKind says how sure a greatest value is.
type peakKind struct {
	known bool // some buckets are not known: there may have been more
	soFar bool // some buckets still fill
	often bool // it was reached more than once
}
