package chart

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

var english = words{
	lang: "en",
	day:  "2 January 2006", dayShort: "2 Jan 2006", monthDay: "2 Jan", month: "Jan", year: "2006",

	oneDay: func(day, from, to, zone string) string { return day + ", " + from + "–" + to + " " + zone },
	days: func(day1, from, day2, to, zone string) string {
		return day1 + ", " + from + " to " + day2 + ", " + to + " " + zone
	},
	moment: func(day, clock string) string { return clock + " on " + day },
	zones:  map[string]string{"UTC": "", "Asia/Seoul": ""},
	zone: func(_, short, name string) string {
		if name == "" {
			return short
		}
		return short + " (" + name + ")"
	},
	timesIn: func(zone string) string { return "times in " + zone },
	per: func(n int, unit time.Duration) string {
		if n == 1 {
			return "per " + unitName(unit)
		}
		return fmt.Sprintf("per %d %ss", n, unitName(unit))
	},
	steps: func(n int, unit time.Duration) string {
		if n == 1 {
			return "by the " + unitName(unit)
		}
		return fmt.Sprintf("in steps of %d %ss", n, unitName(unit))
	},

	series: map[trend.Name]string{
		trend.Posts: "Posts", trend.Complaints: "Complaints", trend.ComplaintShare: "Share of complaints",
		trend.FirstHand: "First-hand complaints", trend.Recovery: "Posts that it works again", trend.Reposts: "Reposts",
		trend.Authors: "People posting", trend.Health: "State of the services", trend.Latency: "Response time",
		trend.Audience: "Audience", namedState: "State",
	},
	of: func(series, service string) string { return series + " of " + service },
	symptoms: map[string]string{
		"join": "not getting in", "audio": "no sound", "video": "no picture", "buffering": "buffering", "crash": "crashes",
		"login": "failing sign-in", "payment": "failing payment", "delay": "delays", "quality": "poor quality",
	},
	symptom: func(symptom string) string { return "Complaints of " + symptom },
	counted: func(source string) string { return "Posts as " + source + " counts them" },
	means: map[trend.Name]string{
		trend.Posts:          "all that match the event, reposts included",
		trend.Complaints:     "posts taken for the report of an outage, without reposts",
		trend.ComplaintShare: "of posts that are not reposts",
		trend.FirstHand:      "trouble of the writer's own",
		trend.Recovery:       "without reposts",
		trend.Reposts:        "posts passed on unchanged",
		trend.Authors:        "distinct people, estimated to about 1%",
		trend.Health:         "the worst in each step",
		trend.Latency:        "the slowest measured in each step",
		trend.Audience:       "as the service last reported it",
		"tag":                "posts that carry it",
		"symptom":            "without reposts",
		"counts":             "the source's own count, of posts that were read here or not",
	},
	drawnOf: "drawn where there are ten or more",
	sources: map[reaction.Source]string{reaction.X: "X", reaction.Bluesky: "Bluesky", reaction.Mastodon: "Mastodon"},
	states:  [4]string{"up", "degraded", "down", "unknown"},
	statuses: map[string]string{
		"scheduled": "scheduled", "live": "live", "postponed": "postponed", "cancelled": "cancelled", "ended": "ended",
	},

	list: listed,
	subtitle: func(counts, rest []string, per, steps string) string {
		lower(rest)
		if len(counts) == 0 {
			text := listed(rest) + ", " + steps
			_, n := utf8.DecodeRuneInString(text)
			return strings.ToUpper(text[:n]) + text[n:]
		}
		lower(counts[1:])
		text := listed(counts) + " " + per
		if len(rest) > 0 {
			text += ", with the " + listed(rest)
		}
		return text
	},
	captions: map[string]string{unitShare: "% of posts", unitMillis: "milliseconds", unitPeople: "people", unitCounted: "posts counted by the source"},
	postsPer: func(per string) string { return "posts " + per },
	amount: func(number, unit string) string {
		if unit == unitMillis {
			return number + " ms"
		}
		return number
	},
	under: func(percent string) string { return "under " + percent },
	over:  func(percent string) string { return "over " + percent },

	left: "(left)", right: "(right)", noValue: "no value known",
	up: "service up", degraded: "service degraded", down: "service down",
	unheard: "unknown: not heard", unmeasured: "unknown: not measured", unheardOrMeasured: "unknown: not heard or measured",
	late: "unknown: still to be heard", capped: "unknown: left out on purpose", filled: "fetched afterwards",
	partly: "partly heard", open: "still filling", simulated: "SIMULATED", recorded: "recorded",
	nothingHeard:    "Nothing is known of this window: at no time was every source heard.",
	nothingMeasured: "Nothing is known of this window: nothing was measured.",

	plannedStart: "planned start", plannedEnd: "planned end",
	marked: func(text, when string) string { return text + " " + when },
	peak: func(series string, k peakKind, amount, when string) string {
		if series != "" {
			series += ": "
		}
		return series + peakWordEN(k, "peak") + " " + amount + firstEN(k) + " at " + when
	},
	broke: func(service, when string, seen bool) string {
		text := "down from " + when
		if seen {
			text = "seen down at " + when
		}
		if service != "" {
			text = service + " " + text
		}
		return text
	},
	more: func(n int) string { return fmt.Sprintf("and %d more moments", n) },

	meaning:  func(series, counts string) string { return series + ": " + counts + "." },
	envelope: "Where buckets share a pixel, the line is their highest and the tint reaches down to their lowest.",
	represents: func(sources []string) string {
		return "Not the whole audience: those who posted in public on " + listed(sources) + "."
	},
	imagined: "Simulated: nobody wrote these posts, and nothing in them happened.",
	authorless: func(n string) string {
		return n + " posts came without an author: how many people wrote them is unknown."
	},
	heard: func(sources []string, together string) string {
		text := "Sources, with the share of the time heard: " + listed(sources)
		if len(sources) > 1 {
			text += "; all at once " + together
		}
		return text
	},
	allHeard: func(sources []string) string {
		return plural(len(sources), "Source", "Sources") + ", heard throughout: " + listed(sources)
	},
	heardFor: func(source, share string, besides []string) string {
		if len(besides) > 0 {
			share += " (" + strings.Join(besides, "; ") + ")"
		}
		return source + " " + share
	},
	filledFor:   func(share string) string { return share + " fetched afterwards" },
	lateFor:     func(share string) string { return share + " still to be heard" },
	cappedFor:   func(share string) string { return share + " left out to keep to the spending limit" },
	partlyFor:   func(share string) string { return share + " heard in part" },
	neverHeard:  func(source string) string { return source + " not heard" },
	onlySources: func(sources []string) string { return "only " + listed(sources) },
	onlyLangs:   func(langs string) string { return "only posts in " + langs },
	deleted:     func(n string) string { return n + " posts deleted since" },
	revised:     func(n string) string { return n + " posts came late" },
	recordings:  "from recordings, at least in part",
	method:      func(method string) string { return "method " + method },
	made:        func(day string) string { return "made on " + day },

	altSimulated: "Simulated: nothing here happened.", altRecorded: "At least in part from recordings.",
	altHead:    func(title, subtitle, window string) string { return title + ". " + subtitle + ", " + window + "." },
	altNothing: func(series string) string { return series + ": no value known." },
	altLine: func(series, first string, k peakKind, high, when, last string) string {
		return series + ": " + first + " at first, " + peakWordEN(k, "highest") + " " + high + firstEN(k) + " at " + when + ", " + last + " at last."
	},
	altFlat: func(series, value string) string { return series + ": " + value + " throughout." },
	altState: func(service string, shares []string, broke string) string {
		text := service + ": " + strings.Join(shares, ", ")
		if broke != "" {
			text += "; " + broke
		}
		return text + "."
	},
	altShare:   func(state, share string) string { return state + " " + share },
	altMarks:   func(marks []string) string { return "Marked: " + strings.Join(marks, ", ") + "." },
	altUnknown: func(share string) string { return "Unknown for " + share + " of the time." },
	altSources: func(sources string) string { return sources + "." },
	altDeleted: func(n string) string { return "Posts deleted at their source since, and not counted: " + n + "." },
}

func peakWordEN(k peakKind, plain string) string {
	switch {
	case k.soFar:
		return "highest so far"
	case k.known:
		return "highest known"
	}
	return plain
}

func firstEN(k peakKind) string {
	if k.often {
		return ", first"
	}
	return ""
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func unitName(unit time.Duration) string {
	switch unit {
	case 24 * time.Hour:
		return "day"
	case time.Hour:
		return "hour"
	case time.Minute:
		return "minute"
	}
	return "second"
}

// lower puts the words of a list in small letters at their beginnings.
func lower(words []string) {
	for i, w := range words {
		_, n := utf8.DecodeRuneInString(w)
		words[i] = strings.ToLower(w[:n]) + w[n:]
	}
}

// listed joins words with commas and a final "and".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
