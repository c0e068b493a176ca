package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outcry/internal/auth"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

var now = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

var secret = []byte(strings.Repeat("s", auth.MinSecret))

func open(t *testing.T) (*auth.Door, *postgres.Store) {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: testdb.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	d, err := auth.Open(t.Context(), s, secret)
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

// denied fails the test unless err is a denial whose reason holds the text.
func denied(t *testing.T, err error, reason string) {
	t.Helper()
	var d *auth.Denial
	if !errors.As(err, &d) || !strings.Contains(d.Reason, reason) {
		t.Errorf("want a denial for %q, got %v", reason, err)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestKeysOpenUntilTheyExpireOrAreRevoked(t *testing.T) {
	d, s := open(t)
	ctx := t.Context()
	k, token, err := d.CreateKey(ctx, auth.Key{Name: "newsroom", Scopes: auth.Scopes{auth.Read}, ExpiresAt: now.Add(time.Hour)}, auth.Principal{Kind: auth.Local}, now)
	if err != nil {
		t.Fatal(err)
	}
	p := must[auth.Principal](t)(d.KeyHolder(ctx, token, now))
	if p.Actor() != "key:newsroom" || !p.Scopes.Has(auth.Read) || p.Scopes.Has(auth.Export) || p.KeyID != k.ID {
		t.Errorf("the key is %+v", p)
	}
	if list := must[[]auth.Key](t)(d.Keys(ctx)); len(list) != 1 || !list[0].LastUsed.Equal(now) || list[0].CreatedBy != "operator" {
		t.Errorf("keys are %+v", list)
	}
	if strings.Contains(k.Prefix(), token[len(k.Prefix()):]) || !strings.HasPrefix(token, k.Prefix()) {
		t.Errorf("the prefix %s tells the secret %s, or is no part of it", k.Prefix(), token)
	}
	_, err = d.KeyHolder(ctx, token, now.Add(time.Hour))
	denied(t, err, "expired")
	last := "x"
	if strings.HasSuffix(token, last) {
		last = "y"
	}
	_, err = d.KeyHolder(ctx, token[:len(token)-1]+last, now)
	denied(t, err, "unknown")
	for _, bad := range []string{"", "outcry_", "outcry__", "outcry_abcdefgh_" + strings.Repeat("a", 300), "Bearer", "outcry_ABCDEFGH_x", "\x00"} {
		_, err = d.KeyHolder(ctx, bad, now)
		denied(t, err, "not a key")
	}
	// The database alone opens nothing: another secret does not know the key.
	other, err := auth.Open(ctx, otherSecret{s}, []byte(strings.Repeat("t", 40)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.KeyHolder(ctx, token, now)
	denied(t, err, "unknown")
	if _, err := d.RevokeKey(ctx, k.ID, now); err != nil {
		t.Fatal(err)
	}
	_, err = d.KeyHolder(ctx, token, now)
	denied(t, err, "revoked")
	if again := must[auth.Key](t)(d.RevokeKey(ctx, k.ID, now.Add(time.Hour))); !again.RevokedAt.Equal(now) {
		t.Error("a key was revoked twice, at two times")
	}
	if _, err := d.RevokeKey(ctx, "nosuchid", now); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("revoking a key that is not there: %v", err)
	}
}

// otherSecret lets a Door with another secret look at the store.
type otherSecret struct{ *postgres.Store }

func (otherSecret) SameSecret(context.Context, []byte) (bool, error) { return true, nil }

func TestLocalKeyIsOfOneProcess(t *testing.T) {
	d, s := open(t)
	if p := must[auth.Principal](t)(d.KeyHolder(t.Context(), d.LocalKey(), now)); p.Actor() != "operator" || !p.Scopes.Has(auth.Admin) {
		t.Errorf("the local key is %+v", p)
	}
	again, err := auth.Open(t.Context(), s, secret)
	if err != nil {
		t.Fatal(err)
	}
	_, err = again.KeyHolder(t.Context(), d.LocalKey(), now)
	denied(t, err, "not a key")
}

func TestLinksOpenOnceForOne(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	if locked := must[bool](t)(d.Locked(ctx)); !locked {
		t.Error("with nobody there, somebody can sign in")
	}
	l := must[auth.Link](t)(d.OwnerLink(ctx, now))
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, p, err := d.SignInByLink(ctx, l.Token, now); err == nil && p.Name == auth.Owner && p.Scopes.Has(auth.Admin) {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("%d were let in by one link", in.Load())
	}
	old := must[auth.Link](t)(d.OwnerLink(ctx, now))
	fresh := must[auth.Link](t)(d.OwnerLink(ctx, now))
	_, _, err := d.SignInByLink(ctx, old.Token, now)
	denied(t, err, "unknown")
	_, _, err = d.SignInByLink(ctx, fresh.Token, now.Add(auth.LinkLife))
	denied(t, err, "expired")
	_, _, err = d.SignInByLink(ctx, "", now)
	denied(t, err, "not a link")
}

func TestPasswords(t *testing.T) {
	d, s := open(t)
	ctx := t.Context()
	l := must[auth.Link](t)(d.OwnerLink(ctx, now))
	token, p, err := d.SignInByLink(ctx, l.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"short", strings.Repeat("x", auth.MaxPassword+1), "not text \xff\xff\xff"} {
		if err := d.SetPassword(ctx, token, p, "", bad, now); !errors.Is(err, auth.ErrPassword) {
			t.Errorf("%.12q was taken: %v", bad, err)
		}
	}
	const good, better = "정말 긴 비밀번호입니다", "another long one"
	if err := d.SetPassword(ctx, token, p, "", good, now); err != nil {
		t.Fatal(err)
	}
	if _, hash, err := s.Person(ctx, auth.Owner); err != nil || strings.Contains(hash, good) || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("what is kept is %q, %v", hash, err)
	}
	if locked := must[bool](t)(d.Locked(ctx)); locked {
		t.Error("with a password set, nobody can sign in")
	}
	byPassword, q, err := d.SignInByPassword(ctx, auth.Owner, good, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.SignInByPassword(ctx, auth.Owner, "not the password", now)
	denied(t, err, "wrong password")
	_, _, err = d.SignInByPassword(ctx, "nobody", good, now)
	denied(t, err, "no such person")
	denied(t, d.SetPassword(ctx, byPassword, q, "not the password", better, now.Add(time.Hour)), "wrong current")
	if err := d.SetPassword(ctx, byPassword, q, good, better, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	// A new password ends every other session.
	_, err = d.SessionHolder(ctx, token, now.Add(time.Hour))
	denied(t, err, "no such session")
	if _, err := d.SessionHolder(ctx, byPassword, now.Add(time.Hour)); err != nil {
		t.Errorf("the session that set the password: %v", err)
	}
	// A forgotten one is replaced after coming in by a link, for a while.
	l = must[auth.Link](t)(d.OwnerLink(ctx, now))
	token, p, err = d.SignInByLink(ctx, l.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	denied(t, d.SetPassword(ctx, token, p, "", good, now.Add(time.Hour)), "wrong current")
	if err := d.SetPassword(ctx, token, p, "", good, now.Add(time.Minute)); err != nil {
		t.Errorf("after a link: %v", err)
	}
}

func TestSessionsEnd(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	enter := func() string {
		l := must[auth.Link](t)(d.OwnerLink(ctx, now))
		token, _, err := d.SignInByLink(ctx, l.Token, now)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	idle := enter()
	_, err := d.SessionHolder(ctx, idle, now.Add(auth.SessionIdle))
	denied(t, err, "ended")
	used := enter()
	for at := now; at.Before(now.Add(auth.SessionLife)); at = at.Add(auth.SessionIdle - time.Hour) {
		if _, err := d.SessionHolder(ctx, used, at); err != nil {
			t.Fatalf("a session in use, at %s: %v", at, err)
		}
	}
	_, err = d.SessionHolder(ctx, used, now.Add(auth.SessionLife))
	denied(t, err, "ended")
	here, there := enter(), enter()
	p := must[auth.Principal](t)(d.SessionHolder(ctx, here, now))
	if err := d.SignOutEverywhere(ctx, p.Visit.Person); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{here, there} {
		_, err = d.SessionHolder(ctx, token, now)
		denied(t, err, "ended")
	}
	left := enter()
	if err := d.SignOut(ctx, left); err != nil {
		t.Fatal(err)
	}
	_, err = d.SessionHolder(ctx, left, now)
	denied(t, err, "ended")
}

func TestSomebodyCanAlwaysAdminister(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	if _, err := d.OwnerLink(ctx, now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.AddPerson(ctx, "박지민", auth.Viewer, now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.AddPerson(ctx, "박지민", auth.Viewer, now); !errors.Is(err, reaction.ErrExists) {
		t.Errorf("a name given twice: %v", err)
	}
	for what, err := range map[string]error{
		"demote":  errOf(d.ChangePerson(ctx, auth.Owner, auth.Viewer, false)),
		"disable": errOf(d.ChangePerson(ctx, auth.Owner, auth.Chief, true)),
		"delete":  d.DeletePerson(ctx, auth.Owner),
	} {
		if !errors.Is(err, reaction.ErrConflict) {
			t.Errorf("%s the last admin: %v", what, err)
		}
	}
	if _, err := d.ChangePerson(ctx, "박지민", auth.Chief, false); err != nil {
		t.Fatal(err)
	}
	if err := d.DeletePerson(ctx, auth.Owner); err != nil {
		t.Errorf("with another admin there: %v", err)
	}
}

func errOf(_ auth.Person, err error) error { return err }

func TestDisabledPeopleAreOut(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	if _, err := d.OwnerLink(ctx, now); err != nil {
		t.Fatal(err)
	}
	_, l, err := d.AddPerson(ctx, "guest", auth.Viewer, now)
	if err != nil {
		t.Fatal(err)
	}
	token, p, err := d.SignInByLink(ctx, l.Token, now)
	if err != nil || p.Scopes.Has(auth.Ingest) || !p.Scopes.Has(auth.Export) {
		t.Fatalf("a viewer is %+v, %v", p, err)
	}
	if err := d.SetPassword(ctx, token, p, "", "a long password", now); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ChangePerson(ctx, "guest", auth.Viewer, true); err != nil {
		t.Fatal(err)
	}
	_, err = d.SessionHolder(ctx, token, now)
	denied(t, err, "ended")
	_, _, err = d.SignInByPassword(ctx, "guest", "a long password", now)
	denied(t, err, "disabled")
	_, l, err = d.NewLink(ctx, "guest", now)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.SignInByLink(ctx, l.Token, now)
	denied(t, err, "disabled")
}

func TestNodesShareOneSecret(t *testing.T) {
	d, s := open(t)
	ctx := t.Context()
	other := []byte(strings.Repeat("o", auth.MinSecret))
	if _, err := auth.Open(ctx, s, other); !errors.Is(err, auth.ErrOtherSecret) {
		t.Fatalf("a node with another secret: %v", err)
	}
	if _, err := auth.Open(ctx, s, []byte("short")); err == nil {
		t.Error("a short secret was taken")
	}
	_, token, err := d.CreateKey(ctx, auth.Key{Name: "old", Scopes: auth.AllScopes()}, auth.Principal{}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Reset(ctx, s, other, now); err != nil {
		t.Fatal(err)
	}
	_, err = d.KeyHolder(ctx, token, now)
	denied(t, err, "revoked")
	if _, err := auth.Open(ctx, s, other); err != nil {
		t.Errorf("after a reset: %v", err)
	}
}

func TestAuditIsReadBackwards(t *testing.T) {
	d, _ := open(t)
	ctx := t.Context()
	for _, action := range []string{"first", "second", "third"} {
		if err := d.Audit(ctx, auth.Entry{At: now, Actor: "owner", Action: action, Outcome: auth.Done}); err != nil {
			t.Fatal(err)
		}
	}
	got := must[[]auth.Entry](t)(d.Entries(ctx, 0, 2))
	if len(got) != 2 || got[0].Action != "third" || got[1].Action != "second" {
		t.Fatalf("entries are %+v", got)
	}
	if rest := must[[]auth.Entry](t)(d.Entries(ctx, got[1].ID, 2)); len(rest) != 1 || rest[0].Action != "first" {
		t.Errorf("the rest is %+v", rest)
	}
}
