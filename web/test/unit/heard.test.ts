import assert from "node:assert/strict";
import { test } from "node:test";
import { earsOf, heardLanes, heardShare, joined, toldBlind, troubled } from "../../src/heard.ts";
import type { Coverage, CoverageState, Feed, Hearing, Listening } from "../../src/model.ts";

const t0 = Date.parse("2026-03-01T18:00:00Z") / 1000;
const iso = (s: number): string => new Date((t0 + s) * 1000).toISOString();
const hearing = (source: string, from: number, to: number, state: CoverageState, more: Partial<Hearing> = {}): Hearing => ({ source, from: iso(from), to: iso(to), state, ...more });

test("a lane tells apart what was heard, fetched, heard in part, late, left out and not heard", () => {
  const c: Coverage = { from: iso(0), to: iso(100), spans: [], heard: [
    hearing("bluesky", 0, 20, "live"), hearing("bluesky", 20, 30, "filled"), hearing("bluesky", 30, 40, "capped"), hearing("bluesky", 40, 50, "late"),
    hearing("bluesky", 50, 60, "gap", { partly: true }), hearing("bluesky", 60, 100, "gap", { reason: "no answer" }), hearing("x", 0, 100, "recorded"),
  ] };
  const lanes = heardLanes(c, t0 + 70);
  assert.deepEqual(lanes.map((l) => l.source), ["bluesky", "x"]);
  assert.deepEqual(lanes[0]!.stretches.map((s) => [s.kind, s.from - t0, s.to - t0]),
    [["good", 0, 20], ["filled", 20, 30], ["capped", 30, 40], ["late", 40, 50], ["partly", 50, 60], ["blind", 60, 70]], "what comes after the end is not told");
  assert.deepEqual(lanes[1]!.stretches.map((s) => [s.kind, s.to - t0]), [["good", 70]]);
  assert.equal(heardShare(lanes[0]!.stretches, { from: t0 + 10, to: t0 + 60 }), 0.4, "what was fetched was heard, what was heard in part was not");
  assert.equal(heardShare(lanes[0]!.stretches, { from: t0, to: t0 }), 0);
});

test("pages of coverage come to one answer", () => {
  const page = (from: number, to: number, heard: Hearing[]): Coverage => ({ from: iso(from), to: iso(to), spans: [{ source: "x", from: iso(from), to: iso(to), state: "live" }], heard });
  const c = joined([
    page(0, 40, [hearing("bluesky", 0, 40, "live"), hearing("x", 0, 30, "live"), hearing("x", 30, 40, "gap")]),
    page(40, 100, [hearing("bluesky", 40, 100, "live"), hearing("x", 40, 50, "gap"), hearing("x", 50, 100, "gap", { reason: "no answer" })]),
  ]);
  assert.deepEqual([c.from, c.to, c.spans.length], [iso(0), iso(100), 2]);
  assert.deepEqual(heardLanes(c, t0 + 100).map((l) => l.stretches.map((s) => [s.kind, s.from - t0, s.to - t0])),
    [[["good", 0, 100]], [["good", 0, 30], ["blind", 30, 50], ["blind", 50, 100]]]);
});

test("sources that are not heard are told by why", () => {
  const blind = [{ source: "x", why: "capped" as const }, { source: "bluesky", why: "late" as const }, { source: "mastodon", why: "gap" as const, partly: true }, { source: "other", why: "gap" as const }];
  assert.deepEqual(toldBlind(blind).map(([t, list]) => [t, list.map((b) => b.source)]), [["blind", ["other"]], ["inPart", ["mastodon"]], ["behind", ["bluesky"]], ["leftOut", ["x"]]]);
  assert.deepEqual(toldBlind([{ source: "x" }]).map(([t]) => t), ["blind"]);
  assert.deepEqual(toldBlind([]), []);
});

test("sources are told as their worst feed is, what wants a person's eye first", () => {
  const feed = (state: Feed["state"], more: Partial<Feed> = {}): Feed => ({ feed: "live/x/0", state, since: iso(0), last_word: null, ...more });
  const source = (name: string, state: Listening["state"], ...feeds: Feed[]): Listening => ({ source: name, state, since: iso(1), feeds });
  const list = earsOf([
    source("a", "live", feed("live", { last_word: iso(9) })), source("b", "connecting", feed("connecting")), source("c", "idle", feed("idle", { reason: "nobody asks for it" })), source("d", "off", feed("off")),
    source("e", "late", feed("late", { last_word: iso(9), host: "two.example", reason: "two.example is slow" })),
    source("f", "blind", feed("live", { last_word: iso(8) }), feed("blind", { host: "one.example", reason: "no answer", last_word: iso(7) }), feed("off")),
    source("g", "stopped", feed("stopped", { reason: "HTTP 401", mend: "give another token", last_word: iso(3) })),
  ]);
  assert.deepEqual(list.map((e) => e.source + (troubled(e) ? "!" : "")), ["g!", "f!", "e!", "b", "a", "c", "d"]);
  assert.deepEqual(list[0], { source: "g", state: "stopped", word: iso(3), since: iso(1), reason: "HTTP 401", mend: "give another token", heard: 0, feeds: 1 });
  assert.deepEqual(list[1], { source: "f", state: "blind", word: iso(8), since: iso(7), reason: "one.example: no answer", mend: "", heard: 1, feeds: 2 });
  assert.deepEqual([list[2]!.reason, list[2]!.since], ["two.example is slow", iso(9)]);
  assert.deepEqual([list[3]!.word, list[3]!.reason, list[5]!.reason], [null, "", "nobody asks for it"]);
});
