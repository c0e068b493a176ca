import assert from "node:assert/strict";
import { test } from "node:test";
import { alt, links, marks, nextPage, trouble, when } from "../src/events.js";

test("links keep a slug inside its path", () => {
  assert.equal(links("wc2022-opening").chart, "/v1/events/wc2022-opening/trend.svg?series=complaints,posts");
  assert.equal(links("../a?b#c").page[3][1], "/v1/events/..%2Fa%3Fb%23c/posts");
});

test("when names its time zone and an open end", () => {
  const event = { starts_at: "2023-05-24T22:00:00Z", ends_at: "2023-05-25T00:00:00Z" };
  assert.match(when(event, "America/New_York", "en-GB"), /^24 May 2023,? 18:00\s?–\s?20:00 (GMT-4|EDT)$/);
  assert.match(when(event, "Asia/Seoul", "en-GB"), /^25 May 2023,? 07:00\s?–\s?09:00 (GMT\+9|KST)$/);
  assert.match(when({ starts_at: "2023-05-24T22:00:00Z" }, "UTC", "en-GB"), /^from 24 May 2023,? (at )?22:00, without a planned end UTC$/);
  assert.equal(when({ starts_at: "soon" }, "UTC", "en-GB"), "planned time unknown");
});

test("marks tell what did not happen and what was recorded", () => {
  assert.deepEqual(marks({ status: "ended" }).map((m) => m.text), ["ended"]);
  assert.deepEqual(marks({ status: "live", simulated: true, recorded: true }).map((m) => m.kind), ["simulated", "recorded", "live"]);
});

test("the text in place of a chart says that it is simulated", () => {
  assert.match(alt({ title: "A", simulated: true }), /^Simulated chart: .* for A\./);
  assert.match(alt({ title: "B" }), /^Chart: .* for B\./);
});

test("the next page is found among other links", () => {
  assert.equal(nextPage('</v1/events>; rel="first", </v1/events?cursor=abc>; rel="next"'), "/v1/events?cursor=abc");
  assert.equal(nextPage("</a,b>; rel=next"), "/a,b");
  assert.equal(nextPage('</x>; title="next"; rel="prev"'), null);
  assert.equal(nextPage(null), null);
});

test("every refusal has a sentence", () => {
  assert.match(trouble(401), /signed in/);
  assert.match(trouble(503), /database/);
  assert.match(trouble(500), /500/);
  assert.match(trouble(404), /404/);
});
