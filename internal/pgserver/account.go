package pgserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// program runs the binaries of one PostgreSQL as one user.
type program struct {
	binaries
	// cred is who runs them; nil means whoever we are.
	cred *syscall.Credential
}

// account tells who has to run a server on the data directory. PostgreSQL refuses to run as root,
// so root hands it to the owner of the data or, before there is any, to the user postgres.
func account(data string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(data); err == nil {
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 {
			return &syscall.Credential{Uid: st.Uid, Gid: st.Gid}, nil
		}
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root and this machine has no user postgres to run it: "+
			"make one (useradd --system postgres), or start outcry as another user: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// command prepares one of the binaries. The environment is fixed: PGDATA, PGPORT and their like
// would change what the server does, and other locales what it says.
func (p program) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, filepath.Join(p.dir, name), args...)
	c.Dir = "/"
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred, Setpgid: true}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	return c
}

// own gives a file to the user who runs the server.
func (p program) own(path string) error {
	if p.cred == nil {
		return nil
	}
	return os.Chown(path, int(p.cred.Uid), int(p.cred.Gid))
}

// uid is the user id under which the server runs.
func (p program) uid() uint32 {
	if p.cred == nil {
		return uint32(os.Geteuid())
	}
	return p.cred.Uid
}

// user names who runs the server.
func (p program) user() string {
	id := strconv.FormatUint(uint64(p.uid()), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// reach checks that the user who runs the server may run its programs and enter dir. It tries
// rather than reads modes, since access lists and mounts have their say too.
func (p program) reach(ctx context.Context, dir string) error {
	if p.cred == nil {
		return nil
	}
	if err := p.enter(ctx, "/"); err != nil {
		return fmt.Errorf("the user %s, who has to run PostgreSQL, cannot run the programs in %s: %w", p.user(), p.dir, err)
	}
	if p.enter(ctx, dir) == nil {
		return nil
	}
	for _, parent := range parents(dir) {
		if p.enter(ctx, parent) != nil {
			return fmt.Errorf("the user %s, who has to run PostgreSQL, cannot enter %s: choose a data directory elsewhere "+
				"(such as /var/lib/outcry), or let it through with chmod o+x %[2]s", p.user(), parent)
		}
	}
	return nil // mended meanwhile
}

// enter runs a short program whose working directory is dir.
func (p program) enter(ctx context.Context, dir string) error {
	c := p.command(ctx, "postgres", "--version")
	c.Dir = dir
	return c.Run()
}

// parents lists an absolute path and everything above it, from the root downwards.
func parents(path string) []string {
	if up := filepath.Dir(path); up != path {
		return append(parents(up), path)
	}
	return []string{path}
}
