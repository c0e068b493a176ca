package trend

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"outcry/internal/reaction"
)

// The same people give the same count, in whatever batches they came and were merged: a replay at
// another speed must not give other figures.
func TestPeopleDoNotDependOnBatches(t *testing.T) {
	for _, n := range []int{1, 10, 300, 1000, 2500, 5000, 12000, 40000} {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		people := make([]reaction.Person, n)
		for i := range people {
			binary.BigEndian.PutUint64(people[i][:8], r.Uint64())
			people[i][15] = 1
		}
		whole := NewPeople()
		for _, p := range people {
			whole.Add(p)
		}
		if e := math.Abs(float64(whole.Count())-float64(n)) / float64(n); e > 0.04 {
			t.Errorf("%d people are counted as %d", n, whole.Count())
		}
		for _, batch := range []int{1 + n/50, 1 + n/7, 1 + n/2} {
			stored := []byte(nil)
			r.Shuffle(n, func(i, j int) { people[i], people[j] = people[j], people[i] })
			for i := 0; i < n; i += batch {
				p := NewPeople()
				for _, who := range people[i:min(i+batch, n)] {
					p.Add(who)
				}
				if stored != nil {
					old, err := ReadPeople(stored)
					if err != nil {
						t.Fatal(err)
					}
					if err := p.Merge(old); err != nil {
						t.Fatal(err)
					}
				}
				var err error
				if stored, err = p.Bytes(); err != nil {
					t.Fatal(err)
				}
			}
			back, err := ReadPeople(stored)
			if err != nil {
				t.Fatal(err)
			}
			if back.Count() != whole.Count() {
				t.Errorf("%d people in batches of %d are counted as %d, and at once as %d", n, batch, back.Count(), whole.Count())
			}
		}
	}
}
