package archive

// localNames remembers by which id a server knows its latest posts, for deletions name no other.
type localNames struct {
	ids  map[string]string
	ring []string
	next int
}

const maxLocalNames = 1 << 17

func (l *localNames) remember(local, id string) {
	if l.ids == nil {
		l.ids = map[string]string{}
	}
	if _, known := l.ids[local]; !known {
		if len(l.ring) < maxLocalNames {
			l.ring = append(l.ring, local)
		} else {
			delete(l.ids, l.ring[l.next])
			l.ring[l.next] = local
			l.next = (l.next + 1) % maxLocalNames
		}
	}
	l.ids[local] = id
}

func (l *localNames) find(local string) string { return l.ids[local] }
