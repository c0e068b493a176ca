package pgserver

import (
	"errors"
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
