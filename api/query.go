package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"outcry/internal/reaction"
)

// parameters holds every request to the parameters that its operation documents: unknown ones,
// those given more often than once, and texts that are no text are refused by name.
func parameters(ctx huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(ctx)
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		problem(http.StatusBadRequest, "The query of the address cannot be read: check its %%-escapes, and write a semicolon as %%3B.").write(w, r)
		return
	}
	list := misused(ctx.Operation(), values)
	for _, p := range ctx.Operation().Parameters {
		if p.In == "path" && !plain(ctx.Param(p.Name)) {
			list = append(list, Mistake{"path." + p.Name, "it holds control characters or is not UTF-8"})
		}
	}
	if len(list) > 0 {
		wrong(list...).write(w, r)
		return
	}
	next(ctx)
}

func misused(op *huma.Operation, values url.Values) []Mistake {
	var list []Mistake
	var allowed []string
	repeatable := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In == "query" {
			allowed = append(allowed, p.Name)
			repeatable[p.Name] = p.Schema.Type == huma.TypeArray
		}
	}
	use := "this address takes none"
	if len(allowed) > 0 {
		use = "use " + strings.Join(allowed, ", ")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := "query." + clip(name)
		switch many, known := repeatable[name]; {
		case !known:
			list = append(list, Mistake{at, "there is no such parameter: " + use})
		case len(values[name]) > 1 && !many:
			list = append(list, Mistake{at, "it is given more than once"})
		case slices.ContainsFunc(values[name], func(v string) bool { return !plain(v) }):
			list = append(list, Mistake{at, "it holds control characters or is not UTF-8"})
		}
	}
	return list
}

// plain reports whether s is text that can be looked up and logged.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// printable is a client's text for the audit log, without what could be mistaken for more lines.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
}

// split takes apart a parameter that may be repeated, hold several values between commas, or both.
func split(values []string) []string {
	var out []string
	for _, v := range values {
		for p := range strings.SplitSeq(v, ",") {
			if p = strings.TrimSpace(p); p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// Times that an answer can be asked for. Outside of these a four-digit year may not hold.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// readTime reads a parameter that is a time; zero where it is not given.
func readTime(name, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	switch {
	case err != nil && strings.Contains(value, " "):
		return t, mistake("query."+name, "%q is not a time: in an address, + is written %%2B", clip(value))
	case err != nil:
		return t, mistake("query."+name, "%q is not a time like 2022-11-20T16:00:00Z", clip(value))
	case t.Before(earliest) || t.After(latest):
		return t, mistake("query."+name, "the time is not between the years 1970 and 2200")
	}
	return t.UTC(), nil
}

// readSpan reads from and to, either of which may be zero.
func readSpan(from, to string) (f, t time.Time, err error) {
	if f, err = readTime("from", from); err != nil {
		return f, t, err
	}
	if t, err = readTime("to", to); err != nil {
		return f, t, err
	}
	if !f.IsZero() && !t.IsZero() && !t.After(f) {
		return f, t, mistake("query.to", "it is not after from")
	}
	return f, t, nil
}

func readSources(values []string) ([]reaction.Source, error) {
	var out []reaction.Source
	for _, v := range split(values) {
		s, err := reaction.ParseSource(v)
		if err != nil {
			return nil, mistake("query.source", "%q is not 1 to 32 lower-case letters, digits, '-' or '_'", clip(v))
		}
		out = append(out, s)
	}
	return out, nil
}

// maxLang is the longest language tag that is asked for.
const maxLang = 35

func readLangs(values []string) ([]string, error) {
	out := split(values)
	for _, l := range out {
		if len(l) > maxLang {
			return nil, mistake("query.lang", "%q is not a language tag like en or ko", clip(l))
		}
	}
	return out, nil
}

// readZone reads the name of a time zone; UTC where it is not given.
func readZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, mistake("query.tz", "%q is not an IANA time zone like America/New_York", clip(name))
	}
	return loc, nil
}

// stamp writes a time into addresses.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// localTime writes a time in its zone, with the offset.
func localTime(t time.Time, loc *time.Location) string { return t.In(loc).Format(time.RFC3339) }
