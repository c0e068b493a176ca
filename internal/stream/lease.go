package stream

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// Leases of feeds, in the log's key-value store. A lease saves work, so that two nodes do not hold
// the same connection to a platform; that nobody writes into another's feed is seen to by the
// feed's sequence, whatever becomes of leases.
const (
	leaseBucket = "OUTCRY_LEASES"
	leaseTTL    = 15 * time.Second
	leaseRenew  = 5 * time.Second
	leaseRetry  = 2 * time.Second
)

// Lease is the right of a node to collect a feed for as long as it is renewed.
type Lease struct {
	log  *Log
	kv   jetstream.KeyValue
	key  string
	mine []byte // what the key holds while the lease is this one's: no other lease holds it
	rev  uint64
	lost context.Context
	lose context.CancelFunc
	done chan struct{}
}

// Lease waits until no other holder has the feed, and takes it; holder names this process and no
// other. Its errors are ctx's, or final for the log. Release it when done.
func (l *Log) Lease(ctx context.Context, feed reaction.Feed, holder string) (*Lease, error) {
	key := strings.ReplaceAll(strings.TrimPrefix(l.subject(feed), subjectStart), "/", ".")
	mine := []byte(holder + " " + rand.Text())
	told := false
	for {
		a, err := l.lease(ctx, key, mine)
		switch {
		case err == nil:
			return a, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case final(err):
			return nil, err
		case !told:
			told = true
			l.o.Log.Info("another node collects a feed, or the log is away; waiting", slog.String("feed", string(feed)), slog.Any("error", err))
		}
		t := time.NewTimer(leaseRetry)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, ctx.Err()
		case <-t.C:
		}
	}
}

// errHeld means that somebody else has the lease.
var errHeld = errors.New("another node has it")

func (l *Log) lease(ctx context.Context, key string, mine []byte) (*Lease, error) {
	if err := l.connected(); err != nil {
		return nil, err
	}
	asking, cancel := l.asking(ctx)
	defer cancel()
	kv, err := l.leases(asking)
	if err != nil {
		return nil, explain("open the leases", err)
	}
	a := &Lease{log: l, kv: kv, key: key, mine: mine, done: make(chan struct{})}
	a.rev, err = kv.Create(asking, key, mine)
	if errors.Is(err, jetstream.ErrKeyExists) { // by another, or by an earlier try whose answer was lost
		err = a.adopt(asking)
	}
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("take the lease %s: %w", key, err)
	}
	if err != nil {
		return nil, explain("take the lease "+key, err)
	}
	a.lost, a.lose = context.WithCancel(l.life)
	l.workers.Go(a.keep)
	return a, nil
}

// leases finds or makes the bucket. It is kept in memory: a lease that dies with the server is
// simply taken again.
func (l *Log) leases(ctx context.Context) (jetstream.KeyValue, error) {
	kv, err := l.js.KeyValue(ctx, leaseBucket)
	if !errors.Is(err, jetstream.ErrBucketNotFound) {
		return kv, err
	}
	kv, err = l.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: leaseBucket, TTL: leaseTTL, Storage: jetstream.MemoryStorage})
	if errors.Is(err, jetstream.ErrBucketExists) { // someone was faster
		return l.js.KeyValue(ctx, leaseBucket)
	}
	return kv, err
}

// Lost is done when the lease may be another's.
func (a *Lease) Lost() <-chan struct{} { return a.lost.Done() }

// keep renews the lease until it is lost or released. A renewal that does not get through in time
// loses it: another node may have it by then.
func (a *Lease) keep() {
	defer close(a.done)
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-a.lost.Done():
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(a.lost, leaseRenew-time.Second)
		err := a.renew(ctx)
		cancel()
		switch {
		case err == nil:
			renewed = time.Now()
		case a.lost.Err() != nil:
			return
		case !transient(err) && !errors.Is(err, errUnsettled), time.Since(renewed) > leaseTTL-leaseRenew:
			a.log.o.Log.Warn("the lease of a feed is lost", slog.String("lease", a.key), slog.Any("error", err))
			a.lose()
			return
		}
	}
}

// errUnsettled means that the key is still this lease's, and that it is not known how it is written.
var errUnsettled = errors.New("a renewal is on its way")

// renew writes the lease anew. Where it is said to have been written since, an earlier renewal may
// have gone through whose answer was lost: then the lease is still this one's.
func (a *Lease) renew(ctx context.Context) error {
	rev, err := a.kv.Update(ctx, a.key, a.mine, a.rev)
	if isWrongLast(err) {
		if err := a.adopt(ctx); err != nil {
			return err
		}
		if rev, err = a.kv.Update(ctx, a.key, a.mine, a.rev); isWrongLast(err) {
			return errUnsettled
		}
	}
	if err == nil {
		a.rev = rev
	}
	return err
}

// adopt takes the revision that the key has, if the key is this lease's: errHeld where it is
// another's. That it really is, and not what a server that is behind still believes, the next
// renewal finds out.
func (a *Lease) adopt(ctx context.Context) error {
	e, err := a.kv.Get(ctx, a.key)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(e.Value(), a.mine):
		return errHeld
	}
	a.rev = e.Revision()
	return nil
}

// Release gives the lease up, so that another node can take it at once.
func (a *Lease) Release() {
	a.lose()
	<-a.done
	if a.log.connected() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = a.kv.Delete(ctx, a.key, jetstream.LastRevision(a.rev)) // else it lapses
}
