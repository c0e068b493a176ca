import assert from "node:assert/strict";
import { test } from "node:test";
import { opening, straight, stretches, tame, unitsOf } from "../../src/bytes.ts";
import type { Reason } from "../../src/model.ts";

const utf8 = (s: string): number => new TextEncoder().encode(s).length;
const reason = (text: string, match: string, tag = "complaint"): Reason => {
  const start = utf8(text.slice(0, text.indexOf(match)));
  return { tag, match, start, end: start + utf8(match), rule: "r" };
};

test("byte offsets fall where the words are, whatever the script", () => {
  for (const [text, match] of [
    ["no sound here", "sound"], ["소리가 안 들려요", "안 들려요"], ["스페이스 🔇 조용", "조용"], ["👨‍👩‍👧 can't hear", "can't hear"], ["é́ x", "x"], ["مرحبا صوت", "صوت"],
  ] as const) {
    assert.deepEqual(stretches(text, [reason(text, match)]).filter((s) => s.tags.length > 0).map((s) => s.text), [match]);
  }
});

test("the stretches are the text again", () => {
  const text = "나는 no sound 🔇🔇 못 들어요";
  for (let start = 0; start < utf8(text) + 2; start++) {
    const r = [{ tag: "a", match: "", start, end: start + 4, rule: "" }, { tag: "b", match: "", start: start + 2, end: start + 9, rule: "" }];
    assert.equal(stretches(text, r).map((s) => s.text).join(""), text);
  }
});

test("overlapping reasons each keep their words", () => {
  const s = stretches("no sound at all", [{ tag: "a", match: "", start: 0, end: 8, rule: "" }, { tag: "b", match: "", start: 3, end: 15, rule: "" }]);
  assert.deepEqual(s.map((x) => [x.text, x.tags.join()]), [["no ", "a"], ["sound", "a,b"], [" at all", "b"]]);
});

test("offsets inside a character, beyond the end and nonsense harm nothing", () => {
  assert.deepEqual(unitsOf("🔇a", [0, 1, 3, 4, 5, 99]), [0, 0, 0, 2, 3, 3]);
  assert.deepEqual(stretches("abc", [{ tag: "a", match: "", start: 5, end: 9, rule: "" }, { tag: "b", match: "", start: 2, end: 1, rule: "" }]).map((s) => s.text), ["abc"]);
  assert.deepEqual(stretches("", []), []);
});

test("ten thousand combining marks are bounded, and no unit is lost", () => {
  const text = "Z" + "\u0301".repeat(10_000) + " x";
  const out = tame(text);
  assert.equal(out.length, text.length);
  assert.ok((out.match(/\u0301/g) ?? []).length <= 8);
  assert.equal(tame("a\u0000b\u0007c"), "a b c");
  assert.equal(tame("한글 é ệ"), "한글 é ệ");
});

test("a title runs straight, and a long post is shown by its opening", () => {
  assert.equal(straight("\u202e<b>\u2066 개막전\u2069"), "<b> 개막전");
  assert.equal(opening("one\ntwo", 500, 12), 7);
  assert.equal(opening("x".repeat(600), 500, 12), 500);
  assert.equal(opening("line\n".repeat(100), 500, 12), 59, "twelve lines");
});
