package x

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"outcry/collectors"
	"outcry/collectors/wire"
)

// problem is what X says went wrong: with a request, a connection, or one part of either.
type problem struct {
	Title      string          `json:"title"`
	Detail     string          `json:"detail"`
	Type       string          `json:"type"`
	Reason     string          `json:"reason"`           // why a client may not do this
	Issue      string          `json:"connection_issue"` // TooManyConnections, RuleConfigurationIssue
	Disconnect string          `json:"disconnect_type"`
	Value      json.RawMessage `json:"value"` // what it is about: a rule, an id
	Resource   wire.LooseID    `json:"resource_id"`
	Details    []string        `json:"details"`
	Errors     json.RawMessage `json:"errors"`
}

// parse reads a problem, and the first of those it holds where it says nothing itself.
func parse(body []byte) (p problem) {
	if json.Unmarshal(body, &p) != nil {
		return problem{}
	}
	if parts := p.parts(); p.Title == "" && p.Issue == "" && len(parts) > 0 {
		parts[0].Errors = p.Errors
		return parts[0]
	}
	return p
}

// parts are the problems that an answer lists.
func (p *problem) parts() (list []problem) {
	if p.Errors != nil && json.Unmarshal(p.Errors, &list) != nil {
		return nil
	}
	return list
}

// kind is the last part of the problem's address: "resource-not-found".
func (p *problem) kind() string {
	if p.Type == "" {
		return ""
	}
	return path.Base(p.Type)
}

// about is the value that the problem is about.
func (p *problem) about() string {
	var s string
	if json.Unmarshal(p.Value, &s) == nil && s != "" {
		return s
	}
	return string(p.Resource)
}

// crowded reports whether X believes that the app has as many connections as it may.
func (p *problem) crowded() bool { return p.Issue == "TooManyConnections" }

// words are X's own on what is wrong, cut short and cleaned, in brackets.
func (p *problem) words() string {
	s := strings.Join(p.Details, " ")
	if s == "" {
		s = p.Detail
	}
	if s == "" {
		s = p.Title
	}
	if s = plain(s); s == "" {
		return ""
	}
	return " (" + s + ")"
}

// plain is a text of the other side as it may stand in a message to an operator.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, wire.Clean(s))
	return wire.Cut(strings.Join(strings.Fields(s), " "), 200)
}

func (ex *exchange) problem() *problem {
	if ex.status/100 == 2 {
		return &problem{}
	}
	p := parse(ex.body)
	return &p
}

// What people can do about it.
const (
	mendToken  = "make a bearer token for your app in X's developer console and put it in x_token_file, or in x_token"
	mendAccess = "give the app a project with pay per use, or more, in X's developer console"
	mendMoney  = "add credits, or raise the spending limit, in X's developer console"
	mendCrowd  = "X allows one connection an app, and something else uses it: give Outcry an app of its own"
)

// fault is why a request failed, by its answer where there was one.
func (ex *exchange) fault(err error, now time.Time) *collectors.Fault {
	switch {
	case errors.Is(err, errNoToken):
		return &collectors.Fault{Kind: collectors.Refused, Err: errors.New("there is no usable token for X"), Mend: mendToken}
	case ex.status == 0:
		if u, ok := errors.AsType[*url.Error](err); ok { // it names the whole address
			err = u.Err
		}
		return collectors.AsFault(err)
	case ex.status/100 == 2:
		return &collectors.Fault{Kind: collectors.Server, Err: errors.New("X's answer cannot be read")}
	}
	p := ex.problem()
	f := &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("X answers %d%s", ex.status, p.words())}
	switch ex.status {
	case http.StatusUnauthorized:
		f.Kind, f.Mend = collectors.Refused, mendToken
		f.Err = errors.New("X does not take the token: it is wrong, has expired or was revoked")
		if strings.Contains(strings.ToLower(p.Detail+p.Title), "expired") {
			f.Err = errors.New("X does not take the token: it has expired")
		}
	case http.StatusForbidden:
		f.Kind, f.Mend, f.Err = collectors.Refused, mendAccess, fmt.Errorf("the app may not do this at X%s", p.words())
		if p.kind() == "unsupported-authentication" {
			f.Mend = "use the app's bearer token, and not that of a person"
		}
	case http.StatusPaymentRequired:
		f.Kind, f.Mend, f.Err, f.RetryAt = collectors.Limited, mendMoney, errors.New("X asks for money before it goes on"), now.Add(window)
	case http.StatusTooManyRequests:
		f.Kind, f.Err, f.RetryAt = collectors.Limited, errors.New("X says that too much is asked of it"), reset(ex.header, now)
		switch {
		case p.crowded():
			*f = *crowded()
		case p.kind() == "usage-capped":
			f.Err, f.Mend = errors.New("X has given all the posts that the account may read"), mendMoney
		}
	}
	if ex.status/100 == 3 {
		f.Err, f.Mend = errors.New("X's address answers with another address, and a token is not sent on"), "set x_url to where X's API is"
	}
	return f
}

// errCrowded is what a fault wraps where X has too many connections of the app already.
var errCrowded = errors.New("X says that the app is connected already")

func crowded() *collectors.Fault { return &collectors.Fault{Kind: collectors.Server, Err: errCrowded} }

// reset is when X takes requests again, zero where it does not say so credibly.
func reset(h http.Header, now time.Time) time.Time {
	s, err := strconv.ParseInt(h.Get("x-rate-limit-reset"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	t := time.Unix(s, 0)
	if !t.After(now) || t.Sub(now) > 25*time.Hour {
		return time.Time{}
	}
	return t
}
