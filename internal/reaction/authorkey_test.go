package reaction

import (
	"bytes"
	"testing"
	"time"
)

func TestAMonthsKeyFollowsFromTheOneBefore(t *testing.T) {
	may, july := MonthOf(time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)), MonthOf(time.Date(2026, 7, 1, 8, 0, 0, 0, time.FixedZone("KST", 9*3600)))
	if july-may != 1 { // it is still June in UTC
		t.Fatalf("from May to June there are %d months", july-may)
	}
	first := AuthorKey{Key: []byte("secret"), Monthly: true}
	later := AuthorKey{Key: first.Of(may), Monthly: true, Month: may, Months: []int{may - 1, may}}
	if !bytes.Equal(first.Of(may+1), later.Of(may+1)) || bytes.Equal(later.Of(may), later.Of(may+1)) {
		t.Error("the key of a month depends on which key is kept, or does not change with the month")
	}
	if later.Of(may-1) != nil {
		t.Error("a month before the one that is kept has a key")
	}
	if got := later.Span(may+1, may-3, may); len(got) != 2 || got[0] != may || got[1] != may+1 {
		t.Errorf("months alive: %v", got)
	}
	one := AuthorKey{Key: []byte("secret")}
	if !bytes.Equal(one.Of(may), one.Of(july)) || len(one.Span(may, july)) != 1 {
		t.Error("an event that ends has more than one key")
	}
}
