package chart

import (
	"image/color"
	"maps"
	"math"
	"testing"
)

// contrast is the contrast ratio of two opaque colours (WCAG 2.2).
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		if x := float64(v) / 255; x <= 0.04045 {
			return x / 12.92
		} else {
			return math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// over lays a colour that lets through on an opaque one.
func over(top, ground color.NRGBA) color.NRGBA {
	mix := func(t, g uint8) uint8 {
		return uint8(math.Round((float64(t)*float64(top.A) + float64(g)*(255-float64(top.A))) / 255))
	}
	return color.NRGBA{mix(top.R, ground.R), mix(top.G, ground.G), mix(top.B, ground.B), 255}
}

func TestContrast(t *testing.T) {
	if c := contrast(rgb(0xffffff), rgb(0)); math.Abs(c-21) > 1e-9 {
		t.Fatalf("black on white is %.2f", c)
	}
	for name, p := range map[string]*palette{"light": &light, "dark": &dark} {
		grounds := map[string]color.NRGBA{
			"paper": p.paper, "degraded": over(p.degradedBand, p.paper), "down": over(p.downBand, p.paper),
			"tint": over(faded(p.lines[0], groundTint), p.paper), "tint on down": over(faded(p.lines[0], groundTint), over(p.downBand, p.paper)),
		}
		for at, g := range maps.Clone(grounds) {
			grounds["simulated, "+at] = over(p.across, g)
		}
		atLeast := func(what string, c color.NRGBA, least float64) {
			t.Helper()
			for at, g := range grounds {
				if got := contrast(c, g); got < least {
					t.Errorf("%s: %s has %.2f on %s, less than %.1f", name, what, got, at, least)
				}
			}
		}
		// Texts on the plot: the notes, in ink, in the colour of the first line or of trouble.
		atLeast("ink", p.ink, 4.5)
		atLeast("trouble", p.trouble, 4.5)
		atLeast("the first line as a text", p.lines[0], 4.5)
		for i, c := range p.lines {
			atLeast("line "+string(rune('0'+i)), c, 3)
			if got := contrast(c, p.paper); got < 4.5 {
				t.Errorf("%s: line %d has %.2f as a word of the legend", name, i, got)
			}
		}
		for what, c := range map[string][2]color.NRGBA{
			"muted on paper": {p.muted, p.paper}, "ink on paper": {p.ink, p.paper}, "the plate": {p.onAlarm, p.alarm},
		} {
			if got := contrast(c[0], c[1]); got < 4.5 {
				t.Errorf("%s: %s has %.2f", name, what, got)
			}
		}
		for what, c := range map[string]color.NRGBA{"axis": p.axis, "down": p.down} {
			if got := contrast(c, p.paper); got < 3 {
				t.Errorf("%s: %s has %.2f on paper", name, what, got)
			}
		}
	}
}

// Printed in black and white, degraded and down are told apart by their height, and lines by their
// pattern: no two of the first seven have the same width and dashes.
func TestPatternsDiffer(t *testing.T) {
	for i, a := range patterns {
		for _, b := range patterns[:i] {
			same := a.width == b.width && len(a.dash) == len(b.dash)
			for k := range min(len(a.dash), len(b.dash)) {
				same = same && a.dash[k] == b.dash[k]
			}
			if same && i < 7 {
				t.Errorf("patterns %v and %v are the same", a, b)
			}
		}
	}
}

func TestThemesShareTheirLayout(t *testing.T) {
	fonts := fallback(t)
	s := samples()[1]
	onLight := drawn(t, s, fonts)
	s.opts.Theme = Dark
	onDark := drawn(t, s, fonts)
	a, b := labels(onLight), labels(onDark)
	if len(a) != len(b) || len(onLight.shapes) != len(onDark.shapes) {
		t.Fatal("the themes draw different things")
	}
	for i := range a {
		if a[i].ink == b[i].ink {
			t.Errorf("%q has one colour in both themes", a[i].text)
		}
		if a[i].ink = b[i].ink; a[i] != b[i] {
			t.Errorf("%v is %v in the dark", a[i], b[i])
		}
	}
}
