package evaluation

import (
	"slices"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/nlp"
)

// eventOf is an event as somebody would define it for the posts of a file.
func eventOf(file string) []reaction.Event {
	service := func(name string, aliases ...string) reaction.Entity {
		return reaction.Entity{Name: name, Kind: "service", Aliases: aliases}
	}
	switch file {
	case "worldcup2022":
		return []reaction.Event{{
			Services: []health.Service{{Name: "JioCinema"}},
			Entities: []reaction.Entity{service("JioCinema", "jio cinema", "jio"), {Name: "FIFA", Kind: "organisation"}, {Name: "Qatar", Kind: "place"}},
		}}
	case "spotify-support":
		return []reaction.Event{{Services: []health.Service{{Name: "Spotify"}}, Entities: []reaction.Entity{service("Spotify", "spotifycares")}}}
	case "us-airline":
		return []reaction.Event{{Entities: []reaction.Entity{
			service("United"), service("US Airways", "usairways"), service("American", "americanair", "american airlines"), service("Southwest", "southwestair"),
			service("Delta"), service("Virgin America", "virginamerica"), service("JetBlue"),
		}}}
	}
	return nil
}

// said is a labelled text and what the tagger says of it.
type said struct {
	Labelled
	tags reaction.Tags
}

func tagged(list []Labelled) []said {
	taggers := map[string]*nlp.Tagger{}
	out := make([]said, len(list))
	for i, l := range list {
		t := taggers[l.File]
		if t == nil {
			t = nlp.New(eventOf(l.File))
			taggers[l.File] = t
		}
		out[i] = said{l, t.Tag(&reaction.Post{Source: reaction.X, Text: l.Text})}
	}
	return out
}

// openingNight measures what finds the outage posts of the opening night of the World Cup among all of its posts.
func openingNight(d *Data) ([]Row, error) {
	list, err := Posts(d)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, half := range d.halves() {
		var c Counts
		var scored []Scored
		n := 0
		for _, s := range tagged(list) {
			if s.File != "worldcup2022" || s.Half != half || s.Weight == 0 {
				continue
			}
			c.Add(s.tags.IsComplaint, s.Outage, s.Weight)
			scored = append(scored, Scored{float64(s.tags.Complaint), s.Outage})
			if s.Outage {
				n++
			}
		}
		rows = append(rows,
			Row{What: string(half) + ": F1 of outage, weighted to the whole night", Value: c.F1(), Floor: 0.78, N: n, Compare: "lexicon of issue 2 0.48, VADER 0.57"},
			Row{What: string(half) + ": precision", Value: c.Precision(), Floor: 0.85, N: n, Compare: "lexicon 0.81"},
			Row{What: string(half) + ": recall", Value: c.Recall(), N: n},
			Row{What: string(half) + ": Brier score, unweighted", Value: Brier(scored), N: len(scored)})
	}
	return rows, nil
}

// labelsOfPosts measures each label on the posts of which everything was judged.
func labelsOfPosts(d *Data) ([]Row, error) {
	list, err := Posts(d)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, half := range d.halves() {
		var part []Labelled
		for _, l := range list {
			if l.Detail && l.Half == half {
				part = append(part, l)
			}
		}
		rows = append(rows, eachLabel(string(half), tagged(part), 0.75)...)
	}
	return rows, nil
}

// koreanSentences measures each label on the Korean sentences.
func koreanSentences(d *Data) ([]Row, error) {
	list, err := Korean()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, half := range d.halves() {
		var part []Labelled
		for _, l := range list {
			if l.Half == half {
				part = append(part, l)
			}
		}
		more := eachLabel(string(half), tagged(part), 0)
		more[0].Floor = 0.80
		rows = append(rows, more...)
	}
	return rows, nil
}

// main are the five symptoms that must be told apart well.
const main = reaction.CannotJoin | reaction.NoAudio | reaction.NoVideo | reaction.Buffering | reaction.Crash

// eachLabel gives F1 of outage, first-hand, recovery, the symptoms and blame.
func eachLabel(name string, list []said, floor float64) []Row {
	var outage, first, recovery, blame Counts
	var scored []Scored
	symptoms := make([]Counts, len(symptomNames))
	for i := range list {
		s := &list[i]
		outage.Add(s.tags.IsComplaint, s.Outage, 1)
		scored = append(scored, Scored{float64(s.tags.Complaint), s.Outage})
		first.Add(s.tags.FirstHand, s.Outage && s.Voice == "first", 1)
		recovery.Add(s.tags.Recovery, s.Recovery, 1)
		for b := range symptoms {
			bit := reaction.Symptoms(1) << b
			symptoms[b].Add(s.tags.Symptoms&bit != 0, s.Label.Symptoms&bit != 0, 1)
		}
		addBlame(&blame, s)
	}
	rows := []Row{
		row(name+": F1 of outage", outage, 0),
		{What: name + ": precision of outage", Value: outage.Precision(), N: int(outage.TP + outage.FP)},
		{What: name + ": Brier score of outage", Value: Brier(scored), N: len(scored)},
		row(name+": F1 of first-hand", first, floor),
		row(name+": F1 of recovery", recovery, floor),
		row(name+": F1 of blame", blame, floor),
	}
	for b, n := range symptomNames {
		f := floor
		if main&(1<<b) == 0 {
			f = 0
		}
		rows = append(rows, row(name+": F1 of "+n, symptoms[b], f))
	}
	return rows
}

func row(what string, c Counts, floor float64) Row {
	return Row{What: what, Value: c.F1(), Floor: floor, N: int(c.TP + c.FN)}
}

// addBlame counts the services that a complaint blames, by name.
func addBlame(c *Counts, s *said) {
	var gold []string
	if s.Outage {
		gold = s.Blame
	}
	for _, g := range gold {
		if !slices.ContainsFunc(s.tags.Accused, func(a string) bool { return named(a, g) }) {
			c.FN++
		}
	}
	if !s.tags.IsComplaint || len(s.tags.Accused) == 0 {
		return
	}
	if slices.ContainsFunc(s.tags.Accused, func(a string) bool { return slices.ContainsFunc(gold, func(g string) bool { return named(a, g) }) }) {
		c.TP++
	} else {
		c.FP++
	}
}
