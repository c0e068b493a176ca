import assert from "node:assert/strict";
import { test } from "node:test";
import { extentOf, figuresOf, holdOf, lackAt, lastKnown, Mark, merge, ofFew, runs, troubles } from "../../src/figures.ts";
import type { Point, Series } from "../../src/model.ts";

const t0 = Date.parse("2023-05-24T22:00:00Z") / 1000;
const point = (i: number, value: number | null, more: Partial<Point> = {}): Point => ({ bucket: new Date((t0 + i * 10) * 1000).toISOString(), value, covered: 1, ...more });
const series = (name: string, points: Point[]): Series => ({ name, unit: "posts", points });
const begun = () => figuresOf([series("posts", [point(0, 1), point(1, 2), point(2, 3, { open: true })]), series("complaints", [point(0, 0), point(1, null, { covered: 0, blind: ["x"], at_least: 1 }), point(2, 1)])], { from: t0, to: t0 + 30 }, 10);

test("unknown, absent and partly known are told apart", () => {
  const f = figuresOf([series("a", [point(0, null, { covered: 0 }), point(1, null), point(2, 5, { covered: 0.5, blind: ["x"] }), point(3, 0)])], { from: t0, to: t0 + 50 }, 10);
  assert.deepEqual(f.columns[0]!.marks, [Mark.unknown, 0, Mark.partly, 0, Mark.unread]);
  assert.equal(f.columns[0]!.values[3], 0);
});

test("why a bucket is not known is told apart", () => {
  const none = { covered: 0 };
  const f = figuresOf([series("a", [
    point(0, null, { ...none, blind: ["x"], late: ["x"] }), point(1, null, { ...none, blind: ["x"], capped: ["x"] }), point(2, null, { ...none, blind: ["x", "y"], capped: ["x"] }),
    point(3, null, { ...none, blind: ["x", "y"], late: ["y"], capped: ["x"] }), point(4, 5, { filled: ["x"] }), point(5, 3, { covered: 0, blind: ["y"], capped: ["y"] }),
  ]), series("b", [point(0, null, { ...none, blind: ["y"] }), point(1, 2)])], { from: t0, to: t0 + 60 }, 10);
  assert.deepEqual(f.columns[0]!.marks, [Mark.unknown | Mark.late, Mark.unknown | Mark.capped, Mark.unknown, Mark.unknown | Mark.late, Mark.filled, Mark.partly]);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((i) => lackAt(f.columns.slice(0, 1), i)), ["late", "capped", "gap", "late", "", ""]);
  assert.equal(lackAt(f.columns, 0), "gap", "of several lines the gravest reason counts");
  assert.deepEqual(f.columns[0]!.filled[4], ["x"]);
});

test("a changed bucket replaces, a new one lengthens, and nothing else moves", () => {
  const before = begun();
  const { figures: f, missing } = merge(before, [series("posts", [point(2, 7), point(3, 4, { open: true })]), series("complaints", [point(3, 2)])], 10);
  assert.equal(missing, false);
  assert.deepEqual(f.columns.map((c) => c.values), [[1, 2, 7, 4], [0, null, 1, 2]]);
  assert.equal(f.columns[0]!.marks[2], 0);
  assert.equal(f.to, t0 + 40);
  assert.deepEqual(before.columns[0]!.values, [1, 2, 3], "what was drawn before is not changed under the hand");
});

test("the same bucket again changes nothing", () => {
  const a = merge(begun(), [series("posts", [point(3, 4)]), series("complaints", [point(3, 4)])], 10).figures;
  const b = merge(a, [series("posts", [point(3, 4)]), series("complaints", [point(3, 4)])], 10).figures;
  assert.deepEqual(b, a);
});

test("buckets that were skipped are missed, and never zero", () => {
  const m = merge(begun(), [series("posts", [point(6, 1)]), series("complaints", [point(6, 1)])], 10);
  assert.equal(m.missing, true);
  assert.deepEqual(m.figures.columns[0]!.values.slice(3), [null, null, null, 1]);
  assert.equal(m.figures.columns[0]!.marks[4], Mark.unread);
  assert.equal(merge(begun(), [series("posts", [point(3, 1)])], 10).missing, true, "a series that was not sent for a new bucket");
});

test("another step, an older bucket and a far future are left out", () => {
  const f = begun();
  assert.equal(merge(f, [series("posts", [point(3, 1)])], 60).figures, f);
  assert.deepEqual(merge(f, [series("posts", [point(-4, 9)])], 10).figures.columns[0]!.values, [1, 2, 3]);
  assert.deepEqual(merge(f, [series("posts", [point(9_000_000, 9)])], 10), { figures: f, missing: true });
});

test("an extent says what is known of a window", () => {
  const f = begun();
  assert.deepEqual(extentOf(f, f.columns[0]!, { from: t0, to: t0 + 30 }), { sum: 6, least: false, peak: 3, peakAt: t0 + 20, last: 3, unknown: 0 });
  assert.deepEqual(extentOf(f, f.columns[1]!, { from: t0 + 10, to: t0 + 20 }), { sum: 1, least: true, peak: null, peakAt: 0, last: null, unknown: 1 });
});

test("stretches and holds", () => {
  assert.deepEqual(runs(6, (i) => i !== 2 && i < 5), [[0, 2], [3, 5]]);
  assert.equal(holdOf([1, null, null, 1, null, null, 1], 10), 6);
  assert.equal(holdOf([1, ...new Array<null>(400).fill(null), 1], 10), 90);
  assert.equal(holdOf([], 300), 1);
});

test("what was counted last, also by those who could see", () => {
  assert.equal(lastKnown(begun()), t0 + 30);
  assert.equal(lastKnown(figuresOf([series("a", [point(0, 0), point(1, null, { covered: 0, at_least: 0 }), point(2, null, { covered: 0 })])], { from: t0, to: t0 + 50 }, 10)), t0 + 20);
  assert.equal(lastKnown(figuresOf([series("a", [])], { from: t0, to: t0 + 50 }, 10)), t0);
});

test("a share of few posts is no peak", () => {
  const share = { name: "complaint_share", unit: "share" as const, points: [point(0, 1, { of: 1 }), point(1, 0.2, { of: 10 }), point(2, 0.1, { of: 400 })] };
  const f = figuresOf([share], { from: t0, to: t0 + 30 }, 10);
  assert.deepEqual([0, 1, 2].map((i) => ofFew(f.columns[0]!, i)), [true, false, false]);
  assert.equal(extentOf(f, f.columns[0]!, { from: t0, to: t0 + 30 }).peak, 0.2);
});

test("a sum with what only some sources heard is told as at least so many", () => {
  const f = figuresOf([series("complaints", [point(0, 5), point(1, null, { covered: 0.5, at_least: 2, blind: ["mastodon"] }), point(2, 1)])], { from: t0, to: t0 + 30 }, 10);
  const x = extentOf(f, f.columns[0]!, { from: t0, to: t0 + 30 });
  assert.deepEqual([x.sum, x.least, x.peak], [8, true, 5]);
});

test("a time of trouble says for how long of it a service was down", () => {
  const s = (from: number, to: number, down = false) => ({ from, to, down });
  assert.deepEqual(troubles([s(60, 480), s(480, 600, true), s(600, 1500)]), [{ from: 60, to: 1500, bad: 1440, down: 120 }]);
  assert.deepEqual(troubles([s(0, 60, true), s(120, 180, true)]), [{ from: 0, to: 180, bad: 120, down: 120 }], "a minute between is no recovery");
  assert.deepEqual(troubles([s(0, 60), s(130, 190, true)]).map((t) => t.down), [0, 60]);
  assert.deepEqual(troubles([]), []);
});
