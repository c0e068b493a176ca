package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// watch is one probe of one service, as it is to run.
type watch struct {
	service string
	def     health.Probe
	every   time.Duration
	vantage string
}

// idle is a probe that an event names and that measures nothing.
type idle struct{ slug, service, path, note string }

// watches is what the events of a moment want of a node.
type watches struct {
	watches map[string]watch // by what tells probes apart
	idle    []idle
	left    int // how many there were beyond maxProbes
}

// plan lists the probes of the real events that are listened to at now. Probes that ask the same
// of the same service in the same way are one, as often as the most impatient event wants it.
func plan(events []reaction.Event, node string, now time.Time) watches {
	out := watches{watches: map[string]watch{}}
	for i := range events {
		e := &events[i]
		if e.Simulated || !e.Listening(now) {
			continue
		}
		for si, s := range e.Services {
			for pi, def := range s.Probes {
				if !def.Runs() {
					if def.Kind != health.ProbePush && def.Kind != health.ProbeAudience {
						out.idle = append(out.idle, idle{e.Slug, s.Name, fmt.Sprintf("services[%d].probes[%d]", si, pi), def.Note()})
					}
					continue
				}
				w, key := read(s.Name, def, node)
				if old, ok := out.watches[key]; ok {
					w.every = min(w.every, old.every)
				}
				out.watches[key] = w
			}
		}
	}
	if keys := slices.Sorted(maps.Keys(out.watches)); len(keys) > maxProbes {
		out.left = len(keys) - maxProbes
		for _, k := range keys[maxProbes:] {
			delete(out.watches, k)
		}
	}
	return out
}

// read makes a watch of a probe. Its vantage tells which probe of which node measured: it stays
// the same when only the interval changes.
func read(service string, def health.Probe, node string) (w watch, key string) {
	h, _ := def.HTTP() // of one that is badly written too: its samples then say so
	w = watch{service: service, def: def, every: h.Every}
	what := struct {
		Kind, URL string
		Timeout   time.Duration
		Expect    health.Expectation
	}{def.Kind, def.URL, h.Timeout, h.Expect}
	if h.URL != nil {
		what.URL = h.URL.String()
	}
	text, err := json.Marshal(what)
	if err != nil {
		text = fmt.Append(nil, what)
	}
	w.vantage = vantage(node, def.Kind+"-"+short(text))
	return w, service + "\x00" + string(text)
}

func short(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:3])
}

// vantage names a probe of a node in at most health.MaxVantageBytes.
func vantage(node, probe string) string {
	if most := health.MaxVantageBytes - len("/") - len(probe); len(node) > most {
		node = node[:most-7] + "~" + short([]byte(node))
	}
	return node + "/" + probe
}

// nodeFeed names a feed of a node. Names of machines may hold what names of feeds may not: those
// are rewritten, with a mark that keeps different ones different.
func nodeFeed(kind, node string) (reaction.Feed, error) {
	name := []byte(node)
	for i, c := range name {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		case 'A' <= c && c <= 'Z':
			name[i] = c + 'a' - 'A'
		default:
			name[i] = '-'
		}
	}
	if string(name) != node {
		name = append(name[:min(len(name), 57)], "-"+short([]byte(node))...)
	}
	feed, err := reaction.ParseFeed(kind + string(name))
	if err != nil {
		return "", fmt.Errorf("node: %w", err)
	}
	return feed, nil
}
