import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, duration, fromInput, offset, percent, inZone, planned, short, ticks, time, toInput, value, zoned, zoneName } from "../../src/format.ts";

const at = Date.parse("2023-05-24T22:05:09Z") / 1000;

test("a time is that of its zone, and the zone is named", () => {
  assert.equal(zoned(at, "America/New_York", "en"), "24 May 2023, 18:05 EDT");
  assert.equal(time(at, "Asia/Seoul", "en", "seconds"), "07:05:09");
  assert.equal(zoned(at, "Asia/Seoul", "ko"), "2023년 5월 25일 07:05 KST");
  assert.equal(zoneName("UTC", at, "en"), "UTC");
  assert.equal(time("soon", "UTC", "en"), "?");
});

test("the times of the server's sentence are told in the zone of the page", () => {
  const clock = "2023-05-24T21:14:50Z";
  assert.equal(inZone("It is due to begin at 22:00 UTC; its services are up.", clock, "America/New_York", "en"), "It is due to begin at 18:00 EDT; its services are up.");
  assert.equal(inZone("It is due to begin at 22:00 UTC.", clock, "Europe/Berlin", "en"), "It is due to begin at 00:00 CEST on 25 May 2023.", "another day there");
  assert.equal(inZone("13 posts in the 5 minutes to 23:59 UTC on 20 November 2022.", "2022-11-20T23:59:30Z", "Asia/Seoul", "en"), "13 posts in the 5 minutes to 08:59 KST on 21 November 2022.");
  assert.equal(inZone("2022년 11월 20일 23:59 UTC까지 5분 동안", "2022-11-20T23:59:30Z", "Asia/Seoul", "ko"), "2022년 11월 21일 08:59 KST까지 5분 동안");
  assert.equal(inZone("22:00 UTC에 시작할 예정입니다.", clock, "Asia/Seoul", "ko"), "07:00 KST에 시작할 예정입니다.", "both on 25 May there");
  assert.equal(inZone("It is due to begin at 22:00 UTC.", clock, "UTC", "en"), "It is due to begin at 22:00 UTC.");
  assert.equal(inZone("It is due to begin at 22:00 UTC.", null, "Asia/Seoul", "en"), "It is due to begin at 22:00 UTC.", "nobody knows of which day");
});

test("planned times name their zone once, and an open end", () => {
  assert.equal(planned("2023-05-24T22:00:00Z", "2023-05-25T00:00:00Z", "America/New_York", "en", String), "24 May 2023, 18:00 – 20:00 EDT");
  assert.equal(planned("2023-05-24T22:00:00Z", "2023-05-25T00:00:00Z", "UTC", "en", String), "24 May 2023, 22:00 – 25 May 2023, 00:00 UTC");
  assert.equal(planned("2023-05-24T22:00:00Z", undefined, "UTC", "en", (f) => `from ${f}`), "from 24 May 2023, 22:00 UTC");
});

test("numbers in both languages", () => {
  assert.deepEqual([short(600_000, "en"), short(600_000, "ko"), short(1234, "en")], ["600K", "60만", "1,234"]);
  assert.deepEqual([percent(0.011, "en"), percent(0.4, "en"), percent(0, "en"), percent(0.9999, "en"), percent(1, "en")], ["1.1%", "40%", "0%", "99.9%", "100%"]);
  assert.deepEqual([value(0.5, "share", "en"), value(812.4, "ms", "en"), value(12, "posts", "en")], ["50%", "812 ms", "12"]);
  assert.deepEqual([duration(10, "en"), duration(300, "ko"), duration(9000, "en"), duration(90, "en")], ["10 s", "5분", "2 h 30 min", "1 min 30 s"]);
  assert.equal(bytes(1_572_864, "en"), "1.5 MiB");
});

test("an input's local time and an instant are the same, across changes of the clocks too", () => {
  assert.equal(toInput("2023-05-24T22:00:00Z", "America/New_York"), "2023-05-24T18:00");
  assert.equal(fromInput("2023-05-24T18:00", "America/New_York"), "2023-05-24T18:00:00-04:00");
  assert.equal(fromInput("2023-05-24T22:00", "UTC"), "2023-05-24T22:00:00Z");
  assert.equal(fromInput("2023-11-05T12:00", "Asia/Kolkata"), "2023-11-05T12:00:00+05:30");
  assert.equal(fromInput("", "UTC"), undefined);
  for (const zone of ["America/New_York", "Europe/Berlin", "Asia/Seoul", "Australia/Lord_Howe"]) {
    for (let t = Date.parse("2024-03-01T00:00:00Z"); t < Date.parse("2024-12-01T00:00:00Z"); t += 13 * 3600_000) {
      assert.equal(Date.parse(fromInput(toInput(new Date(t).toISOString(), zone), zone)!), t, `${zone} ${new Date(t).toISOString()}`);
    }
  }
});

test("ticks stand on round times of the zone", () => {
  const { at: list, every } = ticks(at, at + 7200, "Asia/Kolkata", 6);
  assert.equal(every, 1800);
  for (const t of list) assert.match(time(t, "Asia/Kolkata", "en", "clock"), /:(00|30)$/);
  assert.equal(offset("Asia/Kolkata", at), 19_800);
});
