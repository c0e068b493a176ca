package chart

import (
	"bytes"
	"errors"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// webFiles is where the built fonts are, if they are.
const webFiles = "../../web/dist"

// drawn lays out a sample at one PNG pixel a CSS pixel, to keep the golden files small.
func drawn(t *testing.T, s sample, fonts *Fonts) *Chart {
	t.Helper()
	o := s.opts
	o.Fonts, o.Scale = fonts, 1
	c, err := FromTrend(s.result, o)
	if err != nil {
		t.Fatalf("laying out %s: %v", s.name, err)
	}
	return c
}

func fallback(t testing.TB) *Fonts {
	t.Helper()
	f, err := LoadFonts(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pretendard loads the full fonts, or skips the test where the web files are not built.
func pretendard(t testing.TB) *Fonts {
	t.Helper()
	f, err := LoadFonts(os.DirFS(webFiles))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Complete() {
		t.Skip("the fonts are not built: run make web")
	}
	return f
}

func TestGolden(t *testing.T) {
	fonts := fallback(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) { golden(t, drawn(t, s, fonts), s.name) })
	}
}

// TestGoldenPretendard holds what people will really see.
func TestGoldenPretendard(t *testing.T) {
	fonts := pretendard(t)
	for _, s := range samples() {
		if slices.Contains([]string{"korean", "korean-words", "marks", "dark", "crowded"}, s.name) {
			t.Run(s.name, func(t *testing.T) { golden(t, drawn(t, s, fonts), s.name+"-pretendard") })
		}
	}
}

func golden(t *testing.T, c *Chart, name string) {
	t.Helper()
	var svg, pic bytes.Buffer
	if err := c.SVG(&svg); err != nil {
		t.Fatal(err)
	}
	if err := c.PNG(&pic); err != nil && !errors.Is(err, ErrFonts) {
		t.Fatal(err)
	}
	svgFile, pngFile := filepath.Join("testdata", name+".svg"), filepath.Join("testdata", name+".png")
	if *update {
		for file, b := range map[string][]byte{svgFile: svg.Bytes(), pngFile: pic.Bytes()} {
			if len(b) == 0 {
				continue // a language that these fonts have not got
			}
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	want, err := os.ReadFile(svgFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, svg.Bytes()) {
		t.Errorf("%s is not what is drawn now: look at both, and run with -update if the new one is better", svgFile)
	}
	if pic.Len() == 0 {
		return
	}
	if want, err = os.ReadFile(pngFile); err != nil {
		t.Fatal(err)
	}
	if n := differing(t, want, pic.Bytes()); n > 0 {
		t.Errorf("%d pixels of %s are not what is drawn now: look at both, and run with -update if the new one is better", n, pngFile)
	}
}

// differing counts the pixels of two pictures that differ by more than rounding on another
// processor can explain.
func differing(t *testing.T, a, b []byte) int {
	t.Helper()
	pa, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	pb, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if pa.Bounds() != pb.Bounds() {
		t.Fatalf("the pictures are %v and %v", pa.Bounds(), pb.Bounds())
	}
	n := 0
	for y := range pa.Bounds().Dy() {
		for x := range pa.Bounds().Dx() {
			if !alike(pa, pb, x, y) {
				n++
			}
		}
	}
	return n
}

func alike(a, b image.Image, x, y int) bool {
	const tolerance = 6 << 8
	r1, g1, b1, _ := a.At(x, y).RGBA()
	r2, g2, b2, _ := b.At(x, y).RGBA()
	near := func(p, q uint32) bool { return max(p, q)-min(p, q) <= tolerance }
	return near(r1, r2) && near(g1, g2) && near(b1, b2)
}
