package archive

import (
	"time"

	"outcry/collectors/archive/internal/frame"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// decodeX reads what twarc 2 and other recorders of the X API v2 write.
func decodeX(row *frame.Row, e *emitter) { wire.X(row.Data, e) }

// decodeSky reads dumps of Jetstream, versions 1 and 2.
func decodeSky(row *frame.Row, e *emitter) { wire.Jetstream(row.Data, e) }

// decodeFedi reads statuses, and events as they come over WebSocket and as server-sent events.
func decodeFedi(row *frame.Row, e *emitter) { wire.Mastodon(row.Event, row.Data, e) }

// An emitter is what the decoders of package wire give to.
var _ interface {
	wire.Sink
	wire.Bounded
} = (*emitter)(nil)

// Post takes a post.
func (e *emitter) Post(p *reaction.Post, order time.Time, edit bool, local string) {
	if it := e.post(p, order, edit); it != nil && len(local) <= wire.MaxNames {
		it.local, it.id = local, p.ID
	}
}

// Delete takes a deletion.
func (e *emitter) Delete(d *reaction.Delete) { e.delete(d) }

// DeleteLocal takes a deletion that waits for its time and its id.
func (e *emitter) DeleteLocal(source reaction.Source, local string) {
	e.deleteLater(&reaction.Delete{Source: source}, local)
}

// Refuse counts what was not taken.
func (e *emitter) Refuse(reason, detail string) { e.refuse(reason, detail) }

// Full reports whether the posts of the present row have taken all the room there is for them.
func (e *emitter) Full() bool { return e.crammed }
