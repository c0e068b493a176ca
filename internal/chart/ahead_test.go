package chart

import (
	"testing"
	"time"
)

// What has not happened yet is not unknown, on the plot, in the legend and in words; a gap that has
// happened stays one.
func TestWhatIsStillToComeIsNotUnknown(t *testing.T) {
	b := evening().gap(40, 50).gap(100, 180).open(95)
	l := looked(t, b)
	if l.ahead != 100 {
		t.Fatalf("still to come from bucket %d on", l.ahead)
	}
	if len(l.unheard) != 1 || l.unheard[0] != (span{40, 50}) {
		t.Errorf("unknown are %v", l.unheard)
	}
	if got, want := l.unknownShare(), 0.1; got != want {
		t.Errorf("unknown is %v of what has happened, want %v", got, want)
	}

	closed := looked(t, evening().gap(100, 180))
	if closed.ahead != closed.frame.n || len(closed.unheard) != 1 {
		t.Errorf("a gap at the end of what is over: from %d, %v", closed.ahead, closed.unheard)
	}
	nothing := looked(t, evening().gap(0, 180).open(0))
	if nothing.ahead != nothing.frame.n {
		t.Errorf("an event that nobody has listened to yet is unknown from %d on", nothing.ahead)
	}
}

// evening is three hours of complaints by the minute.
func evening() *builder { return figures(180, time.Minute).complaints(func(int) float64 { return 5 }) }

func looked(t *testing.T, b *builder) *layout {
	t.Helper()
	o := Options{}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	l, err := read(b.r, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
