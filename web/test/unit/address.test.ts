import assert from "node:assert/strict";
import { test } from "node:test";
import { drawable, kindOf, readRoute, readView, usualSeries, writeView } from "../../src/address.ts";

test("every route of the server is a page, and nothing else is", () => {
  assert.deepEqual(readRoute("/"), { page: "overview" });
  assert.deepEqual(readRoute("/events/wc2022"), { page: "event", slug: "wc2022" });
  assert.deepEqual(readRoute("/events/wc2022/edit"), { page: "edit", slug: "wc2022" });
  for (const page of ["sign-in", "new", "keys", "people", "audit", "play"]) assert.deepEqual(readRoute(`/${page}`), { page });
  for (const path of ["/events", "/events/a/b", "/events/%E0%A4%A", "/docs", "/v1/events", "/keys/1"]) assert.deepEqual(readRoute(path), { page: "nowhere" }, path);
});

test("a view comes back from its address as it was", () => {
  const v = readView("?series=complaints,tag:%ED%8A%B8%EC%9C%84%ED%84%B0,latency&from=2023-05-24T22:00:00Z&to=2023-05-24T22:30:00Z&step=30s&source=x&lang=ko&label=posts&symptom=audio&tag=desaster&q=no+sound&table=1&tz=Asia/Seoul", "UTC");
  assert.deepEqual(v.series, ["complaints", "tag:트위터", "latency"]);
  assert.deepEqual([v.step, v.zone, v.table, v.posts.q], [30, "Asia/Seoul", true, "no sound"]);
  assert.deepEqual(readView(writeView(v, null), "UTC"), v);
  assert.match(writeView(v, "ko"), /&locale=ko$/);
});

test("the series of a service are kept in an address, whatever it is called", () => {
  const v = readView("", "UTC");
  v.series = ["complaint:Zoom (meetings)", "service:Zoom (meetings)", "complaint:카카오톡", "service:AT&T + 1"];
  assert.deepEqual(readView(writeView(v, null), "UTC").series, v.series);
});

test("an address always names its zone, and leaves defaults out", () => {
  const v = readView("", "Europe/Berlin");
  assert.deepEqual(v.series, usualSeries);
  assert.equal(writeView(v, null), "?tz=Europe/Berlin");
});

test("what cannot be read is left to its default", () => {
  const v = readView("?series=nonsense,symptom:toothache&from=soon&to=2023-05-24T22:30:00Z&step=7s&tz=Mars/Olympus&label=x&source=A%20B", "UTC");
  assert.deepEqual([v.series, v.window, v.step, v.zone, v.posts.label, v.sources], [usualSeries, null, null, "UTC", "complaints", []]);
  assert.equal(readView("?from=2023-05-24T22:30:00Z&to=2023-05-24T22:00:00Z", "UTC").window, null);
});

test("a picture has room for one kind on its right axis", () => {
  assert.deepEqual(drawable(["posts", "latency", "audience", "latency:Rooms", "health", "posts"]), ["posts", "latency", "latency:Rooms", "health"]);
  assert.equal(drawable(Array.from({ length: 20 }, (_, i) => `tag:t${i}`)).length, 12);
  assert.deepEqual(["tag:#", "tag:a", "symptom:audio", "health:X", "authors", "posts:x", "latency:", "counts:x", "counts", "counts:X!", "service:Zoom (meetings)", "complaint:카카오톡", "service", "complaint:"].map(kindOf), [null, "count", "count", "state", "second", null, null, "second", null, null, "count", "count", null, null]);
});
