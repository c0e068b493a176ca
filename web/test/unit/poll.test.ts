import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { whileSeen, type Page } from "../../src/poll.ts";

class Tab implements Page {
  visibilityState = "visible";
  #told = new Set<() => void>();
  addEventListener(_: string, f: () => void): void { this.#told.add(f); }
  removeEventListener(_: string, f: () => void): void { this.#told.delete(f); }
  get listeners(): number { return this.#told.size; }
  turn(to: "visible" | "hidden"): void {
    this.visibilityState = to;
    for (const f of this.#told) f();
  }
}

const settle = async (): Promise<void> => { for (let i = 0; i < 8; i++) await Promise.resolve(); };
const pass = async (t: TestContext, ms: number): Promise<void> => { t.mock.timers.tick(ms); await settle(); };

test("it asks again a while after each answer, and never while nobody looks", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const tab = new Tab();
  let asked = 0;
  const stop = whileSeen(10_000, async () => void asked++, tab);
  await settle();
  assert.equal(asked, 1);
  await pass(t, 7_900);
  assert.equal(asked, 1, "a fifth earlier at the most");
  await pass(t, 4_200);
  assert.equal(asked, 2);
  tab.turn("hidden");
  for (let i = 0; i < 20; i++) await pass(t, 12_100);
  assert.equal(asked, 2, "hidden");
  tab.turn("visible");
  await settle();
  assert.equal(asked, 3, "what was due is asked at once");
  tab.turn("hidden");
  tab.turn("visible");
  await settle();
  assert.equal(asked, 3, "what was not due is not");
  stop();
  for (let i = 0; i < 5; i++) await pass(t, 12_100);
  assert.deepEqual([asked, tab.listeners], [3, 0]);
});

test("a server that fails is asked less and less, and as usual once it answers", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0, away = true;
  const stop = whileSeen(1_000, async () => {
    asked++;
    if (away) throw new Error("away");
  }, new Tab());
  await settle();
  await pass(t, 1_500);
  assert.equal(asked, 1, "not before twice the wait, less a fifth");
  await pass(t, 1_000);
  assert.equal(asked, 2);
  away = false;
  await pass(t, 4_900);
  assert.equal(asked, 3);
  await pass(t, 1_250);
  assert.equal(asked, 4);
  stop();
});

test("it ends when there is nothing more to come", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const tab = new Tab();
  let asked = 0;
  whileSeen(1_000, async () => ++asked < 2, tab);
  await settle();
  for (let i = 0; i < 5; i++) await pass(t, 1_300);
  assert.deepEqual([asked, tab.listeners], [2, 0]);
});
