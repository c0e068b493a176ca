import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// The dark colours stand twice, since no selector can say "chosen, or not chosen and preferred".
test("the dark that was chosen is the dark that is preferred", () => {
  const css = readFileSync(new URL("../../../../src/style.css", import.meta.url), "utf8");
  const block = (selector: string): string[] => {
    const from = css.indexOf(`${selector} {`);
    assert.ok(from >= 0, selector);
    return css.slice(css.indexOf("{", from) + 1, css.indexOf("}", from)).split("\n").map((line) => line.trim()).filter(Boolean);
  };
  const chosen = block(':root[data-theme="dark"]');
  assert.ok(chosen.length > 20);
  assert.deepEqual(block(":root:not([data-theme])"), chosen);
});
