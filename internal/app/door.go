package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"outcry/api"
	"outcry/internal/auth"
)

// secretName is the file in the data directory with the server's secret, where no other is named.
const secretName = "secret"

// door opens the door with the server's secret.
func (n *Node) door(ctx context.Context) (*auth.Door, error) {
	file, secret, err := n.secret()
	if err != nil {
		return nil, err
	}
	if n.reset {
		if err := auth.Reset(ctx, n.Store, secret, time.Now().UTC()); err != nil {
			return nil, err
		}
	}
	d, err := auth.Open(ctx, n.Store, secret)
	if errors.Is(err, auth.ErrOtherSecret) {
		return nil, fmt.Errorf("%s: %w: put the secret of the other nodes there, or run 'outcry key reset', which revokes every key and ends every session", file, err)
	}
	return d, err
}

// ResetDoor takes the secret that is there now: every key is revoked and every session ends.
func ResetDoor(ctx context.Context, c Config, logger *slog.Logger) error {
	n := &Node{config: c, logger: logger, meters: newMeters(), reset: true}
	return errors.Join(n.open(ctx), n.Close())
}

// secret reads the server's secret, and makes one in the data directory where none is named.
func (n *Node) secret() (file string, secret []byte, err error) {
	const most = 4 << 10
	file = n.config.SecretFile
	if file == "" {
		file = filepath.Join(n.config.Data, secretName)
		if err := makeSecret(file); err != nil {
			return file, nil, err
		}
	}
	text, err := readLimited(file, most)
	if err != nil {
		return file, nil, fmt.Errorf("secret: %w", err)
	}
	if text = []byte(strings.TrimSpace(string(text))); len(text) < auth.MinSecret || len(text) > most {
		return file, nil, fmt.Errorf("secret: %s holds %d bytes: it needs %d to %d random ones", file, len(text), auth.MinSecret, most)
	}
	return file, text, nil
}

// makeSecret makes the file unless it is there. It is written whole under another name first, so
// that a crash leaves none that is half.
func makeSecret(file string) error {
	if _, err := os.Lstat(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	b := make([]byte, auth.MinSecret)
	rand.Read(b)
	if err := os.WriteFile(file+".new", []byte(hex.EncodeToString(b)+"\n"), 0o600); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	return nil
}

// firstLink makes a one-time link for the owner while nobody has a password.
func (n *Node) firstLink(ctx context.Context, url string) (string, error) {
	locked, err := n.Door.Locked(ctx)
	if err != nil || !locked {
		return "", err
	}
	return n.SignInLink(ctx, url)
}

// SignInLink makes a one-time link for the owner, at a server that is reached at url.
func (n *Node) SignInLink(ctx context.Context, url string) (string, error) {
	l, err := n.Door.OwnerLink(ctx, time.Now().UTC())
	if err != nil {
		return "", err
	}
	if u := n.config.Public(); u != nil {
		url = u.String()
	}
	return api.SignInAddress(url, l), nil
}

// certificate loads the pair for TLS; nil where there is none.
func (c *Config) certificate() (*tls.Certificate, error) {
	if c.TLSCertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCertFile, c.TLSKeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls_cert_file, tls_key_file: %w", err)
	}
	return &pair, nil
}

func serverTLS(pair *tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{*pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

func fingerprint(pair *tls.Certificate) string {
	sum := sha256.Sum256(pair.Certificate[0])
	return hex.EncodeToString(sum[:])
}
