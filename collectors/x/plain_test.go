package x

import "testing"

// Words of X stand in logs and on terminals.
func TestWordsOfXDriveNoTerminal(t *testing.T) {
	if got := plain("a\x1b[31m\u009b31m\u202eb\u200b\n한글 ok"); got != "a [31m 31m b 한글 ok" {
		t.Errorf("got %q", got)
	}
}
