// Measures, in a real browser, at how many frames a second a day of ten-second buckets with six
// series pans, beside what the browser does when nothing moves; and how much a first visit loads.
// Prints one JSON object a line. It serves dist/ itself, with made-up figures.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { launch } from "../browser.mjs";

const dist = join(import.meta.dirname, "..", "..", "dist");
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const day = 86_400, begin = Date.parse("2022-11-20T00:00:00Z") / 1000;
const series = ["complaints", "posts", "first_hand", "recovery", "symptom:audio", "complaint_share"];
const seconds = Number(process.env.SECONDS || 3), rounds = 5; // the middle one counts: other work on the machine disturbs some

if (!existsSync(join(dist, "index.html"))) {
  console.error("The pages are not built: run npm run build first.");
  process.exit(1);
}

const stamp = (t) => new Date(t * 1000).toISOString();
const noise = (i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;

function trend() {
  const points = (k) => Array.from({ length: day / 10 }, (_, i) => ({
    bucket: stamp(begin + i * 10), covered: 1,
    value: k === 5 ? noise(i) : Math.round(40 * noise(i + k * 7919) + 400 * Math.exp(-(((i - 4000 - 200 * k) / 300) ** 2))),
  }));
  return {
    series: series.map((name, k) => ({ name, unit: k === 5 ? "share" : "posts", counts: "", points: points(k) })),
    passport: {
      event: "day", title: "A day", simulated: false, recorded: true, from: stamp(begin), to: stamp(begin + day), step: "10s", time_zone: "UTC", sources: [],
      coverage: 1, deduplication: "", deleted_since: 0, late: 0, method: "", represents: "", generated_at: stamp(begin), permalink: "",
    },
  };
}

const answers = {
  "/v1/session": { signed_in: true, person: { name: "bench", role: "viewer", has_password: true }, scopes: ["read", "export"] },
  "/v1/events": { events: [] },
  "/v1/events/day": {
    slug: "day", title: "A day", starts_at: stamp(begin + 3600), ends_at: stamp(begin + day), status: "ended", match: { any: ["x"] }, endless: false, recorded: true,
    window: { from: stamp(begin), to: stamp(begin + day) },
  },
  "/v1/events/day/trend": trend(),
};

const server = createServer((req, res) => {
  const path = new URL(req.url, "http://x").pathname;
  if (path.startsWith("/v1/")) {
    const a = answers[path];
    res.writeHead(a ? 200 : 404, { "Content-Type": a ? "application/json" : "application/problem+json" });
    return res.end(JSON.stringify(a ?? { detail: "not here" }));
  }
  let file = normalize(join(dist, path));
  if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory()) file = join(dist, "index.html");
  res.writeHead(200, { "Content-Type": kinds[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(res);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await launch();

/** What a first visit of a page loads, compressed as a server on the way would. */
async function load(path) {
  const page = await browser.newPage();
  const files = new Set();
  page.on("request", (r) => files.add(new URL(r.url()).pathname));
  await page.goto(base + path, { waitUntil: "networkidle" });
  await page.close();
  const sums = {};
  for (const f of files) {
    if (f.startsWith("/v1/") || f.startsWith("/fonts/")) continue;
    const file = existsSync(join(dist, f)) && !statSync(join(dist, f)).isDirectory() ? join(dist, f) : join(dist, "index.html");
    const kind = extname(file).slice(1);
    sums[kind] = (sums[kind] ?? 0) + gzipSync(readFileSync(file), { level: 9 }).length;
  }
  const bytes = Object.values(sums).reduce((a, n) => a + n, 0);
  console.log(JSON.stringify({ bench: "first_load", page: path.split("?")[0], gzip_bytes: bytes, of_limit: +(bytes / (120 * 1024)).toFixed(3), ...sums }));
}

/** Frames a second: with nothing moving, and while the window is moved in every frame. */
async function pan(hours) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const from = begin + 2 * 3600, to = from + hours * 3600;
  const window = hours < 24 ? `&from=${stamp(from)}&to=${stamp(to)}` : "";
  await page.goto(`${base}/events/day?series=${series.join(",")}&step=10s&tz=UTC${window}`, { waitUntil: "networkidle" });
  await page.locator(".plot .u-over").waitFor();
  await page.locator(".plot").scrollIntoViewIfNeeded();
  const r = await page.evaluate(async ({ seconds, full, rounds }) => {
    const over = document.querySelector(".plot .u-over");
    const box = over.getBoundingClientRect();
    document.querySelector(".plot").focus({ preventScroll: true });
    const run = (each) => new Promise((done) => {
      const times = [];
      let first = 0, n = 0;
      const frame = (t) => {
        first ||= t;
        times.push(t);
        if (t - first > seconds * 1000) {
          const gaps = times.slice(1).map((x, i) => x - times[i]).sort((a, b) => a - b);
          return done({ fps: (times.length - 1) / ((t - first) / 1000), p95: gaps[Math.floor(gaps.length * 0.95)] });
        }
        each(n++);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const wheel = (init) => over.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 50, ...init }));
    const middle = (list) => list.sort((a, b) => a.fps - b.fps)[list.length >> 1];
    const idle = [], moving = [];
    if (full) for (let i = 0; i < 3; i++) wheel({ deltaY: -2 });
    for (let i = 0; i < rounds; i++) {
      idle.push(await run(() => {}));
      moving.push(await run((n) => wheel({ deltaX: n % 240 < 120 ? 3 : -3 })));
    }
    return { idle: middle(idle), moving: middle(moving) };
  }, { seconds, full: hours >= 24, rounds });
  await page.close();
  console.log(JSON.stringify({
    bench: "pan", buckets: day / 10, series: series.length, hours_shown: hours, fps: +r.moving.fps.toFixed(1), fps_at_rest: +r.idle.fps.toFixed(1),
    ratio: +(r.moving.fps / r.idle.fps).toFixed(3), frame_ms_p95: +r.moving.p95.toFixed(1),
  }));
}

try {
  await load("/");
  await load("/events/day");
  for (const hours of [24, 12, 3]) await pan(hours);
} finally {
  await browser.close();
  server.close();
}
