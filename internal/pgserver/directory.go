package pgserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse says that another process has the data directory.
var ErrInUse = errors.New("it is in use by another process")

// claim makes the directory if need be, and locks it for this process. The lock goes with the
// process, however it ends, or with closing the file.
func claim(dir string) (*os.File, error) {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // see letThrough
	}
	if err := os.MkdirAll(dir, mode); errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("there is a file in its place: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("it cannot be made: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("it cannot be written to: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	if err == nil && os.Geteuid() == 0 {
		err = letThrough(dir)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// letThrough allows others to pass through dir, where root keeps what belongs to the user who runs
// the server. Nothing in it can be listed or read by them.
func letThrough(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011)
}

// syncDir makes a change of names in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
