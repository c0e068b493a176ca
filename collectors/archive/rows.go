package archive

import (
	"strconv"
	"strings"
	"time"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
	"outcry/internal/health"
	"outcry/internal/reaction"
)

// decode reads one row of the table.
func (t *table) decode(row *frame.Row, e *emitter) {
	at, reason, detail := t.time(row)
	if reason != "" {
		e.refuse(reason, detail)
		return
	}
	if t.samples {
		t.sample(row, at, e)
		return
	}
	t.post(row, at, e)
}

// cell is the text of a role's column, without blanks around it; "" where there is none.
func (t *table) cell(row *frame.Row, r role) string {
	if i := t.columns[r]; i >= 0 {
		return strings.TrimSpace(string(row.Cells[i]))
	}
	return ""
}

func (t *table) time(row *frame.Row) (at time.Time, reason, detail string) {
	s := t.cell(row, roleTime)
	if t.columns.has(roleClock) && s != "" {
		s += " " + t.cell(row, roleClock)
		if len(s) > 9 && wire.Digits(s[:8]) { // 20220601 16:07
			s = s[:4] + "-" + s[4:6] + "-" + s[6:]
		}
	}
	if s == "" {
		return time.Time{}, ReasonNoTime, ""
	}
	at, ok := t.clock.parse(s)
	if !ok {
		return time.Time{}, ReasonBadTime, wire.Shorten(s)
	}
	return at, "", ""
}

func (t *table) post(row *frame.Row, at time.Time, e *emitter) {
	p := reaction.Post{
		Source: t.source, At: at, ID: rowID(t.cell(row, roleID)), Text: string(row.Cells[t.columns[roleText]]),
		Lang: t.cell(row, roleLang), URL: t.cell(row, roleURL),
		Author: reaction.Author{ID: rowID(t.cell(row, roleAuthor)), Handle: strings.TrimPrefix(t.cell(row, roleHandle), "@")},
	}
	if p.Author.ID == "" && p.Author.Handle != "" { // a name is enough to tell people apart
		p.Author.ID = "@" + strings.ToLower(p.Author.Handle)
	}
	if t.columns.has(roleSource) {
		s, ok := platform(t.cell(row, roleSource))
		if !ok && e.source == "" {
			e.refuse(ReasonBadSource, wire.Shorten(t.cell(row, roleSource)))
			return
		}
		p.Source = s
	}
	if t.columns.has(roleReceived) {
		p.Received, _ = t.clock.parse(t.cell(row, roleReceived))
	}
	if p.Source == reaction.X {
		p.Text = wire.UnescapeX(p.Text)
	}
	p.Kind, p.Repeats = t.kind(row, &p)
	e.post(&p, at, false)
}

// kind reads what columns say of retweets, replies and quotes, and the old sign of a retweet.
func (t *table) kind(row *frame.Row, p *reaction.Post) (reaction.Kind, string) {
	switch strings.ToLower(t.cell(row, roleKind)) {
	case "retweet", "retweeted", "repost", "reposted", "reblog", "boost":
		return reaction.Repost, t.named(row, roleRepost)
	case "reply", "replied_to", "comment":
		return reaction.Reply, ""
	case "quote", "quoted", "quote_tweet":
		return reaction.Quote, t.named(row, roleQuote)
	}
	switch {
	case t.says(row, roleRepost), p.Source == reaction.X && strings.HasPrefix(p.Text, "RT @"):
		return reaction.Repost, t.named(row, roleRepost)
	case t.says(row, roleReply):
		return reaction.Reply, ""
	case t.says(row, roleQuote):
		return reaction.Quote, t.named(row, roleQuote)
	}
	return reaction.Original, ""
}

// says reports whether a column holds a yes or an id.
func (t *table) says(row *frame.Row, r role) bool {
	switch strings.ToLower(t.cell(row, r)) {
	case "true", "t", "yes", "y":
		return true
	case "1":
		return strings.HasPrefix(fold(t.header[t.columns[r]]), "is")
	}
	return t.named(row, r) != ""
}

// named is the id in a column that may hold one.
func (t *table) named(row *frame.Row, r role) string {
	id := rowID(t.cell(row, r))
	if !wire.Digits(id) {
		return ""
	}
	switch h := fold(t.header[t.columns[r]]); { // and not how often a post was passed on
	case strings.HasSuffix(h, "id"), strings.HasSuffix(h, "idstr"), h == "replyto":
		return id
	}
	return ""
}

func (t *table) sample(row *frame.Row, at time.Time, e *emitter) {
	s := health.Sample{Service: t.cell(row, roleService), At: at, Vantage: t.cell(row, roleVantage), Detail: t.cell(row, roleDetail)}
	var err error
	if s.State, err = health.ParseState(noNaN(t.cell(row, roleState))); err != nil {
		e.refuse(ReasonBadValue, wire.Shorten(err.Error()))
		return
	}
	for _, unit := range []struct {
		role role
		ms   float64
	}{{roleLatency, 1}, {roleSeconds, 1000}} {
		v := noNaN(t.cell(row, unit.role))
		if v == "" || s.LatencyMS != nil {
			continue
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			e.refuse(ReasonBadValue, wire.Shorten("latency "+v))
			return
		}
		f *= unit.ms
		s.LatencyMS = &f
	}
	if v := noNaN(t.cell(row, roleAudience)); v != "" {
		n, ok := wholeNumber(v)
		if !ok {
			e.refuse(ReasonBadValue, wire.Shorten("audience "+v))
			return
		}
		s.Audience = &n
	}
	e.sample(&s)
}
