import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src/words_en.ts";
import { ko } from "../../src/words_ko.ts";

type Tree = Record<string, unknown>;

function* leaves(t: Tree, path = ""): Generator<[string, unknown]> {
  for (const [k, v] of Object.entries(t)) {
    if (typeof v === "object" && v !== null) yield* leaves(v as Tree, `${path}${k}.`);
    else yield [path + k, v];
  }
}

const english = new Map(leaves(en)), korean = new Map(leaves(ko));
// Descriptions of the drills come from the server in English, and are translated here.
const translated = (path: string): boolean => path.startsWith("play.abouts.");

test("neither language lacks a word", () => {
  assert.deepEqual([...english.keys()].filter((k) => !korean.has(k)), []);
  assert.deepEqual([...korean.keys()].filter((k) => !english.has(k) && !translated(k)), []);
});

test("a word that takes values takes as many in both, and none is empty", () => {
  for (const [path, e] of english) {
    const k = korean.get(path);
    assert.equal(typeof k, typeof e, path);
    if (typeof e === "function") {
      assert.equal((k as Function).length, e.length, path);
      const given = Array.from({ length: e.length }, (_, i) => `«${i}»`);
      for (const said of [e(...given), (k as Function)(...given)] as string[]) {
        assert.ok(said.length > 0, path);
        assert.ok(given.every((g) => said.includes(g)), `${path} leaves a value out: ${said}`);
      }
    } else assert.ok((k as string) !== "" || e === "", path);
  }
});

test("Korean is Korean", () => {
  const same = [...english].filter(([path, e]) => typeof e === "string" && e === korean.get(path)).map(([path]) => path);
  assert.deepEqual(same, ["site.api"]);
});
