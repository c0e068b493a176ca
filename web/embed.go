// Package web holds the pages of Outcry and the fonts that charts are set in, as files inside the
// binary. They are written to dist by `make web`; a binary built without them serves one page
// that says so.
package web

import (
	"embed"
	"fmt"
	"io/fs"
)

// dist always has its .keep, so that the package compiles before the pages are built.
//
//go:embed all:dist
var dist embed.FS

//go:embed placeholder
var placeholder embed.FS

// index is the page without which nothing counts as built.
const index = "index.html"

// Dist is what `make web` built: index.html and what belongs to it, and the fonts under fonts/.
// It has none of these where nothing was built.
func Dist() fs.FS { return folder(dist, "dist") }

// Built reports whether the pages were built into this binary.
func Built() bool { return built(Dist()) }

// Site is what is to be served: Dist where it was built, else one page that says how to build it.
func Site() fs.FS { return site(Dist(), folder(placeholder, "placeholder")) }

func built(dist fs.FS) bool {
	info, err := fs.Stat(dist, index)
	return err == nil && info.Mode().IsRegular()
}

func site(dist, placeholder fs.FS) fs.FS {
	if built(dist) {
		return dist
	}
	return placeholder
}

// folder is a folder of an embedded file system. The names are fixed above, so that a failure is
// a mistake in this file.
func folder(f embed.FS, name string) fs.FS {
	sub, err := fs.Sub(f, name)
	if err != nil {
		panic(fmt.Sprintf("web: %v", err))
	}
	return sub
}
