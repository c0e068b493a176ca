package cli

import (
	"bytes"
	"compress/gzip"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"outcry/internal/testdb"
)

// Bad input always gets one clear sentence, the right exit code, and leaves nothing half-done.
func TestMistakesAreToldInOneSentence(t *testing.T) {
	dir := dataDir(t)
	event := eventFile(t, drillInto)
	must(t, "event", "apply", "-f", event, "--data", dir)
	posts := "id,created_at,text\n" + strings.Repeat("1,2024-01-01T00:00:00Z,the stream is down\n", 2000)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(posts)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	replay := func(file string) []string { return []string{"replay", file, "--event", "replayed", "--data", dir} }
	inTheWay := write(t, "file", "x")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no archive":               {replay(write(t, "a.bin", "\x89PNG\r\n\x1a\n\x00\x00")), exitFailed, "a.bin"},
		"no columns":               {replay(write(t, "b.csv", "a,b\n1,2\n")), exitFailed, "b.csv"},
		"a truncated gzip":         {replay(write(t, "c.csv.gz", packed.String()[:packed.Len()/2])), exitFailed, "c.csv.gz"},
		"a directory":              {replay(t.TempDir()), exitFailed, "directory"},
		"a missing file":           {replay(filepath.Join(dir, "none.csv")), exitFailed, "none.csv"},
		"a post of the year 2099":  {replay(write(t, "d.csv", "id,created_at,text\n1,2099-01-01T00:00:00Z,the stream is down\n")), exitFailed, "future_time"},
		"no such event":            {[]string{"replay", event, "--event", "nothing", "--data", dir}, exitFailed, `there is no event "nothing"`},
		"no event named":           {[]string{"replay", event, "--data", dir}, exitUsage, "--event"},
		"an unknown flag":          {[]string{"serve", "--fast"}, exitUsage, "--fast"},
		"an unknown command":       {[]string{"listen"}, exitUsage, "listen"},
		"an unknown speed":         {[]string{"replay", event, "--event", "replayed", "--speed", "fast"}, exitUsage, "--speed"},
		"an unknown scenario":      {[]string{"drill", "storm"}, exitUsage, "storm"},
		"a file as data directory": {[]string{"event", "list", "--data", inTheWay}, exitFailed, inTheWay},
		"an address far away":      {[]string{"serve", "--listen", "0.0.0.0:0", "--data", dir}, exitFailed, "other machines"},
		"a port in use":            {[]string{"serve", "--listen", taken.Addr().String(), "--data", dataDir(t)}, exitFailed, "address already in use"},
		"a server that is not":     {[]string{"event", "list", "--server", "127.0.0.1"}, exitUsage, "--server"},
	} {
		t.Run(name, func(t *testing.T) {
			r := outcry(t, c.args...)
			complaint := lastLine(strings.TrimSuffix(r.err, "Try 'outcry --help'.\n"))
			if r.code != c.code || !strings.Contains(complaint, c.want) || !strings.HasPrefix(complaint, "outcry: ") {
				t.Errorf("exit %d, %s\nwant exit %d and a sentence with %q", r.code, r.err, c.code, c.want)
			}
		})
	}
	if f := figures(t, dir, "replayed"); strings.Contains(f, `"value": 1`) || !strings.Contains(f, `"coverage": []`) {
		t.Error("a refused archive left something behind")
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func TestASecondServerOnTheSameDirectory(t *testing.T) {
	dir := dataDir(t)
	var out lockedBuffer
	child(t, &out, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	holder := await(t, dir, &out)
	r := outcry(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if r.code != exitFailed || !strings.Contains(r.err, "in use") || !strings.Contains(r.err, holder.URL) {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
	if r := outcry(t, "event", "list", "--data", dir); r.code != exitDone {
		t.Errorf("a command beside the server: exit %d, %s", r.code, r.err)
	}
}

func TestADatabaseOfANewerOutcry(t *testing.T) {
	url := testdb.New(t)
	testdb.Exec(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	t.Setenv("OUTCRY_DATABASE_URL", url)
	r := outcry(t, "event", "list", "--data", dataDir(t))
	if r.code != exitFailed || !strings.Contains(r.err, "newer than") || strings.Contains(r.err, url) {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
}

func TestAWrongDatabaseURLNeverPrintsItsPassword(t *testing.T) {
	for _, url := range []string{"postgres://me:hunter2@127.0.0.1:1/none", "postgres://me:hunter2@127.0.0.1:port/none"} {
		t.Setenv("OUTCRY_DATABASE_URL", url)
		r := outcry(t, "event", "list", "--data", dataDir(t))
		if r.code != exitFailed || strings.Contains(r.err, "hunter2") || !strings.Contains(r.err, "database") {
			t.Errorf("exit %d, %s", r.code, r.err)
		}
	}
}

func TestConfigurationTellsAllItsMistakesTogether(t *testing.T) {
	file := write(t, "outcry.yaml", "listen: 8.8.8.8:80\ngrace: soon\nfoo: 1\n")
	r := outcry(t, "event", "list", "--config", file, "--data", dataDir(t))
	for _, want := range []string{"outcry.yaml:1", "outcry.yaml:2", "outcry.yaml:3"} {
		if r.code != exitFailed || !strings.Contains(r.err, want) {
			t.Errorf("exit %d, without %s: %s", r.code, want, r.err)
		}
	}
}

func TestTagPrintsOneObjectALine(t *testing.T) {
	var out, errOut bytes.Buffer
	in := strings.NewReader("no audio on the stream #DeSaster\n\n{\"source\":\"x\",\"text\":\"소리가 안 들려요\"}\n")
	if code := Run(t.Context(), []string{"tag"}, in, &out, &errOut); code != exitDone {
		t.Fatalf("exit %d: %s", code, errOut.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	for i, want := range []string{`"key":"desaster"`, `"lang":"ko"`} {
		if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], `"symptoms":["audio"]`) || !strings.Contains(lines[i], `"is_complaint":true`) {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}
