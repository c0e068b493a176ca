package mastodon

// names remembers the uri of posts by the id that a server gives them: deletions name no other. Of
// more than most the first are forgotten.
type names struct {
	most int
	ids  map[string]string
	ring []string
	next int
}

func (n *names) remember(local, uri string) {
	if n.ids == nil {
		n.ids = map[string]string{}
	}
	if _, known := n.ids[local]; !known {
		if len(n.ring) < n.most {
			n.ring = append(n.ring, local)
		} else {
			delete(n.ids, n.ring[n.next])
			n.ring[n.next] = local
			n.next = (n.next + 1) % n.most
		}
	}
	n.ids[local] = uri
}

func (n *names) find(local string) string { return n.ids[local] }
