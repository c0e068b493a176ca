// The addresses of the pages, and the state of a view in its address: what is reloaded or shared
// shows the same.
import { symptoms } from "./model.ts";
import { parseStep, stepText, type Span } from "./step.ts";

export type Route =
  | { page: "overview" | "sign-in" | "new" | "keys" | "people" | "audit" | "play" }
  | { page: "event" | "edit"; slug: string }
  | { page: "nowhere" };

export function readRoute(path: string): Route {
  const parts = path.split("/").filter((p) => p !== "");
  if (parts.length === 0) return { page: "overview" };
  const [first, slug, last] = parts as [string, string?, string?];
  if (first === "events" && slug && parts.length <= 3) {
    let name: string;
    try {
      name = decodeURIComponent(slug);
    } catch {
      return { page: "nowhere" };
    }
    if (parts.length === 2) return { page: "event", slug: name };
    if (last === "edit") return { page: "edit", slug: name };
  }
  if (parts.length === 1 && ["sign-in", "new", "keys", "people", "audit", "play"].includes(first)) return { page: first as "new" };
  return { page: "nowhere" };
}

export const eventPath = (slug: string): string => `/events/${encodeURIComponent(slug)}`;

/** What the event page shows. A window or step of null follows what is known. */
export interface View {
  series: string[];
  window: Span | null;
  step: number | null;
  sources: string[];
  langs: string[];
  zone: string;
  table: boolean;
  posts: PostFilter;
}

export interface PostFilter { label: string; symptom: string; tag: string; q: string }

export const labels = ["complaints", "first_hand", "recovery", "posts"] as const;

/** Counts on the first axis; tags and symptoms come besides. */
export const counts = ["posts", "complaints", "first_hand", "recovery", "reposts"] as const;
/** What the second axis can carry: one at a time, since each has a unit of its own. */
export const seconds = ["complaint_share", "latency", "audience", "authors", "counts:x"] as const;

export const usualSeries: readonly string[] = ["complaints", "posts", "complaint_share", "health"];
const maxSeries = 12;

/** Which part of the chart a series belongs to; null if it is no series. */
export function kindOf(name: string): "count" | "second" | "state" | null {
  const cut = name.indexOf(":");
  const kind = cut < 0 ? name : name.slice(0, cut);
  const argument = cut < 0 ? "" : name.slice(cut + 1);
  if (cut >= 0 && argument === "") return null;
  if (kind === "tag") return argument.replace(/[#＃ ]/g, "") === "" ? null : "count";
  if (kind === "symptom") return (symptoms as readonly string[]).includes(argument) ? "count" : null;
  if (kind === "service" || kind === "complaint") return argument === "" ? null : "count"; // the server knows which the event follows
  if (kind === "health") return "state";
  if (kind === "latency" || kind === "audience") return "second";
  if (kind === "counts") return /^[a-z0-9][a-z0-9_-]{0,31}$/.test(argument) ? "second" : null;
  if (cut >= 0) return null;
  if ((counts as readonly string[]).includes(kind)) return "count";
  return (seconds as readonly string[]).includes(kind) ? "second" : null;
}

/** The series as they can be drawn in one picture: known ones, once each, one kind on the second axis. */
export function drawable(names: readonly string[]): string[] {
  const out: string[] = [];
  let second = "";
  for (const n of names) {
    const kind = kindOf(n);
    if (kind === null || out.includes(n) || n.length > 200) continue;
    if (kind === "second") {
      const base = n.split(":")[0]!;
      if (second !== "" && second !== base) continue;
      second = base;
    }
    out.push(n);
  }
  return out.slice(0, maxSeries);
}

const list = (text: string | null): string[] => (text ?? "").split(",").map((x) => x.trim()).filter((x) => x !== "");

const time = (text: string | null): number | null => {
  const t = text === null ? NaN : Date.parse(text);
  return Number.isNaN(t) ? null : t / 1000;
};

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone !== "";
  } catch {
    return false;
  }
}

/** Reads a view. What cannot be read is left to its default. */
export function readView(query: string, zone: string): View {
  const q = new URLSearchParams(query);
  const series = drawable(list(q.get("series")));
  const [from, to] = [time(q.get("from")), time(q.get("to"))];
  const tz = q.get("tz") ?? "";
  const label = q.get("label") ?? "";
  const symptom = q.get("symptom") ?? "";
  return {
    series: series.length > 0 ? series : [...usualSeries],
    window: from !== null && to !== null && to > from ? { from, to } : null,
    step: parseStep(q.get("step") ?? ""),
    sources: list(q.get("source")).filter((s) => /^[a-z0-9][a-z0-9_-]{0,31}$/.test(s)),
    langs: list(q.get("lang")).filter((s) => /^[A-Za-z0-9-]{1,35}$/.test(s)),
    zone: isZone(tz) ? tz : zone,
    table: q.get("table") === "1",
    posts: {
      label: (labels as readonly string[]).includes(label) ? label : "complaints",
      symptom: (symptoms as readonly string[]).includes(symptom) ? symptom : "",
      tag: (q.get("tag") ?? "").slice(0, 200),
      q: (q.get("q") ?? "").slice(0, 200),
    },
  };
}

export const stamp = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** Writes a view, with its zone always named; `locale` is kept where it is given. */
export function writeView(v: View, locale: string | null): string {
  const q: [string, string][] = [];
  if (v.series.join() !== usualSeries.join()) q.push(["series", v.series.join(",")]);
  if (v.window) q.push(["from", stamp(v.window.from)], ["to", stamp(v.window.to)]);
  if (v.step !== null) q.push(["step", stepText(v.step)]);
  if (v.sources.length > 0) q.push(["source", v.sources.join(",")]);
  if (v.langs.length > 0) q.push(["lang", v.langs.join(",")]);
  if (v.posts.label !== "complaints") q.push(["label", v.posts.label]);
  if (v.posts.symptom) q.push(["symptom", v.posts.symptom]);
  if (v.posts.tag) q.push(["tag", v.posts.tag]);
  if (v.posts.q) q.push(["q", v.posts.q]);
  if (v.table) q.push(["table", "1"]);
  q.push(["tz", v.zone]);
  if (locale) q.push(["locale", locale]);
  return "?" + q.map(([k, x]) => `${k}=${plain(x)}`).join("&");
}

/** Encodes a value and leaves what a query may hold as it is, so that addresses can be read. */
function plain(value: string): string {
  return encodeURIComponent(value).replace(/%(2C|3A|2F)/g, (m) => decodeURIComponent(m));
}
