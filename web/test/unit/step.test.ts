import assert from "node:assert/strict";
import { test } from "node:test";
import { onGrid, pan, parseStep, stepFor, steps, stepText, toRead, within, zoom } from "../../src/step.ts";

test("steps are read as they are written", () => {
  for (const s of steps) assert.equal(parseStep(stepText(s)), s);
  assert.deepEqual(["1m0s", "1h0m0s", "7s", "", "x", "90s"].map(parseStep), [60, 3600, null, null, null, null]);
});

test("the step is the narrowest with at most 600 buckets, as on the server", () => {
  assert.deepEqual([60, 6000, 6001, 86_400, 40 * 86_400].map((s) => stepFor(s)), [10, 10, 20, 300, 7200]);
});

test("zooming keeps what is under the hand, and stays inside", () => {
  const bounds = { from: 0, to: 10_000 };
  const z = zoom({ from: 2000, to: 4000 }, 0.5, 0.25, bounds);
  assert.deepEqual(z, { from: 2250, to: 3250 });
  assert.equal(z.from + 0.25 * (z.to - z.from), 2500);
  assert.deepEqual(zoom({ from: 0, to: 100 }, 1e-9, 0.5, bounds), { from: 20, to: 80 });
  assert.deepEqual(zoom({ from: 4000, to: 6000 }, 100, 0.5, bounds), bounds);
  assert.deepEqual(zoom({ from: 9000, to: 10_000 }, 2, 0, bounds), { from: 8000, to: 10_000 });
});

test("panning stops at the ends", () => {
  const bounds = { from: 0, to: 1000 };
  assert.deepEqual(pan({ from: 100, to: 300 }, -5, bounds), { from: 0, to: 200 });
  assert.deepEqual(pan({ from: 700, to: 900 }, 1, bounds), { from: 800, to: 1000 });
  assert.deepEqual(within({ from: -5, to: 5000 }, bounds), bounds);
});

test("a window is put on the grid of its step", () => {
  assert.deepEqual(onGrid({ from: 61, to: 119 }, 60), { from: 60, to: 120 });
  assert.deepEqual(onGrid({ from: 60, to: 120 }, 60), { from: 60, to: 120 });
});

test("a day of ten seconds is read whole; a week only around what is shown", () => {
  assert.deepEqual(toRead({ from: 4000, to: 5000 }, 10, { from: 0, to: 86_400 }), { from: 0, to: 86_400 });
  assert.deepEqual(toRead({ from: 100_000, to: 110_000 }, 10, { from: 0, to: 604_800 }), { from: 90_000, to: 120_000 });
  assert.deepEqual(toRead({ from: 100_000, to: 180_000 }, 10, { from: 0, to: 604_800 }), { from: 100_000, to: 180_000 });
});
