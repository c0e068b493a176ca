// Numbers, times and durations as people read them, in the language and zone of the page.
import type { Unit } from "./model.ts";

const cache = new Map<string, unknown>();

function cached<T>(key: string, make: () => T): T {
  let v = cache.get(key) as T | undefined;
  if (v === undefined) {
    if (cache.size > 400) cache.clear();
    cache.set(key, (v = make()));
  }
  return v;
}

/** What Intl calls the locale: British English and Korean. */
export const intl = (locale: string): string => (locale === "ko" ? "ko-KR" : "en-GB");

export function number(n: number, locale: string, digits = 0): string {
  return cached(`n${locale}${digits}`, () => new Intl.NumberFormat(intl(locale), { maximumFractionDigits: digits })).format(n);
}

/** A large number in short: 600K, 60만. */
export function short(n: number, locale: string): string {
  if (Math.abs(n) < 10_000) return number(n, locale, Math.abs(n) < 10 ? 1 : 0);
  return cached(`s${locale}`, () => new Intl.NumberFormat(locale === "ko" ? "ko-KR" : "en", { notation: "compact", maximumSignificantDigits: 3 })).format(n);
}

/** A share in percent. What is not quite all is never rounded to all. */
export function percent(share: number, locale: string): string {
  const nearly = share > 0.99 && share < 1;
  if (nearly) share = Math.floor(share * 1000) / 1000;
  const digits = nearly || (share > 0 && share < 0.1) ? 1 : 0;
  return cached(`p${locale}${digits}`, () => new Intl.NumberFormat(intl(locale), { style: "percent", maximumFractionDigits: digits })).format(share);
}

/** A value of a series with its unit, where the unit has a sign. */
export function value(v: number, unit: Unit, locale: string): string {
  switch (unit) {
    case "share": return percent(v, locale);
    case "ms": return `${number(v, locale, v < 10 ? 1 : 0)} ms`;
    case "people": return short(v, locale);
    default: return number(v, locale, Number.isInteger(v) ? 0 : 1);
  }
}

type Parts = "clock" | "seconds" | "day" | "date" | "full" | "fullSeconds" | "weekday";

const options: Record<Parts, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  day: { day: "numeric", month: "short" },
  date: { day: "numeric", month: "long", year: "numeric" },
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  fullSeconds: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  weekday: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
};

/** A time in a zone, without the zone's name: name it beside. */
export function time(at: number | string, zone: string, locale: string, parts: Parts = "full"): string {
  const ms = typeof at === "number" ? at * 1000 : Date.parse(at);
  if (Number.isNaN(ms)) return "?";
  return cached(`t${locale}${zone}${parts}`, () => new Intl.DateTimeFormat(intl(locale), { ...options[parts], timeZone: zone })).format(ms);
}

/** Zones whose usual short name browsers do not know. */
const usualNames: Record<string, string> = { "Asia/Seoul": "KST", "Asia/Tokyo": "JST" };

/** The short name of a zone at a time: KST, EDT, GMT+9. */
export function zoneName(zone: string, at: number | string, locale: string): string {
  const ms = typeof at === "number" ? at * 1000 : Date.parse(at);
  if (usualNames[zone]) return usualNames[zone];
  // American English has the most names; the others would say GMT-4 where people say EDT.
  const named = cached(`z${zone}`, () => new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" }));
  const name = named.formatToParts(Number.isNaN(ms) ? 0 : ms).find((p) => p.type === "timeZoneName")?.value ?? zone;
  if (!name.startsWith("GMT") || zone === "UTC") return name;
  const own = cached(`zo${locale}${zone}`, () => new Intl.DateTimeFormat(intl(locale), { timeZone: zone, timeZoneName: "short" }));
  return own.formatToParts(Number.isNaN(ms) ? 0 : ms).find((p) => p.type === "timeZoneName")?.value ?? name;
}

/** A time with the name of its zone. */
export function zoned(at: number | string, zone: string, locale: string, parts: Parts = "full"): string {
  return `${time(at, zone, locale, parts)} ${zoneName(zone, at, locale)}`;
}

const utcTimes: Record<string, RegExp> = {
  en: /(?<clock>\d\d:\d\d) UTC(?: on (?<date>\d{1,2} [A-Z][a-z]+ \d{4}))?/g,
  ko: /(?:(?<date>\d{4}년 \d{1,2}월 \d{1,2}일) )?(?<clock>\d\d:\d\d) UTC/g,
};

/**
 * A sentence of the server's with its times in the zone of the page. The server writes them in UTC,
 * and names the day only where it is not that of the event's clock.
 */
export function inZone(sentence: string, clock: string | null, zone: string, locale: string): string {
  if (zone === "UTC") return sentence;
  return sentence.replace(utcTimes[locale]!, (...found) => {
    const { clock: told, date } = found[found.length - 1] as { clock: string; date?: string };
    const day = date === undefined ? (clock ?? "").slice(0, 10) : date.includes("년") ? date.match(/\d+/g)!.map((n) => n.padStart(2, "0")).join("-") : date;
    const at = Date.parse(date === undefined || locale === "ko" ? `${day}T${told}Z` : `${day} ${told} UTC`) / 1000;
    if (Number.isNaN(at)) return found[0] as string;
    const here = `${time(at, zone, locale, "clock")} ${zoneName(zone, at, locale)}`, then = time(at, zone, locale, "date");
    if (date === undefined && clock !== null && then === time(clock, zone, locale, "date")) return here;
    return locale === "ko" ? `${then} ${here}` : `${here} on ${then}`;
  });
}

/** Planned times, with the zone named and the day said once where it is one day. */
export function planned(starts: string, ends: string | undefined, zone: string, locale: string, open: (from: string) => string): string {
  const from = time(starts, zone, locale);
  if (!ends) return open(`${from} ${zoneName(zone, starts, locale)}`);
  const oneDay = time(starts, zone, locale, "weekday") === time(ends, zone, locale, "weekday");
  return `${from} – ${time(ends, zone, locale, oneDay ? "clock" : "full")} ${zoneName(zone, ends, locale)}`;
}

/** A stretch of seconds in short: 10 s, 5 min, 2 h 30 min, 3 d. */
export function duration(seconds: number, locale: string): string {
  const u = locale === "ko" ? ["초", "분", "시간", "일"] : [" s", " min", " h", " d"];
  const s = Math.round(Math.abs(seconds));
  if (s < 60) return `${s}${u[0]}`;
  if (s < 3600) return `${Math.floor(s / 60)}${u[1]}` + (s % 60 && s < 600 ? ` ${s % 60}${u[0]}` : "");
  if (s < 172_800) return `${Math.floor(s / 3600)}${u[2]}` + (Math.floor((s % 3600) / 60) ? ` ${Math.floor((s % 3600) / 60)}${u[1]}` : "");
  return `${Math.round(s / 86_400)}${u[3]}`;
}

export function bytes(n: number, locale: string): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${number(n, locale, n < 10 && i > 0 ? 1 : 0)} ${units[i]}`;
}

/** What the clock of a zone is ahead of UTC at a time, in seconds. */
export function offset(zone: string, at: number): number {
  const f = cached(`o${zone}`, () => new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }));
  const p = Object.fromEntries(f.formatToParts(at * 1000).map((x) => [x.type, Number(x.value)]));
  return Date.UTC(p["year"]!, p["month"]! - 1, p["day"], p["hour"], p["minute"], p["second"]) / 1000 - Math.floor(at);
}

/** Local text of an <input type="datetime-local"> in a zone, and back. */
export function toInput(at: string | undefined, zone: string): string {
  const t = at ? Date.parse(at) / 1000 : NaN;
  return Number.isNaN(t) ? "" : new Date((t + offset(zone, t)) * 1000).toISOString().slice(0, 19).replace(/:00$/, "");
}

export function fromInput(text: string, zone: string): string | undefined {
  const local = Date.parse(text + "Z") / 1000;
  if (Number.isNaN(local)) return undefined;
  let t = local - offset(zone, local);
  t = local - offset(zone, t); // once more: the first guess may lie across a change of the clocks
  const o = offset(zone, t), sign = o < 0 ? "-" : "+", two = (n: number) => String(n).padStart(2, "0");
  const clock = new Date(local * 1000).toISOString().slice(0, 19);
  return o === 0 ? `${clock}Z` : `${clock}${sign}${two(Math.floor(Math.abs(o) / 3600))}:${two(Math.floor((Math.abs(o) % 3600) / 60))}`;
}

/** Where the ticks of a time axis stand, on round times of a zone, and how far apart. */
export function ticks(from: number, to: number, zone: string, most: number): { at: number[]; every: number } {
  const widths = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];
  const every = widths.find((w) => (to - from) / w <= most) ?? Math.ceil((to - from) / most / 2592000) * 2592000;
  const shift = offset(zone, from);
  const at: number[] = [];
  for (let t = Math.ceil((from + shift) / every) * every - shift; t <= to; t += every) at.push(t);
  return { at, every };
}
