import assert from "node:assert/strict";
import { test } from "node:test";
import { readView } from "../../src/address.ts";
import { api, downloads, nextPage, webAddress } from "../../src/links.ts";

test("downloads are of exactly what is shown", () => {
  const v = readView("?series=complaints,tag:디샌티스,latency&source=x&lang=ko&tz=Asia/Seoul", "UTC");
  const d = downloads("desantis-launch", v, { from: 1684965600, to: 1684967400 }, 30, "ko", "dark");
  const of = (url: string): Record<string, string> => Object.fromEntries(new URL(url, "http://x").searchParams);
  const figures = { series: "complaints,tag:디샌티스,latency", from: "2023-05-24T22:00:00Z", to: "2023-05-24T22:30:00Z", step: "30s", source: "x", lang: "ko" };
  assert.deepEqual(of(d.csv), figures, "CSV takes no zone: an unknown parameter is an error");
  assert.deepEqual(of(d.json), { ...figures, tz: "Asia/Seoul" });
  assert.deepEqual(of(d.png), { ...figures, tz: "Asia/Seoul", locale: "ko", theme: "dark" });
  assert.ok(d.png.startsWith("/v1/events/desantis-launch/trend.png?"));
});

test("a slug stays inside its path", () => {
  assert.equal(api("../a?b#c", "/posts"), "/v1/events/..%2Fa%3Fb%23c/posts");
});

test("the next page is found among other links", () => {
  assert.equal(nextPage('</v1/events>; rel="first", </v1/events?cursor=abc>; rel="next"'), "/v1/events?cursor=abc");
  assert.equal(nextPage("</a,b>; rel=next"), "/a,b");
  assert.equal(nextPage('</x>; title="next"; rel="prev"'), null);
  assert.equal(nextPage(null), null);
});

test("only web addresses of posts become links", () => {
  assert.equal(webAddress("https://example.org/1"), "https://example.org/1");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//x", "", undefined, "JaVaScRiPt:alert(1)"]) assert.equal(webAddress(bad), null);
});
