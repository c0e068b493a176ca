package archive

import "outcry/collectors/wire"

// Why a row is refused: the closed list of package wire.
const (
	ReasonBlank      = wire.ReasonBlank
	ReasonBadRow     = wire.ReasonBadRow
	ReasonBadJSON    = wire.ReasonBadJSON
	ReasonTooLarge   = wire.ReasonTooLarge
	ReasonNoTime     = wire.ReasonNoTime
	ReasonBadTime    = wire.ReasonBadTime
	ReasonFutureTime = wire.ReasonFutureTime
	ReasonTooOld     = wire.ReasonTooOld
	ReasonNoText     = wire.ReasonNoText
	ReasonNoID       = wire.ReasonNoID
	ReasonNotAPost   = wire.ReasonNotAPost
	ReasonNotPublic  = wire.ReasonNotPublic
	ReasonOptedOut   = wire.ReasonOptedOut
	ReasonNotice     = wire.ReasonNotice
	ReasonCollection = wire.ReasonCollection
	ReasonUnknown    = wire.ReasonUnknown
	ReasonBadSource  = wire.ReasonBadSource
	ReasonNoService  = wire.ReasonNoService
	ReasonNoValue    = wire.ReasonNoValue
	ReasonBadValue   = wire.ReasonBadValue
)
