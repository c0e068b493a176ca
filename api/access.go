package api

import (
	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/auth"
)

// access says who may use an operation. Every operation has to say so when it is registered, and
// the zero access lets nobody in.
type access struct {
	scope  auth.Scope // what a key or a person needs
	public bool       // anyone, where the event in the path is public
	open   bool       // anyone
}

// Who may use operations.
var (
	anyone  = access{open: true}
	figures = access{scope: auth.Read, public: true} // of an event: open where the event is public
	reads   = access{scope: auth.Read}
	exports = access{scope: auth.Export, public: true}
	ingests = access{scope: auth.Ingest}
	admins  = access{scope: auth.Admin}
)

// guard puts the check of who may use it in front of an operation.
func (s *server) guard(op *huma.Operation, who access) {
	op.Metadata = map[string]any{"access": who}
}
