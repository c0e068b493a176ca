package drill

// topic is why a post was written. The topics a plan has rates for come first.
type topic uint8

const (
	before    topic = iota // looking forward
	arriving               // the crowd at the planned start
	during                 // listening, nothing special
	praise                 // it works well
	lookalike              // harmless words that sound like a failure
	applause               // a moment of the event itself
	pause                  // a break in the programme
	afterward              // talking it over
	grumble                // one person's own trouble, on any day
	trouble                // first-hand: the fault, as felt
	report                 // the fault, as heard of from others
	joke                   // about the fault
	coined                 // jokes with the coined tag
	news                   // media on the fault
	claim                  // what the host claims, passed on
	recovered              // it works again
	calledOff              // the event is cancelled
	elsewhere              // another service fails
	topicCount
)

var topicNames = [topicCount]string{"before", "arriving", "during", "praise", "lookalike", "applause", "pause", "afterward",
	"grumble", "trouble", "report", "joke", "coined", "news", "claim", "recovered", "called_off", "elsewhere"}

func (t topic) String() string { return topicNames[t] }

// complaint reports whether a post on t says, in earnest, that the event's own service fails.
func (t topic) complaint() bool { return t == grumble || t == trouble || t == report }

// firstHand reports whether the trouble is the writer's own.
func (t topic) firstHand() bool { return t == grumble || t == trouble }

// The languages of simulated posts.
const (
	english    = "en"
	korean     = "ko"
	spanish    = "es"
	japanese   = "ja"
	portuguese = "pt"
)

var languages = []string{english, korean, spanish, japanese, portuguese}

// languageShare is the share of a language in all posts. What Korean leaves is mostly English.
func languageShare(lang string, ko float64) float64 {
	switch lang {
	case korean:
		return ko
	case spanish:
		return 0.045 * (1 - ko)
	case japanese:
		return 0.025 * (1 - ko)
	case portuguese:
		return 0.02 * (1 - ko)
	}
	return 0.91 * (1 - ko)
}
