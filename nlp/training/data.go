// Package training builds the models that the tagger ships, from public data sets whose terms allow it and
// from texts and labels of our own. Everything is seeded: the same data give the same bytes.
package training

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"outcry/internal/match"
	"outcry/nlp/feature"
)

// Text is one text of a data set and what was judged of it.
type Text struct {
	Text   string
	Label  int    // of the data set
	Domain string // of what it is about, where the data set says
}

// maxSet bounds a file of a data set, in bytes unpacked.
const maxSet = 1 << 28

// open opens a file of a data set, unpacked where its name ends in .gz.
func open(dir string, name ...string) (io.ReadCloser, error) {
	path := filepath.Join(append([]string{dir}, name...)...)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data set: %w; --data names the folder that holds the sets", err)
	}
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
		}
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, maxSet), f}, nil
}

// readLines calls use with every line of a file of a data set.
func readLines(dir string, use func(n int, line string) error, name ...string) error {
	f, err := open(dir, name...)
	if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		if err := use(n, sc.Text()); err != nil {
			return fmt.Errorf("%s, line %d: %w", filepath.Join(name...), n, err)
		}
	}
	return sc.Err()
}

// Complaints reads complaints-acl2019: 3,449 posts to companies, Label 1 for a complaint (Preoţiuc-Pietro,
// Gaman and Aletras, 2019). The place of a text is its row.
func Complaints(dir string) ([]Text, error) {
	f, err := open(dir, "complaints-acl2019", "complaints-data.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 4
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("complaints-acl2019: %w", err)
	}
	out := make([]Text, len(rows))
	for i, row := range rows {
		label, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, fmt.Errorf("complaints-acl2019, row %d: %w", i, err)
		}
		out[i] = Text{row[1], label, row[3]}
	}
	return out, nil
}

// Reviews reads a part, "train" or "test", of nsmc-rebuilt: Korean film reviews, Label 1 for praise.
func Reviews(dir, part string) ([]Text, error) {
	var out []Text
	err := readLines(dir, func(_ int, line string) error {
		label, text, ok := strings.Cut(line, "\t")
		if !ok || label != "0" && label != "1" {
			return errors.New("not a label, a tab and a text")
		}
		out = append(out, Text{Text: text, Label: int(label[0] - '0')})
		return nil
	}, "nsmc-rebuilt", part+".tsv.gz")
	return out, err
}

// Languages of the sentiment sets, by the name of their folders.
var sentimentLanguages = []struct{ folder, lang string }{
	{"english", "en"}, {"spanish", "es"}, {"portuguese", "pt"}, {"french", "fr"}, {"german", "de"}, {"italian", "it"},
}

// Sentiments reads a part, "train", "val" or "test", of xlm-t-umsab: posts in six languages, of which only English
// and Spanish have more than "test"; Label 0 negative, 1 neutral, 2 positive; Domain is the language.
func Sentiments(dir, part string) ([]Text, error) {
	var out []Text
	for _, l := range sentimentLanguages {
		if _, err := os.Stat(filepath.Join(dir, "xlm-t-umsab", l.folder, part+"_text.txt")); part != "test" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		from := len(out)
		if err := readLines(dir, func(_ int, line string) error {
			out = append(out, Text{Text: unescape(line), Domain: l.lang})
			return nil
		}, "xlm-t-umsab", l.folder, part+"_text.txt"); err != nil {
			return nil, err
		}
		if err := readLines(dir, func(n int, line string) error {
			if at := from + n - 1; at >= len(out) || len(line) != 1 || line[0] < '0' || line[0] > '2' {
				return errors.New("not a label of a text")
			}
			out[from+n-1].Label = int(line[0] - '0')
			return nil
		}, "xlm-t-umsab", l.folder, part+"_labels.txt"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unescape undoes the escapes that the sentiment sets have kept: "\u2019", and doubled quotes.
func unescape(s string) string {
	if strings.Contains(s, `\u`) {
		var b strings.Builder
		for {
			at := strings.Index(s, `\u`)
			if at < 0 || at+6 > len(s) {
				break
			}
			r, err := strconv.ParseUint(s[at+2:at+6], 16, 32)
			if err != nil {
				b.WriteString(s[:at+2])
				s = s[at+2:]
				continue
			}
			b.WriteString(s[:at])
			b.WriteRune(rune(r))
			s = s[at+6:]
		}
		s = b.String() + s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, `\""`, `"`), `""`, `"`)
}

// features gives the features of a text, for keeping.
func features(e *feature.Extractor, text string) []uint32 {
	return append([]uint32(nil), e.Extract([]byte(match.Fold(text)))...)
}
