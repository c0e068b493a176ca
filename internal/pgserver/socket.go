package pgserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxSocketPath is the longest path of a Unix socket, in bytes, that every system takes: 107 on
// Linux, 103 on macOS and the BSDs.
const maxSocketPath = 103

// socketName is what PostgreSQL calls its socket; the number is the port, which has no other use.
const socketName = ".s.PGSQL.5432"

// socketDir makes the private directory of the socket. The path follows from the data directory
// alone, so that it is the same after a restart: inside it or, where that would be too long for a
// socket, in a directory for short-lived files.
func socketDir(ctx context.Context, p program, dir string) (string, error) {
	short := fmt.Sprintf("outcry-%x", sha256.Sum256([]byte(dir)))[:19]
	places := []string{filepath.Join(dir, "socket")}
	for _, parent := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		if filepath.IsAbs(parent) {
			places = append(places, filepath.Join(parent, short))
		}
	}
	err := errors.New("every path is too long or has a comma")
	for _, place := range places {
		if len(filepath.Join(place, socketName)) > maxSocketPath || strings.Contains(place, ",") {
			continue // a comma separates hosts
		}
		if err = private(p, place); err != nil {
			continue
		}
		if err = p.reach(ctx, place); err == nil {
			return place, nil
		}
	}
	return "", fmt.Errorf("there is no place for the socket of PostgreSQL: %w", err)
}

// private makes a directory that only the user who runs the server (and root) can enter. What is
// there already must be just that: in a shared place somebody else may have been faster.
func private(p program, dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.IsDir() || info.Mode().Perm() != 0o700 || owner != p.uid() && owner != uint32(os.Geteuid()) {
		return fmt.Errorf("%s is not a private directory of the user %s", dir, p.user())
	}
	return p.own(dir)
}
