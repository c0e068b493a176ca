//go:build !linux

package pgserver

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent has nothing to ask for on this system: a server whose parent was killed goes on
// until the next Start on its directory ends it.
func dieWithParent(*syscall.SysProcAttr) {}

// commandLine returns the program of a process, then its whole command line: none if it has ended.
func commandLine(pid int) ([]string, error) {
	var args []string
	for _, column := range []string{"comm=", "command="} {
		out, err := exec.Command("ps", "-ww", "-o", column, "-p", strconv.Itoa(pid)).Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		args = append(args, strings.TrimSpace(string(out)))
	}
	return args, nil
}
