package training

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"outcry/nlp/segment"
)

// ownWords are what the lists lack: how people write in hashtags, the words of events and of outages, in the
// languages of the tagger that are written in Latin letters. A line is a cost in nats and words of that cost.
//
//go:embed segment_words.txt
var ownWords []byte

// What a word of one list only costs more, and what a word of one or two letters costs more unless it is in ownWords.
const (
	oneListOnly = 1.5
	maxList     = 16 << 20 // bytes of a list, unpacked
)

// Segment builds the model of package segment from dataDir's symspell (counts of books) and wordninja (ranks of
// Wikipedia), both under the MIT licence, and words of our own: the mean of a word's -ln probability in the
// two lists. The probability of rank r among n words is 1/(r ln n) (Zipf). Apostrophes are left out, as they are in
// hashtags. The same lists give the same bytes.
func Segment(dataDir string) ([]byte, error) {
	books, err := bookCosts(filepath.Join(dataDir, "symspell", "en-80k.txt"))
	if err != nil {
		return nil, err
	}
	ranks, err := rankCosts(filepath.Join(dataDir, "wordninja", "wordninja_words.txt.gz"))
	if err != nil {
		return nil, err
	}
	costs := map[string]float64{}
	for w, c := range books {
		if r, ok := ranks[w]; ok {
			costs[w] = (c + r) / 2
		} else {
			costs[w] = c + oneListOnly
		}
	}
	for w, c := range ranks {
		if _, ok := books[w]; !ok {
			costs[w] = c + oneListOnly
		}
	}
	for w := range costs {
		if len(w) <= 2 {
			delete(costs, w)
		}
	}
	if err := addOwn(costs); err != nil {
		return nil, err
	}
	return segment.Encode(costs)
}

func bookCosts(path string) (map[string]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	counts, total := map[string]float64{}, 0.0
	err = eachLine(f, path, func(line string) error {
		word, count, ok := strings.Cut(strings.TrimPrefix(line, "\ufeff"), " ")
		n, err := strconv.ParseFloat(count, 64)
		if !ok || err != nil || n <= 0 {
			return fmt.Errorf("%q is not a word and its count", line)
		}
		if w := tagWord(word); w != "" {
			counts[w] += n
		}
		total += n
		return nil
	})
	for w, n := range counts {
		counts[w] = math.Log(total / n)
	}
	return counts, err
}

func rankCosts(path string) (map[string]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var words []string
	err = eachLine(z, path, func(line string) error {
		words = append(words, line)
		return nil
	})
	costs, spread := map[string]float64{}, math.Log(math.Log(float64(len(words)+2)))
	for i, word := range words {
		c := math.Log(float64(i+1)) + spread
		if w := tagWord(word); w != "" {
			if before, ok := costs[w]; !ok || c < before {
				costs[w] = c
			}
		}
	}
	return costs, err
}

func addOwn(costs map[string]float64) error {
	return eachLine(bytes.NewReader(ownWords), "segment_words.txt", func(line string) error {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			return nil
		}
		c, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			return fmt.Errorf("%q does not begin with a cost", line)
		}
		for _, w := range fields[1:] {
			if before, ok := costs[w]; !ok || c < before {
				costs[w] = c
			}
		}
		return nil
	})
}

// tagWord is a word as a hashtag has it, or blank if it is none.
func tagWord(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "'", "")
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return ""
		}
	}
	return s
}

// eachLine calls use with each line that is not blank.
func eachLine(r io.Reader, name string, use func(string) error) error {
	sc := bufio.NewScanner(io.LimitReader(r, maxList))
	for n := 1; sc.Scan(); n++ {
		if line := strings.TrimSpace(sc.Text()); line != "" {
			if err := use(line); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, n, err)
			}
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
