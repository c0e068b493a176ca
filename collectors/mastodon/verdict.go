package mastodon

import (
	"context"
	"errors"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
)

// Verdict is what a check of a server's token found, in words for the operator.
type Verdict struct {
	OK   bool
	Text string // what was found, as one sentence
	Mend string // what to do; "" where nothing is needed
}

func (v Verdict) String() string {
	if v.Mend == "" {
		return v.Text
	}
	return v.Text + ": " + v.Mend
}

const checkTimeout = 20 * time.Second

// Check asks the server whether it is there and takes the token, by two cheap calls: whose the
// token is, and the newest public post. Neither the token nor words of the server are in the
// verdict.
func (s *Server) Check(ctx context.Context) Verdict {
	if s.token() == "" {
		return Verdict{Text: noToken(s.base.Host).Error(), Mend: mendNoToken}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var account struct{}
	err := s.get(ctx, "/api/v1/accounts/verify_credentials", true, &account)
	if r, _ := errors.AsType[*refusalError](err); r != nil && r.refusal == noScope {
		err = nil // a token that may not read its account may still read posts
	}
	if err == nil {
		_, err = s.page(ctx, public, gomastodon.Pagination{Limit: 1})
	}
	if r, _ := errors.AsType[*refusalError](err); r != nil && r.refusal == noEntry {
		return Verdict{OK: true, Text: s.base.Host + " takes the token, and keeps its public stream closed: only hashtags are heard there"}
	}
	if err == nil {
		return Verdict{OK: true, Text: s.base.Host + " takes the token"}
	}
	f := collectors.AsFault(err)
	v := Verdict{Text: f.Err.Error(), Mend: f.Mend}
	switch {
	case v.Mend != "":
	case errors.Is(f, errUnsupported):
		v.Mend = "see that the host in mastodon_servers is a Mastodon server or one of its kin"
	case f.Kind == collectors.Limited:
		v.Mend = "wait until " + f.RetryAt.UTC().Format("15:04 UTC")
	default:
		v.Mend = "see that the host is spelt right and its pages open; if so, wait"
	}
	return v
}
