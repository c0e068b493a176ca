package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"outcry/internal/app"
	"outcry/web"
)

// browser finds a Chromium, as .ci/need does.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: run 'make test', which installs it, or set CHROMIUM to its path")
	return ""
}

var printedLink = regexp.MustCompile(`https?://\S+/sign-in#\S+`)

// A real browser, from the link that the first start prints to signing out: what it does is in
// web/test/e2e/run.mjs, which also takes the pictures of the gallery where OUTCRY_GALLERY names a folder.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for a minute or two")
	}
	if !web.Built() {
		t.Fatal("the dashboard is not built into this test: run 'make test'")
	}
	h, said := serving(t, dataDir(t))
	walk(t, "run.mjs", h, said)
}

// walk runs a script of web/test/e2e against a server that has just started and printed what it said.
func walk(t *testing.T, script string, h app.Holder, said string, env ...string) {
	t.Helper()
	chromium := browser(t)
	script, err := filepath.Abs(filepath.Join("..", "..", "web", "test", "e2e", script))
	if err != nil {
		t.Fatal(err)
	}
	link := printedLink.FindString(said)
	if link == "" {
		t.Fatalf("the start prints no link:\n%s", said)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "node", script)
	c.Env = append(append(os.Environ(), "OUTCRY_URL="+h.URL, "OUTCRY_LINK="+link, "CHROMIUM="+chromium), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
