package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"outcry/internal/app"
	"outcry/internal/trend"
)

// childEnv makes the test binary be the program itself, so that tests can kill it.
const childEnv = "CLI_TEST_IS_OUTCRY"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Setenv("OUTCRY_SOURCES", "none") // tests reach nothing outside this machine
	os.Exit(m.Run())
}

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

// outcry runs a command line in this process.
func outcry(t *testing.T, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Run(t.Context(), args, strings.NewReader(""), &out, &errOut)
	return result{code, out.String(), errOut.String()}
}

// must runs a command line that has to succeed, and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := outcry(t, args...)
	if r.code != exitDone {
		t.Fatalf("outcry %s: exit %d\n%s", strings.Join(args, " "), r.code, r.err)
	}
	return r.out
}

// child starts a command line in a process of its own.
func child(t *testing.T, out io.Writer, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), childEnv+"=1")
	c.Stdout, c.Stderr = out, out
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.ProcessState == nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	})
	return c
}

// dataDir is a new data directory that the database's own user can reach.
func dataDir(t *testing.T) string {
	t.Helper()
	// Not t.TempDir, whose parent is closed to others.
	dir, err := os.MkdirTemp("", "outcry-cli-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

// eventFile writes an event's file and returns its path.
func eventFile(t *testing.T, text string) string {
	t.Helper()
	return write(t, "event.yaml", text)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// figures is everything that can be asked of an event's figures, as text: equal texts are equal
// figures.
func figures(t *testing.T, dir, slug string) string {
	t.Helper()
	c, err := app.LoadConfig(app.ConfigSources{Flags: map[string]string{"data": dir}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := app.Open(t.Context(), *c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	e, err := n.Store.Event(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	from, to, _, err := n.Store.Window(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	q := trend.Query{Event: e, Step: 10 * time.Second, Series: []trend.Name{trend.Posts, trend.Complaints, trend.FirstHand, trend.Recovery,
		trend.Reposts, trend.ComplaintShare, "symptom:audio", "tag:desaster", trend.Health, trend.Latency, trend.Audience}}
	q.From, q.To = trend.Grid(from, to, q.Step)
	fine, err := n.Store.Trend(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	q.Step, q.Series = time.Minute, []trend.Name{trend.Authors}
	q.From, q.To = trend.Grid(from, to, q.Step)
	people, err := n.Store.Trend(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	tags, err := n.Store.Tags(t.Context(), trend.TagsQuery{Event: e, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	// The estimate of people hangs on the event's own random key, and may differ by a person or two
	// between two directories: only where it is known is compared.
	one, some := int64(1), 1.0
	for i := range tags {
		if tags[i].Authors != nil {
			tags[i].Authors = &one
		}
	}
	for i, p := range people.Series[0].Points {
		if p.Value != nil && *p.Value > 0 {
			people.Series[0].Points[i].Value = &some
		}
		if p.AtLeast != nil {
			people.Series[0].Points[i].AtLeast = &some
		}
	}
	spans, err := n.Store.Coverage(t.Context(), e, from, to)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(map[string]any{"fine": fine, "people": people, "tags": tags, "coverage": spans}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// same compares two sets of figures and shows where they part.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s: figures differ at line %d:\n got %s\nwant %s", what, i, g[i], strings.Join(w[min(i, len(w)-1):min(i+1, len(w))], ""))
		}
	}
	t.Fatalf("%s: figures differ in length: %d and %d lines", what, len(g), len(w))
}

// sleep waits between two looks at something that takes its time elsewhere.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
