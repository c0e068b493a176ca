package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"outcry/internal/app"
)

// serving starts a server in a process of its own and waits until it has said how to sign in.
func serving(t *testing.T, dir string, args ...string) (app.Holder, string) {
	t.Helper()
	out := &lockedBuffer{}
	child(t, out, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", dir}, args...)...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for sleep(ctx, 20*time.Millisecond) == nil {
		if !strings.Contains(out.String(), "Sign in") {
			continue
		}
		h, held, err := app.FindHolder(dir)
		if err != nil || !held || h.URL == "" {
			t.Fatalf("the lock says %+v, %v", h, err)
		}
		return h, out.String()
	}
	t.Fatalf("the server does not start:\n%s", out.String())
	return app.Holder{}, ""
}

func TestKeysAndLinksFromTheCommandLine(t *testing.T) {
	dir := dataDir(t)
	// Without a server too.
	before := strings.TrimSpace(must(t, "key", "create", "--name", "before", "--scope", "read", "--data", dir))
	h, out := serving(t, dir)
	if !strings.Contains(out, h.URL+"/sign-in#") {
		t.Errorf("the first start says %q", out)
	}
	secret := strings.TrimSpace(must(t, "key", "create", "--name", "newsroom", "--scope", "read,export", "--expires", "30d", "--data", dir))
	if list := must(t, "key", "list", "--data", dir); !strings.Contains(list, "newsroom") || !strings.Contains(list, "before") || strings.Contains(list, secret) {
		t.Errorf("the list is\n%s", list)
	}
	keyFile := write(t, "key", secret+"\n")
	must(t, "event", "list", "--server", h.URL, "--key-file", keyFile)
	t.Setenv(keyVariable, before)
	must(t, "event", "list", "--server", h.URL)
	t.Setenv(keyVariable, "")
	if r := outcry(t, "event", "list", "--server", h.URL); r.code != exitFailed || !strings.Contains(r.err, "API key") {
		t.Errorf("without a key: %+v", r)
	}
	if r := outcry(t, "event", "apply", "-f", eventFile(t, drillInto), "--server", h.URL, "--key-file", keyFile); r.code != exitFailed || !strings.Contains(r.err, "scope admin") {
		t.Errorf("with a key that may only read: %+v", r)
	}
	if r := outcry(t, "event", "list", "--server", "http://outcry.example.org", "--key-file", keyFile); r.code != exitUsage || !strings.Contains(r.err, "in the clear") {
		t.Errorf("a key over plain HTTP: %+v", r)
	}
	id := strings.Split(secret, "_")[1]
	must(t, "key", "revoke", id, "--data", dir)
	if r := outcry(t, "event", "list", "--server", h.URL, "--key-file", keyFile); r.code != exitFailed {
		t.Errorf("with a revoked key: %+v", r)
	}
	must(t, "key", "create", "--name", "bridge", "--scope", "ingest", "--source", "mybridge,x", "--data", dir)
	must(t, "key", "create", "--name", "plain", "--scope", "ingest", "--data", dir)
	list := must(t, "key", "list", "--data", dir)
	for name, sources := range map[string]string{"bridge": "mybridge x", "plain": "not collected", "newsroom": "-"} {
		if !regexp.MustCompile(name + `\s+[a-z ]+\s\s` + sources + `\s\s`).MatchString(list) {
			t.Errorf("%s is not listed with %q:\n%s", name, sources, list)
		}
	}
	if r := outcry(t, "key", "create", "--name", "wrong", "--scope", "read", "--source", "x", "--data", dir); r.code != exitFailed || !strings.Contains(r.err, "scope ingest") {
		t.Errorf("a reader for a source: %+v", r)
	}
	if link := must(t, "sign-in", "--data", dir); !strings.HasPrefix(link, h.URL+"/sign-in#") {
		t.Errorf("the link is %s", link)
	}
	for name, mode := range map[string]os.FileMode{"lock": 0o600, "secret": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestAnotherSecretIsNoticed(t *testing.T) {
	dir := dataDir(t)
	old := must(t, "key", "create", "--name", "old", "--scope", "read", "--data", dir)
	if err := os.Remove(filepath.Join(dir, "secret")); err != nil {
		t.Fatal(err)
	}
	if r := outcry(t, "event", "list", "--data", dir); r.code != exitFailed || !strings.Contains(r.err, "outcry key reset") {
		t.Fatalf("with another secret: %+v", r)
	}
	if r := outcry(t, "key", "reset", "--data", dir); r.code != exitUsage {
		t.Errorf("without --yes: %+v", r)
	}
	must(t, "key", "reset", "--yes", "--data", dir)
	if list := must(t, "key", "list", "--data", dir); !strings.Contains(list, "revoked") || strings.Contains(list, strings.TrimSpace(old)) {
		t.Errorf("after the reset:\n%s", list)
	}
}

// Commands on the server's machine find it over TLS too, by its one certificate.
func TestTLS(t *testing.T) {
	dir := dataDir(t)
	cert, key := selfSigned(t)
	h, out := serving(t, dir, "--config", write(t, "outcry.yaml",
		"public_url: https://outcry.example.org\ntls_cert_file: "+cert+"\ntls_key_file: "+key+"\n"))
	if !strings.HasPrefix(h.URL, "https://127.0.0.1:") || !strings.Contains(out, "https://outcry.example.org/sign-in#") {
		t.Errorf("at %s the server says %q", h.URL, out)
	}
	must(t, "event", "list", "--data", dir)
	res, err := http.Get(h.URL + "/healthz")
	if err == nil {
		res.Body.Close()
		t.Error("a client took a certificate that it does not know")
	} else if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a client that does not know the certificate: %v", err)
	}
	c, err := newClient(h.URL, h.Key, strings.Repeat("0", 64))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Events(t.Context()); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("with another certificate: %v", err)
	}
}

// selfSigned writes a certificate for a name that is not this machine's.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "outcry.example.org"}, DNSNames: []string{"outcry.example.org"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return write(t, "cert.pem", block("CERTIFICATE", der)), write(t, "key.pem", block("PRIVATE KEY", pkcs8))
}
