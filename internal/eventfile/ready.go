package eventfile

import (
	_ "embed"
	"time"

	"outcry/internal/reaction"
)

//go:embed is-it-down.yaml
var isItDown []byte

// ReadyBy is who makes the ready-made event, in its life.
const ReadyBy = "outcry"

// Ready is the event that comes with the program, beginning at a time: what people say about the
// services that they complain about most, without an end.
func Ready(from time.Time) (*reaction.Event, error) {
	e, err := Parse(isItDown, "is-it-down.yaml")
	if err != nil {
		return nil, err
	}
	e.StartsAt = from.UTC().Truncate(time.Minute)
	e.ListenFrom, e.SaidBy = e.StartsAt, ReadyBy
	return e, nil
}
