package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// How long things are good for.
const (
	SessionLife = 30 * 24 * time.Hour // at the most
	SessionIdle = 7 * 24 * time.Hour  // without being used
	LinkLife    = 24 * time.Hour
)

// MaxKeys is how many keys there may be that are not revoked, MaxKeySources how many sources one may
// be made for.
const (
	MaxKeys       = 1000
	MaxKeySources = 50
)

// Denial is why somebody was not let in. The reason is for the audit log: a client is told only
// that their credentials are not good.
type Denial struct {
	Who    string // as far as is known
	Reason string
}

func (d *Denial) Error() string { return "denied: " + d.Reason }

// Door decides who is let in. It is safe for concurrent use.
type Door struct {
	store  Store
	seal   sealer
	hasher hasher
	local  string
}

// ErrOtherSecret means that the keys and sessions in the store were made with another secret.
var ErrOtherSecret = errors.New("the server's secret is not the one that this database's keys and sessions were made with")

// Open makes a Door over a store. The secret is at least MinSecret bytes, and the same for every
// node on one database: ErrOtherSecret.
func Open(ctx context.Context, store Store, secret []byte) (*Door, error) {
	d, err := newDoor(store, secret)
	if err != nil {
		return nil, err
	}
	same, err := store.SameSecret(ctx, d.check())
	if err == nil && !same {
		err = ErrOtherSecret
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Reset makes a Door with a new secret: every key is revoked, every session and link ends. People
// and their passwords stay.
func Reset(ctx context.Context, store Store, secret []byte, now time.Time) error {
	d, err := newDoor(store, secret)
	if err != nil {
		return err
	}
	return store.ForgetSecrets(ctx, d.check(), now)
}

func newDoor(store Store, secret []byte) (*Door, error) {
	seal, err := newSealer(secret)
	if err != nil {
		return nil, err
	}
	return &Door{store: store, seal: seal, hasher: newHasher(), local: "local_" + rand.Text()}, nil
}

func (d *Door) check() []byte { return d.seal.seal(forCheck, "") }

// LocalKey is a key with every scope that lives as long as this process. It is for commands that
// prove by reading the data directory that they may.
func (d *Door) LocalKey() string { return d.local }

// KeyHolder finds out who a key belongs to. The error is a *Denial for one that is not good.
func (d *Door) KeyHolder(ctx context.Context, token string, now time.Time) (Principal, error) {
	if len(token) == len(d.local) && subtle.ConstantTimeCompare([]byte(token), []byte(d.local)) == 1 {
		return Principal{Kind: Local, Name: "operator", Scopes: AllScopes()}, nil
	}
	id, ok := keyID(token)
	if !ok {
		return Principal{}, &Denial{Reason: "not a key"}
	}
	k, kept, err := d.store.Key(ctx, id)
	if errors.Is(err, reaction.ErrNotFound) {
		return Principal{}, &Denial{Reason: "unknown key"}
	}
	if err != nil {
		return Principal{}, err
	}
	if !hmac.Equal(kept, d.seal.seal(forKey, token)) {
		return Principal{}, &Denial{Reason: "unknown key"} // whoever sent it has only the id
	}
	if state := k.State(now); state != "active" {
		return Principal{}, &Denial{Who: "key:" + k.Name, Reason: state + " key"}
	}
	if now.Sub(k.LastUsed) >= time.Minute {
		if err := d.store.KeyUsed(ctx, id, now); err != nil {
			return Principal{}, err
		}
	}
	return Principal{Kind: APIKey, Name: k.Name, Scopes: k.Scopes, Expires: k.ExpiresAt, KeyID: k.ID, Sources: k.Sources}, nil
}

// SessionHolder finds out who a session belongs to. The error is a *Denial for one that has ended.
func (d *Door) SessionHolder(ctx context.Context, token string, now time.Time) (Principal, error) {
	if token == "" || len(token) > maxToken {
		return Principal{}, &Denial{Reason: "not a session"}
	}
	v, err := d.store.Session(ctx, d.seal.seal(forSession, token), now, now.Add(-SessionIdle))
	if errors.Is(err, reaction.ErrNotFound) {
		return Principal{}, &Denial{Reason: "no such session, or it has ended"}
	}
	if err != nil {
		return Principal{}, err
	}
	return sessionOf(v), nil
}

func sessionOf(v Visit) Principal {
	return Principal{Kind: Session, Name: v.Person.Name, Scopes: v.Person.Role.Scopes(), Expires: v.Expires, Visit: v}
}

// SignInByLink uses up a link and begins a session, whose token is returned.
func (d *Door) SignInByLink(ctx context.Context, link string, now time.Time) (token string, p Principal, err error) {
	if link == "" || len(link) > maxToken {
		return "", p, &Denial{Reason: "not a link"}
	}
	who, err := d.store.UseLink(ctx, d.seal.seal(forLink, link), now)
	if errors.Is(err, reaction.ErrNotFound) {
		return "", p, &Denial{Reason: "unknown, used or expired link"}
	}
	if err != nil {
		return "", p, err
	}
	return d.begin(ctx, Visit{Person: who, ByLink: true}, now)
}

// SignInByPassword begins a session. It takes as long for somebody who does not exist.
func (d *Door) SignInByPassword(ctx context.Context, name, password string, now time.Time) (token string, p Principal, err error) {
	who, kept, err := d.store.Person(ctx, name)
	known := err == nil && kept != "" && !who.Disabled
	if err != nil && !errors.Is(err, reaction.ErrNotFound) {
		return "", p, err
	}
	if !known {
		kept = nobodysHash
	}
	good, err := d.hasher.verify(ctx, password, kept)
	switch {
	case err != nil:
		return "", p, err
	case !known:
		return "", p, &Denial{Reason: "no such person, or no password, or disabled"}
	case !good:
		return "", p, &Denial{Who: who.Name, Reason: "wrong password"}
	}
	return d.begin(ctx, Visit{Person: who}, now)
}

func (d *Door) begin(ctx context.Context, v Visit, now time.Time) (string, Principal, error) {
	if v.Person.Disabled {
		return "", Principal{}, &Denial{Who: v.Person.Name, Reason: "disabled person"}
	}
	token := newToken()
	v.Began, v.Expires = now, now.Add(SessionLife)
	if err := d.store.AddSession(ctx, v, d.seal.seal(forSession, token)); err != nil {
		return "", Principal{}, err
	}
	return token, sessionOf(v), nil
}

// SignOut ends a session.
func (d *Door) SignOut(ctx context.Context, token string) error {
	return d.store.EndSession(ctx, d.seal.seal(forSession, token))
}

// SignOutEverywhere ends every session of a person.
func (d *Door) SignOutEverywhere(ctx context.Context, who Person) error {
	return d.store.EndSessions(ctx, who.ID)
}

// ErrPassword wraps what is wrong with a password that was to be set, in words for its owner.
var ErrPassword = errors.New("password")

// linkFresh is how long after signing in by a link a forgotten password may be replaced.
const linkFresh = 15 * time.Minute

// SetPassword sets the password of whoever the session belongs to, and ends their other sessions
// and links. Where there is a password already, the current one must be given, unless the session
// was begun by a link just now. A wrong current one is a *Denial.
func (d *Door) SetPassword(ctx context.Context, token string, p Principal, current, next string, now time.Time) error {
	if err := checkPassword(next); err != nil {
		return fmt.Errorf("%w: %w", ErrPassword, err)
	}
	_, kept, err := d.store.Person(ctx, p.Name)
	if err != nil {
		return err
	}
	if fresh := p.Visit.ByLink && now.Sub(p.Visit.Began) < linkFresh; kept != "" && !fresh {
		good, err := d.hasher.verify(ctx, current, kept)
		if err != nil {
			return err
		}
		if !good {
			return &Denial{Who: p.Name, Reason: "wrong current password"}
		}
	}
	hash, err := d.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	return d.store.SetPassword(ctx, p.Visit.Person.ID, hash, d.seal.seal(forSession, token))
}

var namePattern = regexp.MustCompile(`^[\p{L}\p{N}](?:[\p{L}\p{N} ._@-]{0,62}[\p{L}\p{N}])?$`)

// others are who is named beside people in the audit log and in the lives of events.
var others = []string{"anonymous", "operator", "the plan", "unknown", "somebody"}

// CheckPersonName says what is wrong with the name of a person.
func CheckPersonName(name string) error {
	if slices.Contains(others, strings.ToLower(name)) {
		return fmt.Errorf("%q is not a person's: what is done under that name is somebody else's", name)
	}
	return CheckName(name)
}

// CheckName says what is wrong with the name of a key.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("%q is not 1 to 64 letters, digits or inner spaces and . _ @ -", name)
	}
	return nil
}
