package app

import (
	"os"
	"testing"
)

func TestACredentialIsReadAgain(t *testing.T) {
	file := write(t, "token", "old\n")
	c := newCredential(NewSecret("old"), file)
	change := func(text string, want string, changed bool) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		asked := c.Changed()
		c.look()
		got := false
		select {
		case <-asked:
			got = true
		default:
		}
		if c.Reveal() != want || got != changed {
			t.Errorf("after %q it is %q, changed: %v", text, c.Reveal(), got)
		}
		select {
		case <-c.Changed():
			t.Errorf("after %q whoever asks is told of a change that has been", text)
		default:
		}
	}
	change("old \n", "old", false)
	change("", "old", false)
	change("new\n", "new", true)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if c.look(); c.Reveal() != "new" {
		t.Errorf("without a file it is %q", c.Reveal())
	}
}
