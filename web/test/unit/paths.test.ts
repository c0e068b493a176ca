import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, levels, roundUp, rows, trace, type Line } from "../../src/chart/paths.ts";

function drawn(values: (number | null)[], part: Partial<Line>): string {
  let out = "";
  trace({ values, x0: 0, wide: 10, y: (v) => v, hold: 1, stepsFrom: 4, ...part }, 0, values.length, {
    moveTo: (x, y) => (out += `M${x},${y} `),
    lineTo: (x, y) => (out += `L${x},${y} `),
  });
  return out.trim();
}

test("wide buckets are steps, and what is missing breaks the line", () => {
  assert.equal(drawn([1, 2, null, 3], {}), "M0,1 L10,1 L10,2 L20,2 M30,3 L40,3");
});

test("narrow buckets are joined at their middles; one alone is a dot", () => {
  assert.equal(drawn([1, 2, null, 3, null], { stepsFrom: 99 }), "M5,1 L15,2 M35,3 L35.5,3");
});

test("a measured value holds for a while", () => {
  assert.equal(drawn([1, null, 2, null, null, null, 3], { hold: 2 }), "M5,1 L25,2 M65,3");
});

test("however many buckets share a pixel, no peak is lost and each column is told once", () => {
  const values = Array.from({ length: 8640 }, (_, i) => (i === 4321 ? 99 : i % 7));
  const seen: [number, number, number][] = [];
  columns({ values, x0: 3.4, wide: 0.13, y: (v) => v, hold: 1, stepsFrom: 4 }, 0, values.length, (x, low, high) => seen.push([x, low, high]));
  assert.ok(seen.every(([x], i) => i === 0 || x === seen[i - 1]![0] + 1), "every column, in order, once");
  assert.equal(seen.length, Math.floor(3.4 + 8639 * 0.13) - 3 + 1);
  const [, , high] = seen.find(([x]) => x === Math.floor(3.4 + 4321 * 0.13))!;
  assert.equal(high, 99);
});

test("a column of pixels without a value is left out", () => {
  const values = [...new Array<number>(50).fill(1), ...new Array<null>(50).fill(null), ...new Array<number>(50).fill(1)];
  const seen: number[] = [];
  columns({ values, x0: 0, wide: 0.1, y: (v) => v, hold: 1, stepsFrom: 4 }, 0, values.length, (x) => seen.push(x));
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]);
});

test("axes end and tick on round numbers", () => {
  assert.deepEqual([0, 3.2, 7, 99, 101, 0.034].map(roundUp), [1, 4, 8, 100, 200, 0.04]);
  assert.deepEqual(levels(4, 9, true), [0, 1, 2, 3, 4]);
  assert.deepEqual(levels(200, 4, true), [0, 50, 100, 150, 200]);
});

test("labels of marks never overlap", () => {
  assert.deepEqual(rows([{ x: 0, width: 50 }, { x: 20, width: 50 }, { x: 60, width: 10 }, { x: 61, width: 10 }], 2), [0, 1, 0, -1]);
});
