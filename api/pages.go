package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// page is one file of the start page.
type page struct {
	name  string
	kind  string
	cache string
	etag  string
	body  []byte
	// packed is the body in gzip, made when it is first asked for; nil where that gains nothing.
	packed func() []byte
}

// pagePolicy lets the start page load what this server serves, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// kinds are the media types of the files a page is made of. The machine's own table would make
// answers depend on where the server runs.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": typeSVG, ".png": typePNG, ".ico": "image/x-icon", ".webp": "image/webp", ".woff2": "font/woff2",
	".json": typeJSON, ".map": typeJSON, ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

// routes are the addresses of the dashboard's own pages, which are all the start page: it looks at
// the address itself. What is not among them is not there, and says so.
var routes = regexp.MustCompile(`^/(?:sign-in|new|play|keys|people|audit|events/[a-z0-9-]{1,64}(?:/edit)?)$`)

// pageAt is the file to be served at a path.
func (s *server) pageAt(path string) (page, bool) {
	if p, ok := s.pages[path]; ok {
		return p, true
	}
	switch {
	case path == "/docs":
		path = "/docs/index.html"
	case routes.MatchString(path):
		path = "/"
	}
	p, ok := s.pages[path]
	return p, ok
}

// loadPages reads every file of the start page. Dot files stay out.
func loadPages(files fs.FS) (map[string]page, error) {
	pages := map[string]page{}
	if files == nil {
		return pages, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		p := page{name: name, kind: kinds[path.Ext(name)], cache: "no-cache", etag: etag(body), body: body}
		if p.kind == "" {
			p.kind = "application/octet-stream"
		}
		if strings.HasPrefix(name, "assets/") {
			p.cache = "public, max-age=31536000, immutable"
		}
		if packs[path.Ext(name)] && len(body) >= packLeast {
			p.packed = sync.OnceValue(func() []byte { return pack(body) })
		}
		pages["/"+name] = p
		if name == "index.html" {
			pages["/"] = p
		}
		return nil
	})
	return pages, err
}

// navigates reports whether a browser asks for a page on behalf of a person: programs, and scripts of
// pages, do not name text/html first.
func navigates(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.Header.Get("Accept"), "text/html") &&
		!strings.HasPrefix(r.URL.Path, "/v1/")
}

// serveMissing serves the start page as what stands in the place of a page that is not there: the
// dashboard says so in the reader's language, with a way back.
func (p *page) serveMissing(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	w.WriteHeader(http.StatusNotFound)
	if r.Method == http.MethodGet {
		_, _ = w.Write(p.body) // whoever is gone needs no page
	}
}

func (p *page) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", p.cache)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	body, tag := p.body, p.etag
	if p.packed != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body, tag = p.packed(), strings.TrimSuffix(tag, `"`)+`-gzip"`
		}
	}
	h.Set("ETag", tag)
	http.ServeContent(w, r, p.name, time.Time{}, bytes.NewReader(body))
}

// packs are the files that get smaller in gzip: images and fonts are packed already.
var packs = map[string]bool{".html": true, ".js": true, ".css": true, ".svg": true, ".json": true, ".map": true, ".webmanifest": true, ".txt": true}

// packLeast is the least size, in bytes, at which packing is worth its head.
const packLeast = 512

func pack(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if err := errors.Join(err, z.Close()); err != nil { // a buffer takes everything
		panic(err)
	}
	return b.Bytes()
}

// takesGzip reports whether a client says that it can unpack gzip.
func takesGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, more, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, weighed := strings.CutPrefix(strings.TrimSpace(more), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !weighed || err == nil && q > 0
	}
	return false
}
