package archive

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkOpen reads and sorts a hundred thousand posts; it reports rows a second.
func BenchmarkOpen(b *testing.B) {
	const rows = 100_000
	var table, flat bytes.Buffer
	table.WriteString(",Date Created,Number of Likes,Source of Tweet,Tweet,Sentiment\n")
	start := time.Date(2022, 11, 20, 16, 0, 0, 0, time.UTC)
	for i := range rows {
		at := start.Add(time.Duration(i*7919%rows) * time.Second)
		text := fmt.Sprintf("the stream is down again at kick-off number %d, and %d of us are waiting #worldcup2022 https://t.co/abcdefghij", i, i%977)
		fmt.Fprintf(&table, "%d,%s,3,Twitter for iPhone,\"%s\n\nsecond line\",neutral\n", i, at.Format("2006-01-02 15:04:05-07:00"), text)
		fmt.Fprintf(&flat, `{"id":"%d","text":%q,"created_at":%q,"author_id":"%d","lang":"en","author":{"id":"%d","username":"u%d"},"public_metrics":{"retweet_count":0,"like_count":0},"entities":{"hashtags":[{"start":4,"end":11,"tag":"worldcup2022"}]}}`+"\n",
			i, text, at.Format(time.RFC3339), i%500, i%500, i%500)
	}
	for _, c := range []struct {
		name   string
		data   []byte
		memory int64
	}{{"csv", table.Bytes(), 0}, {"csv-spilled", table.Bytes(), 4 << 20}, {"json", flat.Bytes(), 0}} {
		path := filepath.Join(b.TempDir(), c.name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			for b.Loop() {
				a, err := Open(b.Context(), []string{path}, Options{MemoryBytes: c.memory})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, err := range a.Records(0) {
					if n++; err != nil {
						b.Fatal(err)
					}
				}
				if n != rows {
					b.Fatalf("%d rows", n)
				}
				a.Close()
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
