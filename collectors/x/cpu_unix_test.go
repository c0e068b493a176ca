//go:build unix

package x

import (
	"syscall"
	"testing"
	"time"
)

// cpu is the processor time that the process has taken.
func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Skipf("the processor time is not known: %v", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
