package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

// sharedPath finds a file of the shared folder that lies beside the repository.
func sharedPath(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if path := filepath.Join(dir, "shared", name); exists(path) {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("the shared data folder is absent: ../shared/" + name + " beside the repository")
		}
		dir = up
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestSharedData(t *testing.T) {
	for name, want := range map[string]struct {
		path     string
		info     FileInfo
		first    string
		mapping  string
		withID   bool
		anyNotes bool
		twice    int // ids that the file has more than once, for the store to see
	}{
		"worldcup2022": {
			path:    "data/worldcup2022/fifa_world_cup_2022_tweets.csv",
			info:    FileInfo{Accepted: 10_000, Rows: 22_524, Sources: []reaction.Source{reaction.X}, Rejected: map[string]int64{ReasonBlank: 12_524}},
			first:   "2022-11-20T16:07:41Z",
			mapping: `time="Date Created", text="Tweet"`,
		},
		"spotify-support": {
			// Some texts hold carriage returns without quotes; they are no line ends here.
			path:    "data/spotify-support/support_requests.csv",
			info:    FileInfo{Accepted: 15_096, Rows: 15_096, Sources: []reaction.Source{reaction.X}, Rejected: map[string]int64{}},
			first:   "2013-09-18T19:26:22Z",
			mapping: `time="created_at", text="text", id="tweet_id", author="author_id", reply="in_response_to_tweet_id"`,
			withID:  true,
		},
		"us-airline": {
			path:    "data/us-airline/Tweets.csv",
			info:    FileInfo{Accepted: 14_640, Rows: 14_640, Sources: []reaction.Source{reaction.X}, Rejected: map[string]int64{}},
			first:   "2015-02-16T23:36:00Z",
			mapping: `time="tweet_created", text="text", id="tweet_id"`,
			withID:  true, anyNotes: true, twice: 155,
		},
		"kbank-reviews-ko": {
			path:    "data/kbank-reviews-ko/review_dataset.csv",
			info:    FileInfo{Accepted: 2_040, Rows: 2_040, Sources: []reaction.Source{FallbackSource}, Rejected: map[string]int64{}},
			first:   "2018-09-13T00:00:00Z",
			mapping: `time="date", text="content", id="id", handle="userName"`,
			withID:  true, anyNotes: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := sharedPath(t, want.path)
			a := opened(t, Options{}, path)
			got := a.Files()[0]
			if got.Accepted != want.info.Accepted || got.Rows != want.info.Rows || !slices.Equal(got.Sources, want.info.Sources) ||
				len(got.Rejected) != len(want.info.Rejected) || got.Rejected[ReasonBlank] != want.info.Rejected[ReasonBlank] {
				t.Errorf("got %+v", got)
			}
			if got.First.Format(time.RFC3339) != want.first || got.Mapping != want.mapping || (len(got.Notes) > 0) != want.anyNotes {
				t.Errorf("begins %s, %s, %q", got.First, got.Mapping, got.Notes)
			}
			ids := map[string]bool{}
			for _, rec := range records(t, a, 0) {
				ids[rec.Post.ID] = true
				if strings.HasPrefix(rec.Post.ID, "sha256:") == want.withID {
					t.Fatalf("the id %s", rec.Post.ID)
				}
			}
			if twice := int(want.info.Accepted) - len(ids); twice != want.twice {
				t.Errorf("%d posts are there twice, want %d", twice, want.twice)
			}
			small := opened(t, Options{MemoryBytes: 100 << 10}, path)
			if !slices.Equal(lines(t, small), lines(t, a)) {
				t.Error("sorted on disk, the records differ")
			}
		})
	}
	for name, path := range map[string]string{"complaints-acl2019": "data/complaints-acl2019/complaints-data.csv", "nsmc": "data/nsmc-rebuilt/test.tsv.gz"} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), []string{sharedPath(t, path)}, Options{})
			if err == nil || !strings.Contains(err.Error(), "no column is known to hold the time") || !strings.Contains(err.Error(), "time=#1") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("complaints-acl2019 with the id for a time", func(t *testing.T) {
		var rejects bytes.Buffer
		_, err := Open(t.Context(), []string{sharedPath(t, "data/complaints-acl2019/complaints-data.csv")},
			Options{Columns: map[string]string{"time": "#1", "text": "#2"}, Rejects: &rejects})
		if err == nil || !strings.Contains(err.Error(), "none of its") || rejects.Len() == 0 {
			t.Errorf("got %v", err)
		}
	})
}

// TestCapturedFormats reads what real servers and tools have sent.
func TestCapturedFormats(t *testing.T) {
	for name, want := range map[string]struct {
		format                        Format
		posts, edits, deletes, refuse int
	}{
		"bluesky_jetstream_v1.jsonl":                         {FormatJetstream, 3, 1, 1, 7},
		"bluesky_jetstream_v1_account_deleted.jsonl":         {FormatJetstream, 1, 0, 1, 0},
		"bluesky_jetstream_v1_from_v2server_simulator.jsonl": {FormatJetstream, 46, 4, 7, 3},
		"bluesky_jetstream_v2_wire.jsonl":                    {FormatJetstream, 17, 6, 5, 2},
		"mastodon_gts_ws_public_local.jsonl":                 {FormatMastodon, 2, 1, 1, 0},
		"mastodon_real_sse_hashtag.txt":                      {FormatMastodon, 1, 1, 1, 0},
		"mastodon_real_ws_hashtag.jsonl":                     {FormatMastodon, 1, 1, 1, 0},
		"twarc2_flatten.jsonl":                               {FormatXv2, 3, 0, 0, 0},
		"twarc2_search.jsonl":                                {FormatXv2, 3, 0, 0, 0},
		"twarc2_stream.jsonl":                                {FormatXv2, 2, 0, 0, 0},
		"x_filtered_stream.raw":                              {FormatXv2, 3, 0, 0, 41},
		"x_recent.json":                                      {FormatXv2, 3, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := opened(t, Options{}, sharedPath(t, filepath.Join("facts/samples", name)))
			got := want
			got.format, got.posts, got.edits, got.deletes, got.refuse = a.Files()[0].Format, 0, 0, 0, 0
			for _, rec := range records(t, a, 0) {
				switch {
				case rec.Delete != nil:
					got.deletes++
				case rec.Edit:
					got.edits++
				default:
					got.posts++
					if rec.Post.Author.ID == "" || rec.Post.Lang == "" {
						t.Errorf("without author or language: %s", describe(rec))
					}
				}
			}
			for _, n := range a.Files()[0].Rejected {
				got.refuse += int(n)
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	for name, want := range map[string]string{
		"nostr.jsonl":                    "holds no JSON object",
		"x_429.txt":                      "no known kind",
		"x_disconnects_from_docs.ndjson": "no known kind",
		"x_counts_head.json":             "13 not_a_post",
		"x_rules_get.json":               "2 not_a_post",
		"mastodon_gts_ws_user.jsonl":     "1 unknown_post",
	} {
		_, err := Open(t.Context(), []string{sharedPath(t, filepath.Join("facts/samples", name))}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
