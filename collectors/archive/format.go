package archive

import (
	"fmt"
	"slices"
	"strings"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	FormatAuto        Format = "auto"           // told by its beginning
	FormatTwarc       Format = "twarc"          // twarc 2; the same as FormatXv2
	FormatXv2         Format = "x-v2"           // X API v2: pages, stream, or flattened, in any mixture
	FormatXv1         Format = "x-v1"           // X API v1.1: stream or search
	FormatJetstream   Format = "jetstream"      // Bluesky's Jetstream, versions 1 and 2
	FormatMastodon    Format = "mastodon"       // statuses, or the streaming API over WebSocket or server-sent events
	FormatCSV         Format = "csv"            // posts in a table, parted by , ; | or tab
	FormatTSV         Format = "tsv"            // posts in a table, parted by tab
	FormatSamplesCSV  Format = "samples-csv"    // health samples in a table
	FormatSamplesJSON Format = "samples-ndjson" // health samples as JSON objects
	FormatRecords     Format = "records"        // reaction.Record as JSON objects, as Write makes them
)

// Formats lists every format.
var Formats = []Format{FormatAuto, FormatTwarc, FormatXv2, FormatXv1, FormatJetstream, FormatMastodon,
	FormatCSV, FormatTSV, FormatSamplesCSV, FormatSamplesJSON, FormatRecords}

// ParseFormat checks a format's name; "" is FormatAuto.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); {
	case s == "":
		return FormatAuto, nil
	case slices.Contains(Formats, f):
		return f, nil
	}
	return "", fmt.Errorf("format %q is none of %s", s, formatNames())
}

func formatNames() string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}

func (f Format) table() bool {
	return f == FormatCSV || f == FormatTSV || f == FormatSamplesCSV
}
