package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Oldest is the oldest major version of PostgreSQL that Outcry runs on.
const Oldest = 15

// ErrNotInstalled says that no usable PostgreSQL is on this machine, and what to install.
var ErrNotInstalled = fmt.Errorf("no PostgreSQL %d or newer was found: install one "+
	"(Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17), "+
	"or set database_url to a server of your own", Oldest)

// binaries is a folder that holds initdb and postgres of one major version.
type binaries struct {
	dir     string
	version int
}

// Find returns the folder with the programs initdb and postgres, and their major version: of
// binDir if it is given, else the newest in $PATH and where packages put them. The error is
// [ErrNotInstalled] if there is none.
func Find(binDir string) (dir string, version int, err error) {
	b, err := find(binDir, 0)
	return b.dir, b.version, err
}

// find returns the binaries of major version want, or the newest if want is 0.
func find(binDir string, want int) (binaries, error) {
	found := installed(binDir)
	slices.SortStableFunc(found, func(a, b binaries) int { return b.version - a.version })
	for _, b := range found {
		if b.version == want || want == 0 && b.version >= Oldest {
			return b, nil
		}
	}
	if want != 0 && len(found) > 0 {
		return binaries{}, fmt.Errorf("it was written by PostgreSQL %d and this machine has %s: "+
			"install PostgreSQL %[1]d (Debian, Ubuntu: apt-get install postgresql-%[1]d), "+
			"or carry the data over with pg_upgrade", want, versions(found))
	}
	if binDir != "" {
		return binaries{}, fmt.Errorf("%s does not hold initdb and postgres of version %d or newer: %w", binDir, Oldest, ErrNotInstalled)
	}
	return binaries{}, ErrNotInstalled
}

// installed lists the PostgreSQL binaries of binDir or, if that is empty, of this machine.
func installed(binDir string) []binaries {
	var dirs []string
	if binDir != "" {
		if dir, err := filepath.Abs(binDir); err == nil {
			dirs = []string{dir}
		}
	} else {
		dirs = filepath.SplitList(os.Getenv("PATH"))
		for _, pattern := range []string{
			"/usr/lib/postgresql/*/bin", // Debian and Ubuntu
			"/usr/pgsql-*/bin",          // Red Hat
			"/opt/homebrew/opt/postgresql@*/bin",
			"/usr/local/opt/postgresql@*/bin",
		} {
			m, _ := filepath.Glob(pattern) // fails on a bad pattern only
			dirs = append(dirs, m...)
		}
	}
	var found []binaries
	for i, dir := range dirs {
		if !filepath.IsAbs(dir) || slices.Contains(dirs[:i], dir) {
			continue
		}
		if v, err := majorVersion(dir); err == nil {
			found = append(found, binaries{dir, v})
		}
	}
	return found
}

var versionText = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorVersion asks the postgres in dir which version it is.
func majorVersion(dir string) (int, error) {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, err
	}
	m := versionText.FindSubmatch(out)
	if m == nil {
		return 0, errors.New("postgres tells no version")
	}
	return strconv.Atoi(string(m[1]))
}

// versions joins the versions of found, newest first.
func versions(found []binaries) string {
	var s []string
	for _, b := range found {
		s = append(s, strconv.Itoa(b.version))
	}
	return strings.Join(slices.Compact(s), ", ")
}
