package eventfile

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"outcry/internal/reaction"
)

// field is what a draft's file says of one key.
type field struct {
	key    string
	about  string // above the key
	absent string // what holds where the key is left out; "" where it must be given
}

var fields = []field{
	{"slug", "Names the event in addresses: lower-case letters, digits and inner '-'. It cannot change later.", ""},
	{"title", "What people read above every figure.", ""},
	{"starts_at", "The planned start, with its offset: 2026-05-24T18:00:00-04:00.", ""},
	{"ends_at", "The planned end. Collecting goes on after it while something is open.", "none: the event is endless"},
	{"listen_from", "When listening begins.", "an hour before the start"},
	{"status", "Where the event stands. Better said with outcry event, which keeps who said so and when.", "scheduled"},
	{"platform", "The source that carries the event: its silence is no calm.", "none"},
	{"match", "Which posts belong to the event: any term of any or accounts, and no term of none.", ""},
	{"entities", "Who and what it is about, for blame and names.", "none"},
	{"services", "What carries the event and can fail.", "none"},
	{"sources", "Where to listen.", "bluesky, mastodon and x"},
	{"spend", "Hard caps on what a source may cost.", "none"},
	{"retention", "How long posts are kept after the event's end or their arrival.", "30d"},
	{"simulated", "Nothing in it happened.", ""},
	{"public", "Figures, not posts, are open to anyone.", "false"},
}

// FormatDraft writes an event, perhaps unfinished, as a file with comments that say what each key
// is for. Draft reads it back to an equal event. What must be given and is not stands there empty;
// what may be left out is named at the end with what then holds.
func FormatDraft(e *reaction.Event) ([]byte, error) {
	var n yaml.Node
	if err := n.Encode(e); err != nil {
		return nil, fmt.Errorf("write a draft: %w", err)
	}
	given := make(map[string][]*yaml.Node, len(fields)) // key and value
	for i := 0; i+1 < len(n.Content); i += 2 {
		given[n.Content[i].Value] = n.Content[i : i+2]
	}
	if e.Status == "" {
		delete(given, "status")
	}
	if e.StartsAt.IsZero() {
		*given["starts_at"][1] = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	var missing []field
	n.Content = nil
	for _, f := range fields {
		pair := given[f.key]
		switch {
		case pair != nil:
			pair[0].HeadComment = "# " + f.about
			n.Content = append(n.Content, pair...)
		case f.absent != "":
			missing = append(missing, f)
		}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&n); err != nil {
		return nil, fmt.Errorf("write a draft: %w", err)
	}
	if len(missing) > 0 {
		b.WriteString("\n# Left out, so that this holds:\n")
		for _, f := range missing {
			fmt.Fprintf(&b, "#   %s: %s\n", f.key, f.absent)
		}
	}
	return b.Bytes(), nil
}
