package drill

import (
	"math"
	"slices"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func recountLabels(t failer, tr *Truth, labels []Label, ids map[string]int, deletes []reaction.Delete) {
	deleted := make([]bool, len(labels))
	for _, x := range deletes {
		if i, has := ids[x.ID]; has {
			if !x.At.After(labels[i].At) || labels[i].Source != x.Source {
				t.Errorf("%s is deleted at %s on %s", x.ID, x.At, x.Source)
			}
			deleted[i] = true
		}
	}
	var all Tally
	langs, bySource, buckets := map[string]Tally{}, map[reaction.Source]Tally{}, map[time.Time]map[string]Tally{}
	for i, l := range labels {
		one := Tally{Posts: 1}
		add := func(n *int, yes bool) {
			if yes {
				*n++
			}
		}
		own := l.Kind != reaction.Repost
		add(&one.Reposts, !own)
		add(&one.Complaints, l.Complaint)
		add(&one.FirstHand, l.FirstHand)
		add(&one.Jokes, own && (l.Topic == "joke" || l.Topic == "coined"))
		add(&one.Recovery, own && l.Topic == "recovered")
		add(&one.Elsewhere, own && l.Topic == "elsewhere")
		add(&one.Lookalikes, own && l.Topic == "lookalike")
		add(&one.Copies, l.Copy)
		add(&one.Deleted, deleted[i])
		all = all.plus(one)
		langs[l.Lang] = langs[l.Lang].plus(one)
		bySource[l.Source] = bySource[l.Source].plus(one)
		at := l.At.Truncate(10 * time.Second)
		if buckets[at] == nil {
			buckets[at] = map[string]Tally{}
		}
		buckets[at][l.Lang] = buckets[at][l.Lang].plus(one)
	}
	if all != tr.Total {
		t.Errorf("recounted %+v, truth says %+v", all, tr.Total)
	}
	for lang, want := range tr.Languages {
		if langs[lang] != want {
			t.Errorf("%s: recounted %+v, truth says %+v", lang, langs[lang], want)
		}
	}
	for s, want := range tr.Sources {
		if bySource[s] != want {
			t.Errorf("%s: recounted %+v, truth says %+v", s, bySource[s], want)
		}
	}
	var sum Tally
	for _, b := range tr.Buckets {
		var here Tally
		for lang, want := range b.Languages {
			here = here.plus(want)
			if buckets[b.At][lang] != want {
				t.Errorf("%s at %s: recounted %+v, truth says %+v", lang, b.At, buckets[b.At][lang], want)
			}
		}
		if here != b.Tally {
			t.Errorf("bucket %s: %+v is not the sum of its languages", b.At, b.Tally)
		}
		sum = sum.plus(here)
	}
	if sum != tr.Total {
		t.Errorf("the buckets sum to %+v, not %+v", sum, tr.Total)
	}
}

// checkCoverage holds that the coverage of each source fills the drill and is blind exactly in its
// gaps.
func checkCoverage(t failer, tr *Truth, cov []reaction.Coverage) {
	at := map[reaction.Source]time.Time{}
	gaps := 0
	for _, c := range cov {
		from, has := at[c.Source]
		if !has {
			from = tr.From
		}
		if !c.From.Equal(from) || !c.To.After(c.From) {
			t.Errorf("coverage %+v does not follow %s", c, from)
		}
		at[c.Source] = c.To
		gap := slices.ContainsFunc(tr.Gaps, func(g Gap) bool {
			return g.Source == c.Source && g.From.Equal(c.From) && g.To.Equal(c.To)
		})
		switch {
		case gap && c.State == reaction.CoverageGap && c.Reason == "simulated gap":
			gaps++
		case gap || c.State != reaction.CoverageLive:
			t.Errorf("coverage %+v", c)
		}
	}
	if gaps != len(tr.Gaps) || gaps != tr.Options.Gaps {
		t.Errorf("coverage has %d gaps, truth %d, options %d", gaps, len(tr.Gaps), tr.Options.Gaps)
	}
	for s, end := range at {
		if !end.Equal(tr.To) {
			t.Errorf("coverage of %s ends at %s", s, end)
		}
	}
}

// The shares come out as they were asked for.
func TestShares(t *testing.T) {
	near := func(what string, got, of int, want, slack float64) {
		if share := float64(got) / float64(of); math.Abs(share-want) > slack {
			t.Errorf("%s: %.3f, asked for %.3f", what, share, want)
		}
	}
	for seed := range uint64(3) {
		o := Defaults(Launch)
		o.Seed, o.Korean, o.Copies, o.Reposts, o.Deletes, o.Gaps = seed, 0.3, 0.1, 0.4, 0.05, 0
		tr := make1(t, o).Truth()
		own := tr.Total.Posts - tr.Total.Reposts
		near("Korean", tr.Languages[korean].Posts, tr.Total.Posts, 0.3, 0.03)
		near("copies", tr.Total.Copies, own, 0.1, 0.02)
		near("reposts", tr.Total.Reposts, tr.Total.Posts, 0.4, 0.04)
		near("deletes", tr.Total.Deleted, own, 0.05, 0.012)
	}
	o := Defaults(Launch)
	o.Korean, o.Copies, o.Reposts, o.Deletes = 0, 0, 0, 0
	tr := make1(t, o).Truth()
	if tr.Languages[korean].Posts+tr.Total.Copies+tr.Total.Reposts+tr.Total.Deleted+int(tr.Deletes) > 0 {
		t.Errorf("none was asked for: %+v", tr.Total)
	}
}
