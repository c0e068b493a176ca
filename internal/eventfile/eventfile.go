// Package eventfile reads and writes live events as the YAML files that people keep, review and
// apply. docs/events holds examples.
package eventfile

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"outcry/internal/match"
	"outcry/internal/reaction"
	"outcry/internal/strictyaml"
)

// Parse reads an event from YAML or JSON, fills in its defaults and validates it. name is the
// file's name, for messages. The error is a *strictyaml.Errors with every mistake and its line.
func Parse(data []byte, name string) (*reaction.Event, error) {
	var e reaction.Event
	d := strictyaml.Read(data, name, &e)
	e.Normalise()
	d.Check(match.Validate(&e))
	if err := d.Err(); err != nil {
		return nil, err
	}
	return &e, nil
}

// Format writes a normalised event as YAML that Parse reads back to an equal event: keys in the
// order of the Event type, times in UTC, defaults written out, empty values left out.
func Format(e *reaction.Event) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("write event %q: %w", e.Slug, err)
	}
	return b.Bytes(), nil
}
