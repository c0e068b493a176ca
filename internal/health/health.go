// Package health holds what is known about the services that carry events: samples, the
// state each sample states, and the rule that turns samples into a state over time.
//
// It is pure: no clock, no network, the standard library only.
package health

import (
	"fmt"
	"strings"
	"time"
)

// State is how a service was. The zero value is Unknown: no news is not good news.
type State uint8

// The states, from the one that says least to the worst.
const (
	Unknown State = iota
	Up
	Degraded
	Down
)

var stateNames = [...]string{"unknown", "up", "degraded", "down"}

// String returns the state's name as it is written in files, the API and charts.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// ParseState reads a state name. Besides the four names it takes the words that status pages
// and monitoring exports use for them ("ok", "operational", "outage", ...), in any case.
func ParseState(s string) (State, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "up", "ok", "operational", "healthy", "available", "1", "true":
		return Up, nil
	case "degraded", "slow", "warning", "partial", "partial_outage", "degraded_performance":
		return Degraded, nil
	case "down", "outage", "major_outage", "critical", "failed", "unavailable", "0", "false":
		return Down, nil
	case "unknown", "":
		return Unknown, nil
	}
	return Unknown, fmt.Errorf("state %q is none of up, degraded, down, unknown", s)
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state as ParseState does.
func (s *State) UnmarshalText(b []byte) error {
	v, err := ParseState(string(b))
	if err != nil {
		return err
	}
	*s = v
	return nil
}

// Sample is one measurement of a service at one moment from one place.
type Sample struct {
	Service string    `json:"service"`           // the service's name, as the event files write it
	At      time.Time `json:"at"`                // when it was measured, UTC
	Vantage string    `json:"vantage,omitempty"` // who measured: a probe, a host, "push"
	// State is Unknown where only latency or audience was measured, or where the measuring itself
	// failed, as Detail then says: nothing is known from that moment on.
	State State `json:"state"`
	// LatencyMS is the response time in milliseconds; nil where it was not measured.
	LatencyMS *float64 `json:"latency_ms,omitempty"`
	// Audience is how many people the service said were listening; nil where it was not measured.
	Audience *int64 `json:"audience,omitempty"`
	Detail   string `json:"detail,omitempty"` // a short reason, for people
}
