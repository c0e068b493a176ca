package names

// Prepare is what prose would be asked, and Ask what comes of it, without waiting for a turn.
var Prepare = prepare

// Ask proposes names in a prepared text.
func Ask(text string) (keys []string, err error) {
	found, err := ask(text)
	for _, e := range found {
		for _, p := range gather(nil, e.Text, kindOf(e.Label)) {
			keys = append(keys, p.Key)
		}
	}
	return keys, err
}
