//go:build peers

package peers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	posts      = "app.bsky.feed.post"
	reposts    = "app.bsky.feed.repost"
	xrpcWait   = 30 * time.Second
	xrpcAnswer = 8 << 20 // most bytes of an answer
)

// account is somebody who writes.
type account struct {
	pds    string
	DID    string `json:"did"`
	Handle string `json:"handle"`
	Token  string `json:"accessJwt"`
}

// written is what the PDS answers to a record that was written.
type written struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// call asks the PDS: a query where in is nil.
func call(ctx context.Context, pds, method, authorization string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, xrpcWait)
	defer cancel()
	verb, body := http.MethodGet, []byte(nil)
	if in != nil {
		var err error
		if verb = http.MethodPost; in != struct{}{} {
			if body, err = json.Marshal(in); err != nil {
				return err
			}
		}
	}
	req, err := http.NewRequestWithContext(ctx, verb, "http://"+pds+"/xrpc/"+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, xrpcAnswer))
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s is answered with %s: %s", method, resp.Status, answer)
	case out == nil:
		return nil
	}
	return json.Unmarshal(answer, out)
}

func join(ctx context.Context, pds, name string) (*account, error) {
	a := &account{pds: pds}
	return a, call(ctx, pds, "com.atproto.server.createAccount", "",
		map[string]string{"handle": name + ".test", "email": name + "@example.org", "password": secret()}, a)
}

func (a *account) do(ctx context.Context, method string, in, out any) error {
	return call(ctx, a.pds, method, "Bearer "+a.Token, in, out)
}

func (a *account) create(ctx context.Context, record map[string]any) (w written, err error) {
	err = a.do(ctx, "com.atproto.repo.createRecord", map[string]any{"repo": a.DID, "collection": record["$type"], "record": record}, &w)
	return w, err
}

func (a *account) put(ctx context.Context, rkey string, record map[string]any) (w written, err error) {
	err = a.do(ctx, "com.atproto.repo.putRecord", map[string]any{"repo": a.DID, "collection": posts, "rkey": rkey, "record": record}, &w)
	return w, err
}

func (a *account) remove(ctx context.Context, rkey string) error {
	return a.do(ctx, "com.atproto.repo.deleteRecord", map[string]any{"repo": a.DID, "collection": posts, "rkey": rkey}, nil)
}

// list is what stands in the account's repository, by its address: of posts their text, of reposts
// what they pass on.
func (a *account) list(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for _, collection := range []string{posts, reposts} {
		if err := a.listOne(ctx, collection, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *account) listOne(ctx context.Context, collection string, out map[string]string) error {
	for cursor := ""; ; {
		var page struct {
			Cursor  string
			Records []struct {
				URI   string
				Value struct {
					Text    string
					Subject struct{ URI string }
				}
			}
		}
		q := url.Values{"repo": {a.DID}, "collection": {collection}, "limit": {"100"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		if err := a.do(ctx, "com.atproto.repo.listRecords?"+q.Encode(), nil, &page); err != nil {
			return err
		}
		for _, r := range page.Records {
			if _, twice := out[r.URI]; twice {
				return errors.New("the PDS lists " + r.URI + " twice")
			}
			out[r.URI] = r.Value.Text + r.Value.Subject.URI
		}
		if cursor = page.Cursor; cursor == "" || len(page.Records) == 0 {
			return nil
		}
	}
}

func (a *account) deactivate(ctx context.Context) error {
	return a.do(ctx, "com.atproto.server.deactivateAccount", map[string]any{}, nil)
}

func (a *account) activate(ctx context.Context) error {
	return a.do(ctx, "com.atproto.server.activateAccount", struct{}{}, nil)
}

// takeDown and deleteAccount are done by the PDS's administrator.
func (c *chain) takeDown(ctx context.Context, a *account) error {
	return c.admin(ctx, "com.atproto.admin.updateSubjectStatus", map[string]any{
		"subject":  map[string]string{"$type": "com.atproto.admin.defs#repoRef", "did": a.DID},
		"takedown": map[string]any{"applied": true, "ref": "test"},
	})
}

func (c *chain) deleteAccount(ctx context.Context, a *account) error {
	return c.admin(ctx, "com.atproto.admin.deleteAccount", map[string]string{"did": a.DID})
}

func (c *chain) admin(ctx context.Context, method string, in any) error {
	return call(ctx, c.pds.String(), method, "Basic "+base64.StdEncoding.EncodeToString([]byte("admin:"+c.password)), in, nil)
}
