package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrInUse means that another process has the data directory.
var ErrInUse = errors.New("data directory in use")

// Holder says who has a data directory, and where to reach it.
type Holder struct {
	PID     int       `json:"pid"`
	URL     string    `json:"url,omitempty"` // of its API; "" where it serves none
	Started time.Time `json:"started"`
	// Key opens its API to whoever can read the lock: the file is closed to all but its owner, and
	// the key ends with the process.
	Key string `json:"key,omitempty"`
	// Cert is the SHA-256 of the certificate it serves TLS with, in hexadecimal. Commands on this
	// machine come by a name that the certificate does not have.
	Cert string `json:"cert,omitempty"`
}

// dirLock holds a data directory for one process. The lock is the kernel's, on an open file, so
// that it goes when the process goes, however it ends; the file's text tells others who holds it.
type dirLock struct{ file *os.File }

// lockName is the file in the data directory that the lock is on.
const lockName = "lock"

// lockDir makes the data directory where it is missing and takes it. It fails with ErrInUse while
// another process has it.
func lockDir(dir string) (*dirLock, error) {
	// 0711 lets the database's own user through to its part; what lies inside is closed to others.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	// It holds a key: whoever else could open it is kept out, or nothing starts.
	if err := f.Chmod(0o600); err != nil {
		defer f.Close()
		return nil, fmt.Errorf("data directory %s: its lock belongs to somebody else: %w", dir, err)
	}
	if err := takeLock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data directory %s: lock: %w", dir, err)
		}
		who := "another process"
		if h, err := readHolder(f); err == nil && h.PID > 0 {
			who = fmt.Sprintf("process %d", h.PID)
			if h.URL != "" {
				who += ", which serves " + h.URL
			}
		}
		return nil, fmt.Errorf("%w: %s has %s; stop it, or name another directory with --data", ErrInUse, who, dir)
	}
	return &dirLock{f}, nil
}

// takeLock tries for a moment: FindHolder in another process may hold the lock for an instant.
func takeLock(f *os.File) (err error) {
	for range 10 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// tell writes who holds the lock.
func (l *dirLock) tell(h Holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if _, err := l.file.WriteAt(append(b, '\n'), 0); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

func (l *dirLock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

func readHolder(f *os.File) (h Holder, err error) {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(b, &h)
}

// FindHolder tells who has a data directory now; ok is false if nobody has.
func FindHolder(dir string) (h Holder, ok bool, err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("data directory: %w", err)
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	switch {
	case err == nil: // nobody; closing the file lets go again
		return h, false, nil
	case !errors.Is(err, syscall.EWOULDBLOCK):
		return h, false, fmt.Errorf("data directory %s: lock: %w", dir, err)
	}
	h, err = readHolder(f)
	if err != nil {
		return h, true, nil // held, and its holder has not said yet who it is
	}
	return h, true, nil
}
