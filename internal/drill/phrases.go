package drill

// phrases are what people write in one language. In a phrase, [a|b] is a choice, which may be
// empty and may hold choices; {name} is a part of the event:
//
//	{who} {service} {tag}  name the event so that its terms match
//	{event} {coin} {other} "the launch", the coined tag, the neighbour: match nothing themselves
//	{min}                  minutes since the planned start
//	{dev} {food} {place}   a device, something to eat, a place
//	{url}                  an address at example.org or example.com
//
// A phrase without one of the first three gets a tag of the event behind it, or a mention of its
// account before it.
type phrases struct {
	topics  [topicCount][]string
	trouble map[string][]string // first-hand, by symptom; also what elsewhere is made from
	dev     []string
	food    []string
	place   []string
	happy   []string // signs after a post
	upset   []string
}

// of lists the phrases for a topic.
func (p *phrases) of(t topic, symptom string) []string {
	if t == trouble {
		return p.trouble[symptom]
	}
	return p.topics[t]
}

var books = map[string]*phrases{
	english:    &englishPhrases,
	korean:     &koreanPhrases,
	spanish:    &spanishPhrases,
	japanese:   &japanesePhrases,
	portuguese: &portuguesePhrases,
}
