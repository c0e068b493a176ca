package wire

// Why a row is refused. The list is closed: counts are kept and shown under these names.
const (
	ReasonBlank      = "blank"        // every field is empty, or the line is: keep-alives of a stream too
	ReasonBadRow     = "bad_row"      // wrong number of fields, or quotes that do not pair
	ReasonBadJSON    = "bad_json"     // not JSON, cut short, or a field of the wrong type
	ReasonTooLarge   = "too_large"    // a line, field, object, text or id past its limit
	ReasonNoTime     = "no_time"      // no time at all
	ReasonBadTime    = "bad_time"     // a time that cannot be read
	ReasonFutureTime = "future_time"  // later than five minutes from now
	ReasonTooOld     = "too_old"      // before the year 2000
	ReasonNoText     = "no_text"      // a post without words
	ReasonNoID       = "no_id"        // no id, in a format whose posts have one
	ReasonNotAPost   = "not_a_post"   // data of another kind
	ReasonNotPublic  = "not_public"   // for followers or for named people only
	ReasonOptedOut   = "opted_out"    // the author asks not to be shown or indexed
	ReasonNotice     = "notice"       // the platform speaks about the stream or an account, not in a post
	ReasonCollection = "collection"   // a Bluesky record that is no post: like, follow, profile; a repost in a file
	ReasonUnknown    = "unknown_post" // the deletion or repost of a post that was not brought
	ReasonBadSource  = "bad_source"   // not the name of a source
	ReasonNoService  = "no_service"   // a health sample without its service
	ReasonNoValue    = "no_value"     // a health sample that measured nothing
	ReasonBadValue   = "bad_value"    // a state, latency or audience that cannot be
)
