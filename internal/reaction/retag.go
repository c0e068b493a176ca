package reaction

import "time"

// RetagStage is what a retag is doing.
type RetagStage string

// The stages of a retag, in their order.
const (
	RetagPosts  RetagStage = "posts"  // tags posts, and moves what they are counted under
	RetagPeople RetagStage = "people" // makes the sketches of distinct people again
	RetagTags   RetagStage = "tags"   // makes the hashtags again that posts gained or lost
	RetagDone   RetagStage = "done"
)

// Retag is one time that the stored posts of an event are tagged again, with the tagger of the program
// and the definitions of events as they are then.
type Retag struct {
	Number  int        `json:"number" doc:"Of the event, from 1."`
	Tagger  int        `json:"tagger" doc:"Version of the tagger."`
	BegunAt time.Time  `json:"begun_at"`
	DoneAt  time.Time  `json:"done_at,omitzero" doc:"Absent while it goes on: figures by label are then of some posts by the new tagger and of others by the old one, and distinct people by label are those of before."`
	Stage   RetagStage `json:"stage" enum:"posts,people,tags,done"`
	Total   int64      `json:"total" doc:"Posts when it began, without those deleted at their source."`
	Posts   int64      `json:"posts" doc:"Posts that were looked at."`
	Changed int64      `json:"changed" doc:"Of these, posts that are counted under other labels now."`
	Failed  int64      `json:"failed,omitempty" doc:"Posts that keep their old labels, since the tagger failed at them: a fault of the program."`
	Deleted int64      `json:"deleted" doc:"Posts that keep their old labels, since their words are gone at their source. Told when it is done."`
}

// Done reports whether nothing is left to do.
func (r *Retag) Done() bool { return r.Stage == RetagDone }
