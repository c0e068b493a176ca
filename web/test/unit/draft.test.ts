import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionOf, elsewhere, fillIn, lineAt, linesOf, openIn, problemsAt, problemsOf, templateOf, withField } from "../../src/draft.ts";
import { slugOf, termsOf } from "../../src/suggest.ts";

const problems = [{ path: "match.any[2]", text: "is empty" }, { path: "match", text: "give a term" }, { path: "services[0].probes[1].every", text: "no duration" }, { path: "titel", line: 3, text: "is not known" }];

test("mistakes go to their field", () => {
  assert.deepEqual(problemsAt(problems, "match.any"), ["3. is empty"]);
  assert.deepEqual(problemsAt(problems, "match"), ["any[2]: is empty", "give a term"]);
  assert.deepEqual(problemsAt(problems, "services[0].probes[1]"), ["every: no duration"]);
  assert.deepEqual(problemsAt(problems, "mat"), []);
  assert.deepEqual(elsewhere(problems, ["match", "services", "title"]).map((p) => p.path), ["titel"]);
  assert.deepEqual(problemsOf([{ location: "body.match.any[2]", message: "is empty" }, { message: "x" }]), [{ path: "match.any[2]", text: "is empty" }, { path: "", text: "x" }]);
});

test("an answer becomes what can be sent, and a template lacks its times", () => {
  const answer = { slug: "a", title: "A", starts_at: "t", status: "live", match: { any: ["x"] }, endless: true, recorded: true, window: {}, links: {} };
  assert.deepEqual(definitionOf(answer), { slug: "a", title: "A", starts_at: "t", status: "live", match: { any: ["x"] } });
  assert.deepEqual(templateOf(answer), { title: "A", match: { any: ["x"] } });
});

test("an empty field is left to its default", () => {
  assert.deepEqual(withField({ title: "A" }, "title", ""), {});
  assert.deepEqual(withField({}, "sources", []), {});
  assert.deepEqual(withField({}, "match", {}), {});
  assert.deepEqual(withField({}, "public", true), { public: true });
});

test("lines", () => {
  assert.deepEqual(linesOf(" a \n\n b"), ["a", "b"]);
  assert.deepEqual(lineAt("ab\ncd\nef", 2), { from: 3, to: 5 });
  assert.deepEqual(lineAt("ab", 9), { from: 0, to: 2 });
});

test("suggestions are what the server takes", () => {
  assert.deepEqual(["World Cup_2022 (final).csv", "디샌티스", "--é--", "x".repeat(90)].map(slugOf), ["world-cup-2022-final-csv", "event", "e", "x".repeat(60)]);
  assert.deepEqual(termsOf([{ display: "DeSaster", posts: 100 }, { display: "#Elon", posts: 6 }, { display: "cat", posts: 4 }]), ["#DeSaster", "#Elon"]);
});

const template = {
  title: "<HOST> in <SERVICE>",
  match: { any: ["<HOST>", "<HOST KO>", "#<TAG>", "<SERVICE> down", "<TAG> <HOST>"], none: ["<ELSE>"], accounts: ["@<HOST ACCOUNT>"] },
  services: [{ name: "<SERVICE>", probes: [{ kind: "audience", space: "<SPACE>" }, { kind: "http", url: "https://example.org/<b>" }] }, { name: "<OTHER>" }],
};

test("a template says what it leaves open", () => {
  assert.deepEqual(openIn(template), ["HOST", "SERVICE", "HOST KO", "TAG", "ELSE", "HOST ACCOUNT", "SPACE", "OTHER"]);
  assert.deepEqual(openIn({ title: "a <b> c < D >" }), []);
});

test("what is given is filled in everywhere, and what is not is taken out", () => {
  assert.deepEqual(fillIn(template, { HOST: " Ron ", SERVICE: "Rooms", "HOST KO": "론", TAG: "" }), {
    title: "Ron in Rooms",
    match: { any: ["Ron", "론", "Rooms down"] },
    services: [{ name: "Rooms", probes: [{ kind: "http", url: "https://example.org/<b>" }] }],
  });
});
