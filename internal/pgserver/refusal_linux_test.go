package pgserver

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

func TestRefusesUnwritable(t *testing.T) {
	refused(t, Options{Dir: "/proc/outcry"}, "cannot be made")
	refused(t, Options{Dir: "/proc/self"}, "cannot be written to")
}

func TestRefusesFullDisk(t *testing.T) {
	dir := place(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=10m,mode=755"); err != nil {
		t.Skipf("cannot mount a small disk here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	err := refused(t, Options{Dir: dir}, "the disk is full")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v is not ENOSPC", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("more than the lock is left: %v, %v", entries, err)
	}
}
