package auth

import (
	"context"
	"errors"
	"time"

	"outcry/internal/reaction"
)

// What is asked of the store without a thought of our own.

// People lists everybody, by name.
func (d *Door) People(ctx context.Context) ([]Person, error) { return d.store.People(ctx) }

// ChangePerson sets somebody's role and whether they may sign in at all. reaction.ErrConflict when
// nobody would be left who may administer.
func (d *Door) ChangePerson(ctx context.Context, name string, role Role, disabled bool) (Person, error) {
	return d.store.ChangePerson(ctx, name, role, disabled)
}

// DeletePerson removes somebody, their sessions and links.
func (d *Door) DeletePerson(ctx context.Context, name string) error {
	return d.store.DeletePerson(ctx, name)
}

// Keys lists every key, the newest first.
func (d *Door) Keys(ctx context.Context) ([]Key, error) { return d.store.Keys(ctx) }

// RevokeKey revokes a key for good.
func (d *Door) RevokeKey(ctx context.Context, id string, now time.Time) (Key, error) {
	return d.store.RevokeKey(ctx, id, now)
}

// AddPerson adds somebody and makes the link by which they come in.
func (d *Door) AddPerson(ctx context.Context, name string, role Role, now time.Time) (Person, Link, error) {
	p, err := d.store.CreatePerson(ctx, name, role, now)
	if err != nil {
		return p, Link{}, err
	}
	l, err := d.link(ctx, p, now)
	return p, l, err
}

// NewLink makes a link for somebody, in the place of any they had.
func (d *Door) NewLink(ctx context.Context, name string, now time.Time) (Person, Link, error) {
	p, _, err := d.store.Person(ctx, name)
	if err != nil {
		return p, Link{}, err
	}
	l, err := d.link(ctx, p, now)
	return p, l, err
}

func (d *Door) link(ctx context.Context, p Person, now time.Time) (Link, error) {
	l := Link{newToken(), now.Add(LinkLife)}
	return l, d.store.AddLink(ctx, p.ID, d.seal.seal(forLink, l.Token), l.ExpiresAt)
}

// Owner is the name of the first person, who is made when there is nobody.
const Owner = "owner"

// OwnerLink makes a link for the owner, who is made an admin where there is no such person: the
// way in for whoever runs the server.
func (d *Door) OwnerLink(ctx context.Context, now time.Time) (Link, error) {
	_, l, err := d.AddPerson(ctx, Owner, Chief, now)
	if errors.Is(err, reaction.ErrExists) {
		if _, err = d.store.ChangePerson(ctx, Owner, Chief, false); err == nil {
			_, l, err = d.NewLink(ctx, Owner, now)
		}
	}
	return l, err
}

// Locked reports whether nobody can sign in yet: no person has a password.
func (d *Door) Locked(ctx context.Context) (bool, error) {
	people, err := d.store.People(ctx)
	for _, p := range people {
		if p.HasPassword && !p.Disabled && p.Role == Chief {
			return false, err
		}
	}
	return true, err
}

// CreateKey makes a key of that name, with the scopes, sources and end that k has, and the secret that
// is told once.
func (d *Door) CreateKey(ctx context.Context, k Key, by Principal, now time.Time) (Key, string, error) {
	for {
		token, id := newKey()
		k := Key{ID: id, Name: k.Name, Scopes: k.Scopes, Sources: k.Sources, CreatedAt: now, CreatedBy: by.Actor(), ExpiresAt: k.ExpiresAt}
		err := d.store.AddKey(ctx, k, d.seal.seal(forKey, token), MaxKeys)
		if errors.Is(err, reaction.ErrExists) { // one in a million million
			continue
		}
		return k, token, err
	}
}

// Audit appends to the audit log.
func (d *Door) Audit(ctx context.Context, entries ...Entry) error {
	return d.store.AddEntries(ctx, entries)
}

// Entries lists the audit log, newest first, from before the entry of that id; 0 begins with the
// newest.
func (d *Door) Entries(ctx context.Context, before int64, limit int) ([]Entry, error) {
	return d.store.Entries(ctx, before, limit)
}
