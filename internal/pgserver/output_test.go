package pgserver

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	var j journal
	o := &output{log: j.log()}
	o.Write([]byte("LOG:  one\nFATAL:  tw"))
	o.Write([]byte("o\n\nPANIC:  three\nno end"))
	err := o.explain("postgres", errors.New("exit status 1"))
	if want := "postgres: exit status 1: LOG:  one; FATAL:  two; PANIC:  three; no end"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	for _, want := range []string{`level=DEBUG msg="postgres: LOG:  one"`, `level=WARN msg="postgres: FATAL:  two"`, `level=ERROR msg="postgres: PANIC:  three"`} {
		if !strings.Contains(j.String(), want) {
			t.Errorf("log lacks %s:\n%s", want, j.String())
		}
	}
	o.reset()
	if err := o.explain("postgres", errors.New("exit status 1")); err.Error() != "postgres: exit status 1" {
		t.Errorf("after reset: %v", err)
	}
}

func TestOutputIsBounded(t *testing.T) {
	var j journal
	o := &output{log: j.log()}
	for range 1000 {
		o.Write([]byte(strings.Repeat("x", 100)))
	}
	for range 1000 {
		o.Write([]byte("\nline"))
	}
	if n := len(o.explain("postgres", errors.New("end")).Error()); n > keptLines*maxLine {
		t.Errorf("keeps %d bytes", n)
	}
	if len(o.rest) > maxLine {
		t.Errorf("holds back %d bytes", len(o.rest))
	}
}

func TestSeverity(t *testing.T) {
	for line, want := range map[string]slog.Level{
		"LOG:  database system is ready to accept connections":             slog.LevelDebug,
		"ERROR:  duplicate key value":                                      slog.LevelDebug,
		"FATAL:  terminating connection due to administrator command":      slog.LevelDebug,
		"FATAL:  the database system is starting up":                       slog.LevelDebug,
		"FATAL:  terminating connection due to unexpected postmaster exit": slog.LevelWarn,
		"WARNING:  page verification failed":                               slog.LevelWarn,
		"PANIC:  could not write to log file":                              slog.LevelError,
	} {
		if got := severity(line); got != want {
			t.Errorf("%s is ranked %s, want %s", line, got, want)
		}
	}
}
