package stream

import (
	"context"
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
	log    *Log
	kv     jetstream.KeyValue
	key    string
	holder string
	rev    uint64
	lost   context.Context
	lose   context.CancelFunc
	done   chan struct{}
}

// Lease waits until no other holder has the feed, and takes it; holder names this process and no
// other. Its errors are ctx's, or final for the log. Release it when done.
func (l *Log) Lease(ctx context.Context, feed reaction.Feed, holder string) (*Lease, error) {
	key := strings.ReplaceAll(strings.TrimPrefix(l.subject(feed), subjectStart), "/", ".")
	told := false
	for {
		a, err := l.lease(ctx, key, holder)
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

func (l *Log) lease(ctx context.Context, key, holder string) (*Lease, error) {
	if err := l.connected(); err != nil {
		return nil, err
	}
	asking, cancel := l.asking(ctx)
	defer cancel()
	kv, err := l.leases(asking)
	if err != nil {
		return nil, explain("open the leases", err)
	}
	rev, err := kv.Create(asking, key, []byte(holder))
	if errors.Is(err, jetstream.ErrKeyExists) {
		return nil, fmt.Errorf("take the lease %s: %w", key, errHeld)
	}
	if err != nil {
		return nil, explain("take the lease "+key, err)
	}
	a := &Lease{log: l, kv: kv, key: key, holder: holder, rev: rev, done: make(chan struct{})}
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
		rev, err := a.kv.Update(ctx, a.key, []byte(a.holder), a.rev)
		cancel()
		switch {
		case err == nil:
			a.rev, renewed = rev, time.Now()
		case a.lost.Err() != nil:
			return
		case !transient(err), time.Since(renewed) > leaseTTL-leaseRenew:
			a.log.o.Log.Warn("the lease of a feed is lost", slog.String("lease", a.key), slog.Any("error", err))
			a.lose()
			return
		}
	}
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
