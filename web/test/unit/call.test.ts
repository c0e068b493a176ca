import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../src/call.ts";

test("a refusal says what the server said", () => {
  const p = problemOf(422, '{"title":"x","status":422,"detail":"No.","request_id":"R1","errors":[{"location":"body.slug","message":"bad"},{"nonsense":1}]}');
  assert.deepEqual([p.status, p.detail, p.requestId, p.mistakes], [422, "No.", "R1", [{ location: "body.slug", message: "bad" }]]);
  assert.equal(problemOf(429, "", "7").retryAfter, 7);
});

test("an answer from something on the way is a refusal too", () => {
  for (const body of ["<html>502</html>", "null", "[]", '"x"', '{"detail":5}']) assert.equal(problemOf(502, body).detail, "");
});
