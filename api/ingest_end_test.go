package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// A body that comes drop by drop, and never ends its line, ends with its time all the same, packed or not.
func TestAPushThatDripsEnds(t *testing.T) {
	for _, how := range []string{"plain", "in lines", "gzip", "the name in gzip", "zstd"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				o, g := plainOptions(m), newIngest(m)
				o.Ingests = g
				begin, drops := time.Now(), 0
				text, head := pushed(0, 1, begin)+strings.Repeat("a", 1000), ""
				switch how {
				case "in lines":
					text = strings.Repeat("{}\n", 1000)
				case "gzip":
					text, head = gzipped(text), "Content-Encoding: gzip\r\n"
				case "the name in gzip":
					text, head = "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"+strings.Repeat("a", 400), "Content-Encoding: gzip\r\n"
				case "zstd":
					text, head = zstded(text), "Content-Encoding: zstd\r\n"
				}
				sent := make(chan struct{})
				status, _, body := exchangeSlowly(t, o, func(w io.Writer) {
					defer close(sent)
					_, err := io.WriteString(w, withKey(o, "POST "+pushAddress+" HTTP/1.1\r\nHost: localhost\r\n"+head+"Content-Length: 100000\r\n\r\n"))
					for ; err == nil && drops < len(text); drops++ {
						_, err = io.WriteString(w, text[drops:drops+1])
						<-time.After(50 * time.Second)
					}
				})
				took := time.Since(begin)
				<-sent
				var p api.Problem
				if err := json.Unmarshal([]byte(body), &p); err != nil || status != 408 || !strings.Contains(p.Detail, "10m0s") {
					t.Errorf("answered with %d %s", status, body)
				}
				if took != 10*time.Minute {
					t.Errorf("after %s", took)
				}
			})
		})
	}
}

// A key that is revoked ends the pushes that it began.
func TestARevokedKeyPushesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		o, g := plainOptions(m), newIngest(m)
		o.Ingests = g
		k, secret, err := o.Door.CreateKey(t.Context(), auth.Key{Name: "bridge", Scopes: auth.Scopes{auth.Ingest}}, auth.Principal{Kind: auth.Local}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan struct{})
		status, _, body := exchangeSlowly(t, o, func(w io.Writer) {
			defer close(sent)
			_, err := fmt.Fprintf(w, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n", pushAddress, secret)
			for i := 0; i < 8 && err == nil; i++ {
				_, err = io.WriteString(w, pushed(i, i+1, time.Now()))
				<-time.After(50 * time.Second)
				if i == 2 {
					if _, err := o.Door.RevokeKey(context.Background(), k.ID, time.Now()); err != nil {
						t.Error(err)
					}
				}
			}
		})
		<-sent
		var p api.Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != 403 || p.Push == nil || p.Push.Accepted < 3 || p.Push.Accepted > 4 || g.taken() != int(p.Push.Accepted) {
			t.Errorf("answered with %d %s", status, body)
		}
	})
}

// panicking is an Ingests with a fault.
type panicking struct{ *ingest }

func (panicking) Push(context.Context, string, []reaction.Pushed) (reaction.Took, error) {
	panic("a fault of ours")
}

// A push that ends by a fault of ours leaves its place to the next, and nothing on disk.
func TestAFaultInAPushFreesItsPlace(t *testing.T) {
	dir := t.TempDir()
	h := start(t, func(o *api.Options) { o.Ingests, o.Scratch = panicking{newIngest(newMemory())}, dir })
	for range 20 {
		h.post(t, pushAddress+"?results=all", ndjson, goodPost).want(t, 500)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
}
