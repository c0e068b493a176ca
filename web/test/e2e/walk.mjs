// What the walks share: the server and the browser that they are given, and how they look, wait and
// complain. A walk stops at the first thing that is not as it should be.
//
//   OUTCRY_URL    the server, for example http://127.0.0.1:8080
//   OUTCRY_LINK   the sign-in link that it printed, not used yet
//   OUTCRY_SHOTS  a folder for pictures of every step, to look at; none are made without it
//   OUTCRY_GALLERY  a folder for the few pictures that docs/gallery shows
//   CHROMIUM      the browser, where it is not at a usual place
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launch } from "../browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const base = (process.env.OUTCRY_URL ?? "").replace(/\/$/, "");
export const link = process.env.OUTCRY_LINK ?? "";
export const shots = process.env.OUTCRY_SHOTS ?? "";
export const gallery = process.env.OUTCRY_GALLERY ?? "";
if (!base || !link) {
  console.error("Set OUTCRY_URL to a running server and OUTCRY_LINK to the sign-in link that it printed.");
  process.exit(2);
}
for (const folder of [shots, gallery]) if (folder) mkdirSync(folder, { recursive: true });

const patience = 30_000;
const started = Date.now();
let step = "starting the browser";

/** Says what is being looked at, so that a failure names it. */
export function on(what) {
  step = what;
}

export function ok(what) {
  console.log(`ok  ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}

export function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** Waits until something holds in the page. */
export async function until(page, what, f, arg, ms = patience) {
  try {
    return await page.waitForFunction(f, arg, { timeout: ms, polling: 200 }).then((h) => h.jsonValue());
  } catch {
    throw new Error(`${what}: not after ${ms / 1000} s`);
  }
}

const browser = await launch();
const said = []; // what the browser complained of

export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", timezoneId: "America/New_York", colorScheme: "light", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", (e) => said.push(`error in the page: ${e.message}`));
  page.on("console", (m) => {
    if (/Content Security Policy|Refused to/i.test(m.text())) said.push(m.text());
  });
  page.on("request", (r) => {
    if (!r.url().startsWith(base) && !/^(data|blob|about):/.test(r.url())) said.push(`a request elsewhere: ${r.url()}`);
  });
  return page;
}

export async function shot(page, name, options = {}) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), ...options });
}

/** A picture for the gallery: as tall as is worth showing, with nothing pointed at. */
export async function hang(page, name, height = 900) {
  if (!gallery) return;
  const size = page.viewportSize();
  await page.mouse.move(0, 0);
  await page.setViewportSize({ width: size.width, height });
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1200);
  await page.screenshot({ path: join(gallery, `${name}.png`) });
  await page.setViewportSize(size);
}

/** Runs axe. The page's policy lets no script in; the browser itself may. */
export async function accessible(page, name) {
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.help + " at " + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")))`);
  must(found.length === 0, `axe on ${name}:\n  ${found.join("\n  ")}`);
}

export const phone = { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Walks, and tells at the end whether all was as it should be. */
export async function walk(f) {
  try {
    await f();
    must(said.length === 0, `the browser complained:\n  ${[...new Set(said)].join("\n  ")}`);
    ok("no error in a page, nothing refused by its policy, no request elsewhere");
  } catch (e) {
    console.error(`\nFAILED while ${step}: ${e.message}`);
    if (said.length > 0) console.error(`The browser said:\n  ${[...new Set(said)].join("\n  ")}`);
    if (shots) {
      for (const [i, p] of browser.contexts().flatMap((c) => c.pages()).entries()) await p.screenshot({ path: join(shots, `failed-${i}.png`) }).catch(() => {});
    }
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}
