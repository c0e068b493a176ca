package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestSite(t *testing.T) {
	empty := fstest.MapFS{".keep": {}}
	fontsOnly := fstest.MapFS{".keep": {}, "fonts/Pretendard-Regular.otf": {Data: []byte("x")}}
	folder := fstest.MapFS{"index.html/x": {Data: []byte("x")}}
	full := fstest.MapFS{".keep": {}, "index.html": {Data: []byte("built")}}
	fallback := fstest.MapFS{"index.html": {Data: []byte("placeholder")}}
	for _, tc := range []struct {
		name  string
		dist  fs.FS
		built bool
		want  string
	}{
		{"nothing built", empty, false, "placeholder"},
		{"fonts only", fontsOnly, false, "placeholder"},
		{"a folder of that name", folder, false, "placeholder"},
		{"built", full, true, "built"},
	} {
		if got := built(tc.dist); got != tc.built {
			t.Errorf("%s: built %v, want %v", tc.name, got, tc.built)
		}
		got, err := fs.ReadFile(site(tc.dist, fallback), "index.html")
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: the page is %q, error %v; want %q", tc.name, got, err, tc.want)
		}
	}
}

func TestPlaceholderSaysHowToBuild(t *testing.T) {
	page, err := fs.ReadFile(folder(placeholder, "placeholder"), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "make web") {
		t.Error("the placeholder does not name the command")
	}
}

// A binary must never lack its dist folder, built or not.
func TestEmbedded(t *testing.T) {
	if _, err := fs.Stat(Dist(), ".keep"); err != nil {
		t.Errorf("dist: %v", err)
	}
	if _, err := fs.Stat(Site(), "index.html"); err != nil {
		t.Errorf("site: %v", err)
	}
	if !Built() {
		t.Skip("the pages are not built: run make web")
	}
	for _, name := range []string{
		"theme.js", "icon.svg", "assets/index-*.js", "assets/index-*.css", "assets/event-*.js",
		"fonts/Pretendard-Regular.otf", "fonts/Pretendard-SemiBold.otf", "fonts/Pretendard-Regular.woff2", "fonts/OFL.txt",
	} {
		if found, err := fs.Glob(Dist(), name); err != nil || len(found) == 0 {
			t.Errorf("built without %s: %v", name, err)
		}
	}
}

// The server's content security policy allows neither inline scripts nor inline styles, nor
// anything from elsewhere.
func TestPagesObeyStrictPolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:[^>]*)>[^<]|javascript:|(?:src|href)="(?:https?:)?//`)
	for _, pages := range []fs.FS{folder(placeholder, "placeholder"), Site()} {
		page, err := fs.ReadFile(pages, "index.html")
		if err != nil {
			t.Fatal(err)
		}
		if m := inline.FindString(string(page)); m != "" {
			t.Errorf("index.html has %q", m)
		}
	}
}
