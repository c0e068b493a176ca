package stream

import "testing"

// What is on its way to one database is never seen by another that uses the same log, not even
// after the first has taken and trimmed its own.
func TestALogKeepsDatabasesApart(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		for _, db := range []string{"aa", "bb"} {
			l := open(t, Options{Dir: dir, Database: db})
			f := feed(t, l, "live/x/0")
			if round == 0 && f.Last() != nil || round == 1 && string(f.Last().Cursor) != `"for `+db+`"` {
				t.Fatalf("round %d, %s: the feed's last envelope is %+v", round, db, f.Last())
			}
			say(t, f, "for "+db)
			d := read(t, l, ConsumeOptions{})
			del := next(t, d)
			if string(del.Envelope.Cursor) != `"for `+db+`"` || round == 0 && del.Prev != 0 {
				t.Fatalf("round %d: %s was given %s after %d", round, db, del.Envelope.Cursor, del.Prev)
			}
			if err := del.Ack(); err != nil {
				t.Fatal(err)
			}
			settle(t, l, 0)
			d.Close()
			if err := l.Trim(soon(t)); err != nil {
				t.Fatal(err)
			}
			shut(t, l)
		}
	}
}
