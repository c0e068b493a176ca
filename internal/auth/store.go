package auth

import (
	"context"
	"time"
)

// Store keeps people, sessions, keys, links and the audit log. Each call is one transaction. Errors
// wrap reaction.ErrNotFound, ErrExists and ErrConflict where these say so, and reaction.ErrAway
// while the store is out of reach.
type Store interface {
	// SameSecret compares the check with the one kept, and keeps it where there is none yet.
	SameSecret(ctx context.Context, check []byte) (bool, error)
	// ForgetSecrets removes every session and link, revokes every key, and keeps the new check.
	ForgetSecrets(ctx context.Context, check []byte, now time.Time) error

	// People lists everybody, by name.
	People(ctx context.Context) ([]Person, error)
	// Person finds somebody and the hash of their password, "" where they have none. ErrNotFound.
	Person(ctx context.Context, name string) (Person, string, error)
	// CreatePerson adds somebody; ErrExists when the name is taken.
	CreatePerson(ctx context.Context, name string, role Role, now time.Time) (Person, error)
	// ChangePerson sets role and disabled, and ends the sessions and links of whoever is disabled.
	// ErrNotFound; ErrConflict when nobody would be left who may administer.
	ChangePerson(ctx context.Context, name string, role Role, disabled bool) (Person, error)
	// DeletePerson removes somebody with their sessions and links. ErrNotFound, ErrConflict as above.
	DeletePerson(ctx context.Context, name string) error
	// SetPassword keeps a new hash, ends the links of the person and every session but one.
	// ErrNotFound.
	SetPassword(ctx context.Context, person int64, hash string, except []byte) error

	// AddLink keeps a link for somebody, in the place of any before.
	AddLink(ctx context.Context, person int64, mac []byte, expires time.Time) error
	// UseLink removes a link and says whose it was. ErrNotFound when there is none that is still
	// good at now: it can be used once, by one.
	UseLink(ctx context.Context, mac []byte, now time.Time) (Person, error)

	// AddSession begins a session. Sessions that had ended by its beginning are removed.
	AddSession(ctx context.Context, v Visit, mac []byte) error
	// Session finds a session that is good at now, with its person; a session unused since idle is
	// not. It notes that it was used, to the minute. ErrNotFound.
	Session(ctx context.Context, mac []byte, now, idle time.Time) (Visit, error)
	// EndSession removes a session; no error when there is none.
	EndSession(ctx context.Context, mac []byte) error
	// EndSessions removes every session of a person.
	EndSessions(ctx context.Context, person int64) error

	// Keys lists every key, the newest first.
	Keys(ctx context.Context) ([]Key, error)
	// AddKey keeps a key; ErrExists when its id is taken, ErrConflict when there are limit already
	// that are not revoked.
	AddKey(ctx context.Context, k Key, mac []byte, limit int) error
	// Key finds a key and its MAC by its id. ErrNotFound.
	Key(ctx context.Context, id string) (Key, []byte, error)
	// KeyUsed notes that a key was used, to the minute.
	KeyUsed(ctx context.Context, id string, now time.Time) error
	// RevokeKey revokes a key, which stays revoked. ErrNotFound.
	RevokeKey(ctx context.Context, id string, now time.Time) (Key, error)

	// AddEntries appends to the audit log.
	AddEntries(ctx context.Context, entries []Entry) error
	// Entries lists the audit log, newest first, from before the entry of that id (0: the newest).
	Entries(ctx context.Context, before int64, limit int) ([]Entry, error)
}
