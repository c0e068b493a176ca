//go:build peers

package peers_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Where make test-peers puts what it installs and builds.
const (
	nodeBinary      = "node_modules/.bin/peers-node"
	jetstreamBinary = "../../../bin/jetstream"
)

// chain is Bluesky on one machine: a PLC directory, where accounts are registered, a PDS, which
// holds their repositories and tells of every change, and a Jetstream, which passes that on. All of
// them listen on 127.0.0.1 alone and keep what they keep in a directory of the test's.
type chain struct {
	dir       string
	password  string // of the PDS's administrator
	pds       *net.TCPAddr
	subscribe *net.TCPAddr // Jetstream
	metrics   *net.TCPAddr
	jetstream *process
	began     time.Time // Jetstream, for the first time
}

// noted is how long a new Jetstream takes to note for the first time how far it has come: every five
// seconds. Before that it begins at the present when it is killed, and what it missed is lost.
const noted = 7 * time.Second

func startChain(t *testing.T) *chain {
	t.Helper()
	for _, needed := range []string{nodeBinary, jetstreamBinary} {
		if _, err := os.Stat(needed); err != nil {
			t.Fatalf("%s is missing: run make test-peers, which makes it", needed)
		}
	}
	c := &chain{dir: t.TempDir(), password: secret(), pds: free(t), subscribe: free(t), metrics: free(t)}
	directory := free(t)
	plc := c.node(t, "plc", "PLC_PORT="+strconv.Itoa(directory.Port))
	plc.says(t, "ready")
	for _, name := range []string{"repositories", "blobs", "events"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	pds := c.node(t, "pds",
		"PDS_HOSTNAME=localhost", "PDS_PORT="+strconv.Itoa(c.pds.Port),
		"PDS_DATA_DIRECTORY="+filepath.Join(c.dir, "repositories"), "PDS_BLOBSTORE_DISK_LOCATION="+filepath.Join(c.dir, "blobs"),
		"PDS_DID_PLC_URL=http://"+directory.String(), "PDS_DEV_MODE=true", "PDS_INVITE_REQUIRED=false", "PDS_RATE_LIMITS_ENABLED=false",
		"PDS_JWT_SECRET="+secret(), "PDS_ADMIN_PASSWORD="+c.password, "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX="+secret())
	pds.says(t, "ready")
	c.startJetstream(t)
	c.began = time.Now()
	return c
}

// secret is 32 random bytes, in hexadecimal.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func (c *chain) node(t *testing.T, name string, env ...string) *process {
	t.Helper()
	return start(t, filepath.Join(c.dir, name), append(env, "LOG_ENABLED=false"), nodeBinary, "peer.cjs", name)
}

// startJetstream starts Jetstream, with what it kept when it was killed. Its events are handled in
// order, by one worker: with several, the place it notes for its return may be ahead of what it has
// kept. It does not end itself when nobody writes for a while.
func (c *chain) startJetstream(t *testing.T) {
	t.Helper()
	c.jetstream = start(t, filepath.Join(c.dir, "jetstream"), nil, jetstreamBinary,
		"--ws-url", fmt.Sprintf("ws://%s/xrpc/com.atproto.sync.subscribeRepos", c.pds),
		"--listen-addr", c.subscribe.String(), "--metrics-listen-addr", c.metrics.String(),
		"--data-dir", filepath.Join(c.dir, "events"), "--worker-count", "1", "--liveness-ttl", "1h")
	c.jetstream.listens(t, c.subscribe.String())
}
