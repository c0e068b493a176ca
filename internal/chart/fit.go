package chart

// mostNoteRows is how many lines of the foot numbered notes may take.
const mostNoteRows = 4

// mostExtraRows is how many rows more than two the lane above the plot may have.
const mostExtraRows = 2

// run lays the chart out again until every note has its place. First the lane above the plot gets
// more rows; where that is not enough, or the plot would be too low, the notes that find no place
// are told in the foot, which takes room from the plot and may drive out others. Each turn numbers
// more notes or gives them fewer lines, so that it ends.
func (l *layout) run() error {
	blank := *l
	try := func(extra int, footed map[int]bool, rows int) error {
		*l = blank
		l.lane, l.footed, l.noteRows = laneRow*float64(extra), footed, rows
		return l.once()
	}
	if err := try(0, nil, 0); err != nil {
		return err
	}
	footed, rows, all := l.unplaced(nil), mostNoteRows, l.untold <= 0
	if len(footed) == 0 && all {
		return nil
	}
	for extra := 1; extra <= mostExtraRows && all; extra++ {
		if err := try(extra, nil, 0); err == nil && len(l.homeless) == 0 && l.plot.h >= 2*leastPlot {
			return nil
		}
	}
	for {
		err := try(0, footed, rows)
		switch {
		case err != nil && rows > 0:
			rows--
		case err != nil:
			return err
		case len(l.homeless) == 0:
			return nil
		default:
			footed = l.unplaced(footed)
		}
	}
}

// unplaced are the notes that found no place, with those that had none before.
func (l *layout) unplaced(before map[int]bool) map[int]bool {
	out := map[int]bool{}
	for i := range before {
		out[i] = true
	}
	for _, i := range l.homeless {
		out[i] = true
	}
	return out
}

func (l *layout) once() error {
	l.put(rectShape{box{0, 0, l.w, l.h}, l.hue.paper})
	top := l.legend(l.head())
	if l.footed != nil {
		// What the notes are does not depend on where the plot is, only their places do.
		l.plot = box{margin, 0, l.w - 2*margin, 1}
		l.gather()
	}
	if err := l.divide(top, l.foot()); err != nil {
		return err
	}
	l.notes = nil
	l.gather()
	l.grid()
	l.backdrop()
	l.timeAxis()
	l.draw()
	l.strips()
	l.annotate()
	return nil
}
