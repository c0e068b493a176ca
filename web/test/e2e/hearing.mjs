// Walks through what the pages say of how well sources are heard: gaps, what was fetched afterwards and
// what was left out, a source that goes out of reach and comes back, services that posts name, and
// posts that are gone. What it needs is told in walk.mjs, and OUTCRY_FAR, a platform in small that can
// be sent away (internal/cli, TestBrowserSeesHowSourcesAreHeard).
import { accessible, base, link, must, ok, on, open, phone, shot, until, walk } from "./walk.mjs";

const far = process.env.OUTCRY_FAR ?? "";
const minute = 60_000;
const now = Math.floor(Date.now() / minute) * minute;
/** So many minutes before the walk began. */
const ago = (minutes) => new Date(now - minutes * minute).toISOString();

const rehearsal = {
  slug: "rehearsal", title: "A rehearsal", starts_at: ago(1), ends_at: ago(-120), status: "live", match: { any: ["#Rehearsal"] },
  sources: ["bluesky", "mastodon", "x"], spend: { x: { usd: 0.06 } }, services: [{ name: "rehearsal stream" }],
};

const shops = ["Kino Live", "Stadium Box", "Radio Nine", "Tram Tickets", "지하철 앱", "Museum Pass", "Harbour Cam", "Night Bus", "Weather Desk", "Town Wiki"];
const evening = {
  slug: "evening", title: "An evening in town", starts_at: ago(121), status: "live", match: { any: ["#evening"] }, sources: ["townforum"],
  entities: shops.map((name) => ({ name, kind: "service" })),
};

/** What a forum said in two hours, and how it was heard: not in one time, and afterwards in another. */
function pushed() {
  const lines = [];
  const heard = (from, to, state, reason) => lines.push({ heard: { source: "townforum", from: ago(from), to: ago(to), state, ...(reason ? { reason } : {}) } });
  heard(121, 90, "live");
  heard(90, 80, "filled");
  heard(80, 30, "live");
  heard(30, 24, "gap", "the forum did not answer");
  heard(24, 0, "live");
  let n = 0;
  const post = (at, text) => lines.push({ post: { source: "townforum", id: `p${n++}`, at: ago(at - 0.3), lang: "en", author: { id: `a${n % 37}` }, text: `${text} #evening` } });
  for (let at = 120; at > 0; at--) {
    if (at <= 30 && at > 24) continue;
    shops.slice(0, 8).forEach((name, i) => {
      if (at % (i + 1) === 0) post(at, `on my way home with ${name}, all fine (${at})`);
    });
    if (at < 20) for (let i = 0; i < 3; i++) post(at, `${shops[0]} is down again, no sound at all here (${at}, ${i})`);
    if (at % 9 === 0) post(at, `${shops[1]} is not working, I cannot log in (${at})`);
  }
  for (const id of ["p3", "p200", `p${n - 1}`, `p${n - 2}`]) lines.push({ delete: { source: "townforum", id } });
  return lines.map((l) => JSON.stringify(l)).join("\n");
}

const send = (page, path, body, type = "application/json") => page.evaluate(([path, body, type]) =>
  fetch(path, { method: "POST", headers: { "Content-Type": type }, body }).then(async (r) => ({ status: r.status, text: await r.text() })), [path, typeof body === "string" ? body : JSON.stringify(body), type]);

/** How many colours a source's lane has in a part of it (0 to 1), and whether its top and its foot are drawn. */
const lane = (page, source, from, to) => page.evaluate(([source, from, to]) => {
  const c = [...document.querySelectorAll(".strip")].find((x) => x.getAttribute("aria-label").startsWith(source));
  const x0 = Math.round(c.width * from), d = c.getContext("2d").getImageData(x0, 0, Math.max(1, Math.round(c.width * to) - x0), c.height);
  const colours = new Set(), rows = [0, d.height - 1].map((y) => d.data[(y * d.width + (d.width >> 1)) * 4 + 3] > 0);
  for (let i = 0; i < d.data.length; i += 4) if (d.data[i + 3] > 0) colours.add(`${d.data[i] >> 4} ${d.data[i + 1] >> 4} ${d.data[i + 2] >> 4}`);
  return { colours: colours.size, top: rows[0], foot: rows[1] };
}, [source, from, to]);

const text = (page, what) => page.locator(what).first().innerText();
const item = (name, state) => `.ears li.is-${state}:has-text("${name}")`;

await walk(async () => {
  const page = await open();

  on("signing in");
  await page.goto(link);
  await page.getByRole("button", { name: "Not now, go on" }).click();
  await page.locator("h1").waitFor();

  on("making the events");
  for (const e of [rehearsal, evening]) {
    const made = await send(page, "/v1/events", e);
    must(made.status === 201, `${e.slug}: ${made.status} ${made.text}`);
  }
  const push = await send(page, "/v1/ingest/posts", pushed(), "application/x-ndjson");
  must(push.status === 202 && JSON.parse(push.text).refused === 0, `pushing: ${push.status} ${push.text}`);
  ok(`two events, and ${JSON.parse(push.text).accepted} lines of a forum`);

  on("how the sources are listened to");
  await page.goto(`${base}/`);
  await page.locator(item("Bluesky", "live")).waitFor({ timeout: 90_000 });
  must(/last word \d\d:\d\d:\d\d/.test(await text(page, item("Bluesky", "live"))), "the last word of Bluesky has no time");
  await page.locator(item("Mastodon", "stopped")).waitFor({ timeout: 90_000 });
  must(/To do:/.test(await text(page, item("Mastodon", "stopped"))), `it is not said what mends Mastodon: ${await text(page, item("Mastodon", "stopped"))}`);
  await page.locator(".spark svg .line").first().waitFor({ state: "attached" });
  await accessible(page, "the overview with sources");
  await shot(page, "hearing-overview");
  ok("the overview tells the state, the last word and the remedy of each source");

  on("a tab that is hidden");
  const asked = [];
  page.on("request", (r) => asked.push(r.url()));
  const hide = (to) => page.evaluate((to) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => to });
    document.dispatchEvent(new Event("visibilitychange"));
  }, to);
  await hide("hidden");
  await page.waitForTimeout(1_000); // what is under way
  asked.length = 0;
  await page.waitForTimeout(20_000);
  must(asked.length === 0, `a hidden page asks for ${asked.join(", ")}`);
  await hide("visible");
  await page.waitForResponse((r) => r.url().endsWith("/v1/sources"));
  ok("a hidden page asks for nothing, and asks again once it is seen");

  on("the gap and what was fetched afterwards");
  await page.goto(`${base}/events/evening?from=${ago(120)}&to=${ago(0)}&step=1m&table=1`);
  await page.locator("table.figures tbody tr").first().waitFor();
  await page.locator(".lane", { hasText: "townforum" }).waitFor();
  const at = (minutes) => 1 - minutes / 120;
  const unheard = await page.evaluate(() => [...document.querySelectorAll("table.figures tbody tr")].filter((r) => r.querySelector("td.unknown")).length);
  must(unheard >= 5 && unheard <= 8, `${unheard} of six minutes that were not heard are told as not known`);
  const [live, filled, gap] = [await lane(page, "townforum", at(70), at(40)), await lane(page, "townforum", at(88), at(82)), await lane(page, "townforum", at(29.5), at(24.5))];
  must(live.colours === 1 && live.top && live.foot, `what was heard is not drawn as one: ${JSON.stringify(live)}`);
  must(filled.colours === 1 && !filled.top && filled.foot, `what was fetched is not drawn by half: ${JSON.stringify(filled)}`);
  must(gap.colours > 1 && gap.top, `what was not heard is not hatched: ${JSON.stringify(gap)}`);
  must((await text(page, ".lane-key")).includes("fetched afterwards"), "the key does not tell what was fetched afterwards");
  must(/heard 95%/.test(await text(page, ".lane")), `the lane says ${await text(page, ".lane")}`);
  await page.locator(".passport summary").click();
  must(/townforum \d+% \(.*fetched afterwards; .*not heard/.test(await text(page, ".passport")), `the passport says ${await text(page, ".passport")}`);
  await shot(page, "hearing-evening", { fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 1700 } });
  ok("a gap and what was fetched afterwards are drawn, and told in lane, table and passport");

  on("the services");
  const row = (name) => page.locator("table.said tbody tr", { hasText: name });
  await row("Kino Live").locator(".spark .line").waitFor({ state: "attached" });
  must(/^Kino Live/.test(await text(page, "table.said tbody tr")), `first stands ${await text(page, "table.said tbody tr")}`);
  must(/at least.*townforum 95% \(.*fetched afterwards; .*not heard/.test(await text(page, ".services .lower")), `it is not said that counts are at least what is told: ${await text(page, ".services .lower")}`);
  must((await row("Kino Live").innerText()).includes("≥"), "a lower bound is not marked");
  must(/\d%\s+of ≥\s\d+/.test(await row("Kino Live").innerText()), `the share has no denominator: ${await row("Kino Live").innerText()}`);
  await page.goto(`${base}/events/evening?from=${ago(20)}&to=${ago(0)}`);
  await row("Kino Live").locator(".spark .line").waitFor({ state: "attached" });
  must(await page.locator(".said .spark rect[fill^='url']").first().isVisible(), "the gap is not hatched in the small charts");
  must((await text(page, ".services .lower")).startsWith("Before"), "that the time before was not heard whole is not told");
  await page.goto(`${base}/events/evening?from=${ago(60)}&to=${ago(40)}`);
  await row("Stadium Box").locator(".spark .line").waitFor({ state: "attached" });
  must((await page.locator(".services .lower").count()) === 0, `where all was heard, it is told as less: ${await page.locator(".services .lower").allInnerTexts()}`);
  must(/[+−±]\d+\s+before: \d+/.test(await row("Stadium Box").innerText()), `the change is not told: ${await row("Stadium Box").innerText()}`);
  await page.getByRole("button", { name: "Show all 10" }).click();
  await row("Town Wiki").waitFor();
  await accessible(page, "all services");
  ok("services stand with posts, complaints, share of what, change and a small chart; lower bounds are marked");

  on("a service in the chart");
  await row("Kino Live").getByRole("button").click();
  await page.waitForURL(/series=complaint:Kino%20Live,service:Kino%20Live/);
  const lines = () => page.locator(".legend tbody th").allInnerTexts();
  await page.waitForFunction(() => /Complaints about Kino Live/.test(document.querySelector(".legend tbody")?.textContent ?? ""));
  const were = [page.url(), await lines()];
  await page.reload();
  await page.waitForFunction(() => /Posts about Kino Live/.test(document.querySelector(".legend tbody")?.textContent ?? ""));
  must(JSON.stringify([page.url(), await lines()]) === JSON.stringify(were), `another view after a reload: ${page.url()} ${await lines()}`);
  await row("Kino Live").locator("button[aria-pressed=true]").waitFor();
  await page.locator(".chart-part").evaluate((e) => e.scrollIntoView());
  await shot(page, "hearing-service");
  ok("a service's lines are shown, kept in the address, and the same after a reload");

  on("posts that are gone");
  await page.goto(`${base}/events/evening?label=posts`);
  await page.locator(".post .gone", { hasText: "Deleted at its source" }).first().waitFor();
  must(/deleted since/.test(await text(page, ".numbers")), "the figures do not tell of what was deleted");
  await page.locator("table.said").waitFor();
  must(/Deleted since, and left out: \d/.test(await text(page, ".services")), `the services do not tell of what was deleted: ${await text(page, ".services")}`);
  await page.locator(".post .gone").first().evaluate((e) => e.scrollIntoView({ block: "center" }));
  await shot(page, "hearing-gone");
  ok("posts that are gone say so, and the figures tell of them");

  on("what was left out on purpose");
  await page.goto(`${base}/events/rehearsal`);
  await until(page, "X is told as left out", () => /Left out, to keep to the spending limit:.*X/.test(document.querySelector(".now")?.textContent ?? ""), null, 150_000);
  await until(page, "the key tells of it", () => /left out/.test(document.querySelector(".lane-key")?.textContent ?? ""), null, 60_000);
  const cut = await lane(page, "X", 0.5, 0.95);
  must(cut.colours > 1, `what was left out is not hatched: ${JSON.stringify(cut)}`);
  must(/of US\$0\.06/.test(await text(page, ".spend")), `what X costs is not told: ${await text(page, ".spend")}`);
  await accessible(page, "an event with what was left out");
  await shot(page, "hearing-rehearsal", { fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 1900 } });
  ok(`X is hatched and told as left out; ${(await text(page, ".spend")).split("\n")[0]}`);

  on("a source that goes out of reach");
  const list = await open({ storageState: await page.context().storageState() });
  await list.goto(`${base}/`);
  await list.locator(item("Bluesky", "live")).waitFor();
  await fetch(`${far}/away`);
  await until(page, "the event tells that Bluesky is not heard", () => [...document.querySelectorAll(".now .blind.is-blind")].some((x) => x.textContent.includes("Bluesky")), null, 90_000);
  await list.locator(item("Bluesky", "blind")).waitFor({ timeout: 60_000 });
  must((await list.locator(`${item("Bluesky", "blind")} .why`).count()) === 1, "why Bluesky is not heard is not told");
  await accessible(list, "the overview with a blind source");
  await shot(list, "hearing-blind");
  await shot(page, "hearing-blind-event");
  ok(`it is told: ${(await text(list, item("Bluesky", "blind"))).replaceAll("\n", " | ")}`);

  await fetch(`${far}/back`);
  await until(page, "the event tells that Bluesky is heard again", () => ![...document.querySelectorAll(".now .blind")].some((x) => x.textContent.includes("Bluesky")), null, 120_000);
  await list.locator(item("Bluesky", "live")).waitFor({ timeout: 60_000 });
  await until(page, "what was missed is told as fetched", () => /fetched afterwards/.test(document.querySelector(".lane-key")?.textContent ?? ""), null, 60_000);
  await list.context().close();
  ok("it is heard again, and what was missed is told as fetched afterwards");

  const state = await page.context().storageState();
  for (const [dress, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", phone], ["korean dark phone", { ...phone, colorScheme: "dark", locale: "ko-KR", timezoneId: "Asia/Seoul" }]]) {
    const p = await open({ ...options, storageState: state });
    for (const path of ["/", "/events/evening", "/events/rehearsal", "/events/is-it-down"]) {
      on(`${path} in ${dress}`);
      await p.goto(base + path);
      await p.locator(path === "/events/evening" ? ".said" : ".ears").first().waitFor();
      if (path !== "/") await p.locator(".plot canvas").waitFor();
      if (path === "/events/evening") await p.locator(".said .spark .line").first().waitFor({ state: "attached" });
      await p.waitForTimeout(800);
      await accessible(p, `${path} in ${dress}`);
      if (path === "/events/is-it-down") await until(p, "one source of two was heard, and the services are listed", () => document.querySelectorAll(".said tbody tr").length >= 8, null, 90_000);
      if (options.isMobile && path === "/events/evening") must(await p.locator(".said").evaluate((e) => e.scrollWidth <= e.parentElement.clientWidth), "the services do not fit a phone");
      must(!(await p.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)), "the page is wider than the screen");
      await shot(p, `hearing-${dress.replaceAll(" ", "-")}-${path.split("/").pop() || "overview"}`, { fullPage: true, clip: { x: 0, y: 0, width: p.viewportSize().width, height: 1700 } });
    }
    await p.context().close();
    ok(`axe finds nothing in ${dress}`);
  }
});
