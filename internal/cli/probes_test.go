package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// An event that names probes which are not built is taken, and the person is told.
func TestApplyTellsWhichProbesMeasureNothing(t *testing.T) {
	r := outcry(t, "event", "apply", "-f", filepath.Join("..", "..", "docs", "events", "desantis-launch.yaml"), "--data", dataDir(t))
	if r.code != exitDone || !strings.Contains(r.out, "event desantis-launch made") || strings.Count(r.err, "note: ") != 1 ||
		!strings.Contains(r.err, "note: services[0].probes[1]: audience probes are run by the collector of X") {
		t.Errorf("exit %d, %s, %s", r.code, r.out, r.err)
	}
	bad := eventFile(t, `slug: show
title: A show
starts_at: 2026-03-02T20:00:00+09:00
match: {any: [show]}
services:
  - name: Stage
    probes:
      - kind: http
        url: https://me:hunter2@example.org/
        expect: {stauts: 200}
`)
	r = outcry(t, "event", "apply", "-f", bad, "--data", dataDir(t))
	if r.code != exitFailed || strings.Contains(r.err, "hunter2") || !strings.Contains(r.err, "event.yaml:9: services[0].probes[0].url: leave the name and password out") ||
		!strings.Contains(r.err, "services[0].probes[0].expect.stauts: this key is not known") {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
}

func TestDoctorSaysWhatProbesMayReach(t *testing.T) {
	for allow, want := range map[string]string{
		"":                       "ok       probes     reach the open internet; inner networks are refused (allow_networks",
		"10.1.0.0/16, 127.0.0.1": "ok       probes     reach the open internet, and of inner networks 10.1.0.0/16,127.0.0.1 (allow_networks)",
	} {
		t.Setenv("OUTCRY_ALLOW_NETWORKS", allow)
		if r := outcry(t, "doctor", "--data", dataDir(t)); !strings.Contains(r.out, want) {
			t.Errorf("with %q:\n%s", allow, r.out+r.err)
		}
	}
}
