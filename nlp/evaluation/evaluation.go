// Package evaluation measures what the tagger can do, on data sets that did not make it, and prints one table.
//
// Nothing here is tuned on what it is measured on: where a recipe has choices, they are made inside each fold.
package evaluation

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Data is where the data sets lie.
type Data struct {
	Dir    string // that holds a folder for each set
	Halves []Half // of the labelled posts that figures are told of; nil is both
	Only   string // measures whose name holds it; "" is all
}

func (d *Data) halves() []Half {
	if d.Halves == nil {
		return []Half{Build, Sealed}
	}
	return d.Halves
}

// Row is one figure.
type Row struct {
	What    string  // is measured, on what
	Value   float64 //
	Floor   float64 // that it should reach
	Below   bool    // smaller is better: Floor is the most it may be
	N       int     // texts, or positives where it says so
	Compare string  // figures of others
}

// Met reports whether the figure is what it should be. A figure that is only told has no floor.
func (r Row) Met() bool {
	if r.Below {
		return r.Value <= r.Floor
	}
	return r.Value >= r.Floor
}

// Measure is one thing that is measured.
type Measure struct {
	Name string
	Run  func(d *Data) ([]Row, error)
}

// Measures lists all, in the order of the table.
func Measures() []Measure {
	return []Measure{
		{"complaints of ACL 2019, nested 10-fold", complaintsNested},
		{"complaints of ACL 2019, one domain left out", complaintsByDomain},
		{"outage posts of the World Cup's opening night", openingNight},
		{"posts of the World Cup, to Spotify and to airlines", labelsOfPosts},
		{"Korean sentences", koreanSentences},
		{"Korean comments", unsmile},
		{"Korean film reviews", reviews},
		{"languages", languages},
		{"segmentation of hashtags", segmentation},
		{"blends", blends},
	}
}

// Print measures all and prints a table as it goes. It stops at the first measure that cannot be taken.
func Print(w io.Writer, d *Data) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "measure\tvalue\tat least\tn\treached\tfor comparison")
	for _, m := range Measures() {
		if !strings.Contains(m.Name, d.Only) {
			continue
		}
		began := time.Now()
		rows, err := m.Run(d)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		fmt.Fprintf(t, "%s (%s)\t\t\t\t\t\n", m.Name, time.Since(began).Round(100*time.Millisecond))
		for _, r := range rows {
			printRow(t, r)
		}
	}
	return t.Flush()
}

func printRow(w io.Writer, r Row) {
	floor, met := "", ""
	if r.Floor != 0 {
		floor, met = fmt.Sprintf("%.4g", r.Floor), "short"
		if r.Below {
			floor = "at most " + floor
		}
		if r.Met() {
			met = "yes"
		}
	}
	fmt.Fprintf(w, "  %s\t%.3f\t%s\t%d\t%s\t%s\n", r.What, r.Value, floor, r.N, met, r.Compare)
}
