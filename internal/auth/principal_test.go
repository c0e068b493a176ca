package auth_test

import (
	"testing"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// Who may push speaks for what they were made for, and whoever may not for nothing.
func TestWhoSpeaksForWhatSource(t *testing.T) {
	some := []reaction.Source{reaction.X, "nostr"}
	for name, c := range map[string]struct {
		who                    auth.Principal
		x, bluesky, nostr, rss bool
	}{
		"nobody":                  {auth.Principal{}, false, false, false, false},
		"a reader's key":          {auth.Principal{Kind: auth.APIKey, Scopes: auth.Scopes{auth.Read, auth.Admin}, Sources: some}, false, false, false, false},
		"a key":                   {auth.Principal{Kind: auth.APIKey, Scopes: auth.AllScopes()}, false, false, true, true},
		"a key for some":          {auth.Principal{Kind: auth.APIKey, Scopes: auth.Scopes{auth.Ingest}, Sources: some}, true, false, true, false},
		"a viewer":                {auth.Principal{Kind: auth.Session, Scopes: auth.Viewer.Scopes()}, false, false, false, false},
		"an operator":             {auth.Principal{Kind: auth.Session, Scopes: auth.Operator.Scopes()}, true, true, true, true},
		"a command at the server": {auth.Principal{Kind: auth.Local, Scopes: auth.AllScopes()}, true, true, true, true},
	} {
		for source, want := range map[reaction.Source]bool{reaction.X: c.x, reaction.Bluesky: c.bluesky, "nostr": c.nostr, "rss": c.rss} {
			if got := c.who.SpeaksFor(source); got != want {
				t.Errorf("%s speaks for %s: %v", name, source, got)
			}
		}
	}
}

// A key's sources are its principal's.
func TestAKeysSourcesGoWithIt(t *testing.T) {
	d, _ := open(t)
	_, token, err := d.CreateKey(t.Context(), auth.Key{Name: "bridge", Scopes: auth.Scopes{auth.Ingest}, Sources: []reaction.Source{"mybridge"}}, auth.Principal{Kind: auth.Local}, now)
	if err != nil {
		t.Fatal(err)
	}
	if p := must[auth.Principal](t)(d.KeyHolder(t.Context(), token, now)); !p.SpeaksFor("mybridge") || p.SpeaksFor("nostr") {
		t.Errorf("it is %+v", p)
	}
}
