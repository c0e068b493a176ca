package api_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// doorMemory keeps people, sessions, keys and the audit log in the process, by the contract of
// auth.Store. The real one is tested with package auth.
type doorMemory struct {
	mu       sync.Mutex
	check    []byte
	people   map[string]*doorPerson
	sessions map[string]*doorSession
	links    map[string]doorLink
	keys     map[string]*doorKey
	entries  []auth.Entry
}

type doorPerson struct {
	auth.Person
	hash string
}

type doorSession struct {
	auth.Visit
	used time.Time
}

type doorLink struct {
	name    string
	expires time.Time
}

type doorKey struct {
	auth.Key
	mac []byte
}

func newDoorMemory() *doorMemory {
	return &doorMemory{
		people: map[string]*doorPerson{}, sessions: map[string]*doorSession{}, links: map[string]doorLink{}, keys: map[string]*doorKey{},
	}
}

// lock is deferred twice over: defer m.lock()().
func (m *doorMemory) lock() func() { m.mu.Lock(); return m.mu.Unlock }

func nothing(what string) error { return fmt.Errorf("%s: %w", what, reaction.ErrNotFound) }

func (m *doorMemory) SameSecret(_ context.Context, check []byte) (bool, error) {
	defer m.lock()()
	if m.check == nil {
		m.check = check
	}
	return bytes.Equal(m.check, check), nil
}

func (m *doorMemory) ForgetSecrets(context.Context, []byte, time.Time) error { panic("not asked for") }

func (m *doorMemory) People(context.Context) ([]auth.Person, error) {
	defer m.lock()()
	var out []auth.Person
	for _, p := range m.people {
		out = append(out, p.Person)
	}
	slices.SortFunc(out, func(a, b auth.Person) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (m *doorMemory) Person(_ context.Context, name string) (auth.Person, string, error) {
	defer m.lock()()
	p, ok := m.people[name]
	if !ok {
		return auth.Person{}, "", nothing("person")
	}
	return p.Person, p.hash, nil
}

func (m *doorMemory) CreatePerson(_ context.Context, name string, role auth.Role, now time.Time) (auth.Person, error) {
	defer m.lock()()
	if m.people[name] != nil {
		return auth.Person{}, fmt.Errorf("person: %w", reaction.ErrExists)
	}
	p := &doorPerson{Person: auth.Person{ID: int64(len(m.people) + 1), Name: name, Role: role, CreatedAt: now}}
	m.people[name] = p
	return p.Person, nil
}

func (m *doorMemory) leaves(but string) bool {
	for name, p := range m.people {
		if name != but && p.Role == auth.Chief && !p.Disabled {
			return true
		}
	}
	return false
}

func (m *doorMemory) ChangePerson(_ context.Context, name string, role auth.Role, disabled bool) (auth.Person, error) {
	defer m.lock()()
	p, ok := m.people[name]
	switch {
	case !ok:
		return auth.Person{}, nothing("person")
	case (role != auth.Chief || disabled) && !m.leaves(name):
		return auth.Person{}, fmt.Errorf("nobody would be left who may administer: %w", reaction.ErrConflict)
	}
	p.Role, p.Disabled = role, disabled
	return p.Person, nil
}

func (m *doorMemory) DeletePerson(_ context.Context, name string) error {
	defer m.lock()()
	switch {
	case m.people[name] == nil:
		return nothing("person")
	case !m.leaves(name):
		return fmt.Errorf("nobody would be left who may administer: %w", reaction.ErrConflict)
	}
	delete(m.people, name)
	return nil
}

func (m *doorMemory) SetPassword(_ context.Context, person int64, hash string, _ []byte) error {
	defer m.lock()()
	for _, p := range m.people {
		if p.ID == person {
			p.hash, p.HasPassword = hash, true
		}
	}
	return nil
}

func (m *doorMemory) AddLink(_ context.Context, person int64, mac []byte, expires time.Time) error {
	defer m.lock()()
	for _, p := range m.people {
		if p.ID == person {
			m.links[string(mac)] = doorLink{p.Name, expires}
		}
	}
	return nil
}

func (m *doorMemory) UseLink(_ context.Context, mac []byte, now time.Time) (auth.Person, error) {
	defer m.lock()()
	l, ok := m.links[string(mac)]
	delete(m.links, string(mac))
	if !ok || !now.Before(l.expires) {
		return auth.Person{}, nothing("link")
	}
	return m.people[l.name].Person, nil
}

func (m *doorMemory) AddSession(_ context.Context, v auth.Visit, mac []byte) error {
	defer m.lock()()
	m.sessions[string(mac)] = &doorSession{v, v.Began}
	return nil
}

func (m *doorMemory) Session(_ context.Context, mac []byte, now, idle time.Time) (auth.Visit, error) {
	defer m.lock()()
	v, ok := m.sessions[string(mac)]
	if !ok || !now.Before(v.Expires) || !v.used.After(idle) {
		return auth.Visit{}, nothing("session")
	}
	p := m.people[v.Person.Name]
	if p == nil || p.Disabled {
		return auth.Visit{}, nothing("session")
	}
	v.used, v.Person = now, p.Person
	return v.Visit, nil
}

func (m *doorMemory) EndSession(_ context.Context, mac []byte) error {
	defer m.lock()()
	delete(m.sessions, string(mac))
	return nil
}

func (m *doorMemory) EndSessions(_ context.Context, person int64) error {
	defer m.lock()()
	for mac, v := range m.sessions {
		if v.Person.ID == person {
			delete(m.sessions, mac)
		}
	}
	return nil
}

func (m *doorMemory) Keys(context.Context) ([]auth.Key, error) {
	defer m.lock()()
	var out []auth.Key
	for _, k := range m.keys {
		out = append(out, k.Key)
	}
	return out, nil
}

func (m *doorMemory) AddKey(_ context.Context, k auth.Key, mac []byte, _ int) error {
	defer m.lock()()
	m.keys[k.ID] = &doorKey{k, mac}
	return nil
}

func (m *doorMemory) Key(_ context.Context, id string) (auth.Key, []byte, error) {
	defer m.lock()()
	k, ok := m.keys[id]
	if !ok {
		return auth.Key{}, nil, nothing("key")
	}
	return k.Key, k.mac, nil
}

func (m *doorMemory) KeyUsed(_ context.Context, id string, now time.Time) error {
	defer m.lock()()
	m.keys[id].LastUsed = now
	return nil
}

func (m *doorMemory) RevokeKey(_ context.Context, id string, now time.Time) (auth.Key, error) {
	defer m.lock()()
	k, ok := m.keys[id]
	if !ok {
		return auth.Key{}, nothing("key")
	}
	k.RevokedAt = now
	return k.Key, nil
}

func (m *doorMemory) AddEntries(_ context.Context, entries []auth.Entry) error {
	defer m.lock()()
	for _, e := range entries {
		e.ID = int64(len(m.entries) + 1)
		m.entries = append(m.entries, e)
	}
	return nil
}

func (m *doorMemory) Entries(_ context.Context, before int64, limit int) ([]auth.Entry, error) {
	defer m.lock()()
	var out []auth.Entry
	for _, e := range slices.Backward(m.entries) {
		if (before == 0 || e.ID < before) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}
