package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
)

// keptLines is how many lines of output are kept to explain a failure.
const keptLines = 6

// maxLine bounds a line that does not end, in bytes.
const maxLine = 8 << 10

// output takes what PostgreSQL writes: each line goes to the log and the last ones are kept.
type output struct {
	log *slog.Logger

	mu   sync.Mutex
	rest []byte // a line that has not ended
	last []string
}

// Write takes a piece of output. It never fails, as that would take away the child's voice.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, ended := bytes.Cut(o.rest, []byte("\n"))
		if !ended && len(line) < maxLine {
			return len(p), nil
		}
		o.rest = bytes.Clone(rest)
		o.take(strings.TrimSpace(string(line)))
	}
}

func (o *output) take(line string) {
	if line == "" {
		return
	}
	o.log.Log(context.Background(), severity(line), "postgres: "+line)
	o.last = append(o.last, line)
	if len(o.last) > keptLines {
		o.last = o.last[1:]
	}
}

// severity ranks a line. An ERROR is the answer to a statement: whoever sent it knows already, as
// does whoever is turned away while the server starts or stops.
func severity(line string) slog.Level {
	word, text, _ := strings.Cut(line, ":")
	switch text = strings.TrimSpace(text); {
	case word == "PANIC":
		return slog.LevelError
	case word == "FATAL" && (text == "terminating connection due to administrator command" || strings.HasPrefix(text, "the database system is ")):
		return slog.LevelDebug
	case word == "FATAL", word == "WARNING":
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// reset forgets the output of an earlier program.
func (o *output) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest, o.last = nil, nil
}

// explain joins what a program said last to the error with which it ended.
func (o *output) explain(what string, err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	said := strings.Join(append(o.last, strings.TrimSpace(string(o.rest))), "; ")
	said = strings.Trim(said, "; ")
	if strings.Contains(said, syscall.ENOSPC.Error()) || strings.Contains(said, "No space left on device") {
		return fmt.Errorf("%s: the disk is full: free some space, or choose a data directory on another disk: %w", what, syscall.ENOSPC)
	}
	if said == "" {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %s", what, err, said)
}
