import assert from "node:assert/strict";
import { test } from "node:test";
import type { Passport, Said, Services } from "../../src/model.ts";
import { atLeast, comparedOf, saidRows, unheard } from "../../src/said.ts";

const services = (coverage: number | number[], ...list: [string, number, number][]): Services => ({
  services: list.map(([service, posts, complaints]): Said => ({ service, posts, complaints, complaint_share: posts > 0 ? complaints / posts : null })),
  passport: { coverage: Math.min(...[coverage].flat()), sources: [coverage].flat().map((c, i) => ({ source: `s${i}`, coverage: c, listened: true })) } as Passport,
});

test("services stand in order of complaints, with what there was before", () => {
  const rows = saidRows(services(1, ["B", 40, 4], ["C", 0, 0], ["A", 50, 4], ["D", 9, 8]), services(1, ["A", 60, 1], ["B", 10, 6], ["D", 0, 0]));
  assert.deepEqual(rows.map((r) => [r.service, r.complaints, r.before, r.change, r.few]), [["D", 8, 0, 8, true], ["A", 4, 1, 3, false], ["B", 4, 6, -2, false], ["C", 0, null, null, false]]);
});

test("what is only known to be at least so many is not told as a change", () => {
  assert.equal(atLeast(services(0.999).passport), true);
  for (const [now, before] of [[0.9, 1], [1, 0.9]] as const) {
    assert.deepEqual(saidRows(services(now, ["A", 20, 9]), services(before, ["A", 20, 2])).map((r) => [r.before, r.change]), [[2, null]]);
  }
  for (const before of [null, services(0, ["A", 0, 0])]) {
    assert.deepEqual(saidRows(services(1, ["A", 20, 9]), before).map((r) => [r.before, r.change]), [[null, null]], "nobody listened before: no zero");
  }
});

test("where one of two sources was heard, there is something to tell", () => {
  assert.deepEqual([[0, 0], [0, 0.9], [1, 1]].map((c) => unheard(services(c).passport)), [true, false, false]);
  assert.deepEqual(saidRows(services([1, 1], ["A", 20, 9]), services([0, 1], ["A", 20, 2])).map((r) => [r.before, r.change]), [[2, null]]);
});

test("the last hour is compared with the hour before, and a view with as long a time", () => {
  const bounds = { from: 100_020, to: 200_000 };
  assert.deepEqual(comparedOf(null, bounds, 180_030), { now: { from: 176_400, to: 180_000 }, before: { from: 172_800, to: 176_400 } });
  assert.deepEqual(comparedOf(null, bounds, 101_000).now, { from: 100_020, to: 100_980 }, "where there is less than an hour");
  assert.deepEqual(comparedOf(null, bounds, 100_030).now, { from: 99_960, to: 100_020 }, "where there is next to nothing");
  assert.deepEqual(comparedOf({ from: 120_000, to: 120_600 }, bounds, 180_030), { now: { from: 120_000, to: 120_600 }, before: { from: 119_400, to: 120_000 } });
});
