package drill

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestShape draws every scenario by two-minute steps into the test's log (go test -v -run Shape)
// and holds what a person looks for first: complaints where the service fails and nowhere else.
func TestShape(t *testing.T) {
	for _, in := range Scenarios() {
		t.Run(string(in.Scenario), func(t *testing.T) {
			d := make1(t, Defaults(in.Scenario))
			tr, carrier := d.Truth(), d.Event().Services[0].Name
			step := 2 * time.Minute
			n := int(tr.To.Sub(tr.From) / step)
			sums := make([]Tally, n+1)
			for _, b := range tr.Buckets {
				i := int(b.At.Sub(tr.From) / step)
				sums[i] = sums[i].plus(b.Tally)
			}
			aud := make([]int64, n+1)
			for _, l := range tr.Audience {
				i := int(l.At.Sub(tr.From) / step)
				aud[i] = max(aud[i], l.Count)
			}
			var out strings.Builder
			fmt.Fprintf(&out, "\n%s: %d posts, %d complaints, lag %.0f s\n%5s %5s %5s %5s %5s %8s\n", in.About,
				tr.Total.Posts, tr.Total.Complaints, tr.Lag.MedianSeconds, "min", "posts", "compl", "jokes", "recov", "audience")
			most := 1
			for _, s := range sums {
				most = max(most, s.Posts)
			}
			for i, s := range sums[:n] {
				at := tr.From.Add(time.Duration(i) * step)
				bar := []byte(strings.Repeat(".", s.Posts*60/most))
				for j := range min(len(bar), s.Complaints*60/most) {
					bar[j] = '#'
				}
				fmt.Fprintf(&out, "%5.0f %5d %5d %5d %5d %8d %s\n", at.Sub(tr.Planned).Minutes(), s.Posts, s.Complaints, s.Jokes, s.Recovery, aud[i], bar)
			}
			t.Log(out.String())

			worst := 0
			for i, s := range sums {
				if s.Complaints > sums[worst].Complaints {
					worst = i
				}
			}
			share := float64(sums[worst].Complaints) / float64(sums[worst].Posts)
			at := tr.From.Add(time.Duration(worst) * step)
			felt := slices.ContainsFunc(tr.Faults, func(f Fault) bool {
				return f.Service == carrier && at.Add(step).After(f.From) && at.Before(f.To.Add(step))
			})
			if felt != (share > 0.15) || felt == tr.FirstFault.IsZero() {
				t.Errorf("%.0f %% of the posts complain at %s, the worst time", 100*share, at)
			}
		})
	}
}

func make1(t testing.TB, o Options) *Drill {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
