package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/spf13/cobra"

	"outcry/collectors/archive"
	"outcry/internal/drill"
	"outcry/internal/reaction"
	"outcry/nlp"
)

func newBenchTag(t *terminal) *cobra.Command {
	var file string
	var rounds int
	cmd := &cobra.Command{
		Use: "tag", Short: "Posts a second that one core tags, beside cutting the same texts into words",
		Long: `Tag reads posts into memory, from FILE or of a simulated event, and tags all of them on one core with
everything that every post gets. The reference cuts the same texts into words by UAX #29 (clipperhouse/uax29)
in the same run. Allocations are counted over the whole of a round.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchTag(cmd.Context(), t, file, rounds) },
	}
	cmd.Flags().StringVar(&file, "file", "", "a file of recorded posts, in any format that replay reads")
	cmd.Flags().IntVar(&rounds, "rounds", 5, "how often all posts are tagged; the fastest round counts")
	return cmd
}

// tagFigure is the benchmark's one line of output.
type tagFigure struct {
	Bench       string  `json:"bench"`
	File        string  `json:"file"`
	Posts       int     `json:"posts"`
	Bytes       float64 `json:"bytes_a_post"`
	PerSecond   float64 `json:"posts_per_second"`
	Allocations float64 `json:"allocations_a_post"`
	Resident    float64 `json:"resident_mb"` // of the whole process, which holds the posts too
	Reference   string  `json:"reference"`
	RefSecond   float64 `json:"reference_per_second"`
	Ratio       float64 `json:"ratio"` // of the posts a second
}

func benchTag(ctx context.Context, t *terminal, file string, rounds int) error {
	if rounds < 1 {
		return usagef("--rounds %d is less than 1", rounds)
	}
	posts, err := benchPosts(ctx, file)
	if err != nil {
		return err
	}
	if len(posts) == 0 {
		return fmt.Errorf("%s has no posts", file)
	}
	runtime.GOMAXPROCS(1)
	f := tagFigure{Bench: "tag", File: file, Posts: len(posts), Reference: "words of UAX #29"}
	if file == "" {
		f.File = "a simulated launch"
	}
	for i := range posts {
		f.Bytes += float64(len(posts[i].Text)) / float64(len(posts))
	}
	tagger := nlp.New(nil)
	var tags reaction.Tags
	pass := func() {
		for i := range posts {
			tagger.TagInto(&posts[i], &tags)
		}
	}
	pass() // fills what is remembered
	n := float64(len(posts))
	for range rounds {
		before := mallocs()
		began := time.Now()
		pass()
		took := time.Since(began).Seconds()
		f.Allocations = float64(mallocs()-before) / n
		f.PerSecond = max(f.PerSecond, n/took)
	}
	for range rounds {
		began := time.Now()
		count := 0
		for i := range posts {
			for w := words.FromString(posts[i].Text); w.Next(); {
				count++
			}
		}
		f.RefSecond = max(f.RefSecond, n/time.Since(began).Seconds())
	}
	f.Ratio, f.Resident = f.PerSecond/f.RefSecond, resident()
	return json.NewEncoder(t.out).Encode(f)
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// resident is how much memory the process has, in MB; 0 where the system does not say.
func resident() float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

// benchPosts reads the posts of a file, or of a simulated event.
func benchPosts(ctx context.Context, file string) ([]reaction.Post, error) {
	var records iter.Seq2[reaction.Record, error]
	if file == "" {
		d, err := drill.New(drill.Defaults(drill.Launch))
		if err != nil {
			return nil, err
		}
		records = d.Records(0)
	} else {
		a, err := archive.Open(ctx, []string{file}, archive.Options{})
		if err != nil {
			return nil, err
		}
		defer a.Close()
		records = a.Records(0)
	}
	var posts []reaction.Post
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if r.Post != nil {
			posts = append(posts, *r.Post)
		}
	}
	return posts, nil
}
