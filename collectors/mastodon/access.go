package mastodon

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"outcry/collectors"
)

// streamError is why a stream cannot be opened.
type streamError struct {
	stream stream
	err    error
}

func (e *streamError) Error() string { return e.err.Error() }
func (e *streamError) Unwrap() error { return e.err }

// over reports whether server-sent events are to be asked for.
func (s *Server) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overSSE
}

// otherwise reports whether there is another way to hear the server than the one that failed, and
// takes note of it: server-sent events in place of a WebSocket, or hashtags without the public
// stream.
func (s *Server) otherwise(err error, overSSE bool, streams []stream) bool {
	failed, ok := errors.AsType[*streamError](err)
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, errUnsupported) && failed.stream == streams[0] {
		s.overSSE = !overSSE
		return !overSSE // where neither is served the next try begins anew
	}
	if r, ok := errors.AsType[*refusalError](err); ok && r.refusal == noEntry || errors.Is(err, errUnsupported) {
		if failed.stream == public && slices.ContainsFunc(streams, func(st stream) bool { return st != public }) {
			s.noPublic = time.Now().Add(noAccess)
			return true
		}
	}
	return false
}

// refusedStream is what it means that a server refuses a subscription of a WebSocket. It does not
// say which; where the public stream is one of several it is that one, since no server is known
// that refuses hashtags.
func (s *Server) refusedStream(status int, says []byte) error {
	f := &collectors.Fault{Kind: collectors.Server, Err: fmt.Errorf("%s refuses a stream", s.base.Host)}
	if status >= 400 {
		f = s.answerFault(status, http.Header{}, says, time.Now())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := errors.AsType[*refusalError](f.Err); (!ok || r.refusal == noEntry) && s.marks[public] != nil && len(s.marks) > 1 {
		s.noPublic = time.Now().Add(noAccess)
		return &collectors.Fault{Kind: collectors.Network, Err: f.Err} // again, without it
	}
	return f
}

const mendNoToken = "sign in on that server, make a token with the scope read under Preferences, Development, and give it in mastodon_tokens_file or OUTCRY_MASTODON_TOKENS"

func noToken(host string) error {
	return fmt.Errorf("there is no token for %s, and streams need one", host)
}

func notServed(host string) error {
	return fmt.Errorf("no stream of %s serves the events: its public stream is closed, and no hashtag finds them", host)
}

// tooLarge is why a message that is longer than maxEvent is refused.
const tooLarge = "too_large"
