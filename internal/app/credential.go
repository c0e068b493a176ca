package app

import (
	"context"
	"sync"
	"time"
)

// credentialEvery is how often a file with a secret is looked at.
const credentialEvery = 10 * time.Second

// credential is a secret that may change while the process runs, where it is kept in a file. It is
// safe for concurrent use.
type credential struct {
	file string

	mu      sync.Mutex
	value   Secret
	changed chan struct{} // closed when the value is replaced, by another for the next time
}

func newCredential(value Secret, file string) *credential {
	return &credential{file: file, value: value, changed: make(chan struct{})}
}

// Reveal is the secret as it is now.
func (c *credential) Reveal() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value.Reveal()
}

// Changed is closed when the secret is no longer what it was at the time of this call. Whoever asks
// before they use the secret misses no change, and is told of none that came before.
func (c *credential) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// watch looks at the file until ctx ends, so that a new secret is taken up without a restart.
func (c *credential) watch(ctx context.Context) error {
	if c.file == "" {
		return nil
	}
	tick := time.NewTicker(credentialEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			c.look()
		}
	}
}

// look reads the file. While it cannot be read or is empty the secret stays what it was.
func (c *credential) look() {
	text, err := readSecretFile(c.file)
	if err != nil || text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if text == c.value.Reveal() {
		return
	}
	c.value = NewSecret(text)
	close(c.changed)
	c.changed = make(chan struct{})
}
