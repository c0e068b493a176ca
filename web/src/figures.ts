// The series of a figure as columns, and how what a stream brings is merged into them.
import type { Point, Series, Unit } from "./model.ts";
import type { Span } from "./step.ts";

/** What is known of a bucket besides its value: bits, added up. */
export const Mark = {
  unknown: 1, partly: 2, open: 4, unread: 8,
  late: 16, // unknown, and still to be heard
  capped: 32, // unknown, and left out on purpose
  filled: 64, // some of it was fetched afterwards
} as const;

export interface Column {
  name: string;
  unit: Unit;
  counts: string;
  values: (number | null)[];
  atLeast: (number | null)[];
  of: (number | null)[]; // for a share: how many posts it is a share of
  marks: number[];
  blind: (readonly string[])[];
  filled: (readonly string[])[];
}

/** Columns over the buckets [from, to) of a step, in seconds since 1970. */
export interface Figures { from: number; to: number; step: number; columns: Column[] }

/** A time of trouble: how long it was bad, and how long of that a service was down, in seconds. */
export interface Trouble { from: number; to: number; bad: number; down: number }

/** Stretches of trouble, in order: those with a minute or less between are one. */
export function troubles(bad: readonly (Span & { down: boolean })[]): Trouble[] {
  const out: Trouble[] = [];
  for (const s of bad) {
    const long = s.to - s.from, last = out[out.length - 1];
    if (last && s.from - last.to <= 60) {
      last.to = Math.max(last.to, s.to);
      last.bad += long;
      last.down += s.down ? long : 0;
    } else out.push({ from: s.from, to: s.to, bad: long, down: s.down ? long : 0 });
  }
  return out;
}

const nobody: readonly string[] = [];

export function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

/** The series as columns on a grid. Buckets that a series does not have are marked as not read. */
export function figuresOf(series: readonly Series[], window: Span, step: number): Figures {
  const f: Figures = { from: window.from, to: window.to, step, columns: [] };
  for (const s of series) {
    const c: Column = { name: s.name, unit: s.unit, counts: s.counts ?? "", values: [], atLeast: [], of: [], marks: [], blind: [], filled: [] };
    lengthen(c, Math.round((f.to - f.from) / step));
    f.columns.push(c);
    for (const p of s.points) put(f, c, p);
  }
  return f;
}

function lengthen(c: Column, n: number): void {
  while (c.values.length < n) {
    c.values.push(null);
    c.atLeast.push(null);
    c.of.push(null);
    c.marks.push(Mark.unread);
    c.blind.push(nobody);
    c.filled.push(nobody);
  }
}

/** Puts a point in its place, if the grid has one. */
function put(f: Figures, c: Column, p: Point): void {
  const i = (seconds(p.bucket) - f.from) / f.step;
  if (!Number.isInteger(i) || i < 0 || i >= c.values.length) return;
  c.values[i] = p.value;
  c.atLeast[i] = p.at_least ?? null;
  c.of[i] = p.of ?? null;
  c.blind[i] = p.blind && p.blind.length > 0 ? p.blind : nobody;
  c.filled[i] = p.filled && p.filled.length > 0 ? p.filled : nobody;
  c.marks[i] = marksOf(p);
}

/**
 * A value that is missing because somebody was not listened to is unknown; one that cannot be
 * worked out (a share of no posts) is only absent.
 */
function marksOf(p: Point): number {
  let m = 0;
  if (p.value === null && ((p.blind?.length ?? 0) > 0 || p.covered === 0)) m |= Mark.unknown | whyOf(p);
  if (p.value !== null && p.covered < 1) m |= Mark.partly;
  if (p.open) m |= Mark.open;
  if ((p.filled?.length ?? 0) > 0) m |= Mark.filled;
  return m;
}

/** Why a point is not known, where it is not for a gap: what is late counts before what was left out. */
function whyOf(p: Point): number {
  const blind = p.blind?.length ?? 0, late = p.late?.length ?? 0, capped = p.capped?.length ?? 0;
  if (blind === 0 || blind > late + capped) return 0;
  return late > 0 ? Mark.late : Mark.capped;
}

/** Why a bucket is not known, over all columns that count posts: the gravest reason counts. "" where it is known. */
export function lackAt(columns: readonly Column[], i: number): "" | "gap" | "late" | "capped" {
  let lack: "" | "gap" | "late" | "capped" = "";
  for (const c of columns) {
    const m = c.marks[i] ?? 0;
    if (!(m & Mark.unknown)) continue;
    if (!(m & (Mark.late | Mark.capped))) return "gap";
    if (m & Mark.late) lack = "late";
    else lack ||= "capped";
  }
  return lack;
}

/** What came of a merge: the figures, and whether buckets are missing that must be read anew. */
export interface Merged { figures: Figures; missing: boolean }

/**
 * Merges changed buckets into figures, in new columns where something changed. Buckets after the
 * end lengthen them; those of another step or before the beginning are left out.
 */
export function merge(f: Figures, changed: readonly Series[], step: number, most = 20_000): Merged {
  if (step !== f.step) return { figures: f, missing: false };
  let to = f.to;
  for (const s of changed) for (const p of s.points) to = Math.max(to, seconds(p.bucket) + step);
  if (!Number.isInteger((to - f.from) / step) || (to - f.from) / step > most) return { figures: f, missing: true };
  const out: Figures = { ...f, to, columns: f.columns.map((c) => ({ ...c })) };
  let missing = false;
  for (const c of out.columns) {
    const s = changed.find((x) => x.name === c.name);
    if (!s && to === f.to) continue;
    c.values = c.values.slice();
    c.atLeast = c.atLeast.slice();
    c.of = c.of.slice();
    c.marks = c.marks.slice();
    c.blind = c.blind.slice();
    c.filled = c.filled.slice();
    lengthen(c, Math.round((to - f.from) / step));
    for (const p of s?.points ?? []) put(out, c, p);
    missing ||= c.marks.indexOf(Mark.unread, Math.max(0, Math.round((f.to - f.from) / step) - 1)) >= 0;
  }
  return { figures: out, missing };
}

/**
 * The end of the last bucket in which posts were counted; the beginning if none was. What was
 * measured counts only where no posts are: it stays in force past the event's clock.
 */
export function lastKnown(f: Figures): number {
  let last = -1;
  const counted = f.columns.filter((c) => c.unit === "posts");
  for (const c of counted.length > 0 ? counted : f.columns) {
    for (let i = c.values.length - 1; i > last; i--) if (c.values[i] !== null || c.atLeast[i] !== null) last = i;
  }
  return f.from + (last + 1) * f.step;
}

/** A share of fewer posts than this is not drawn: one complaint in one post is no wave. */
export const fewPosts = 10;

/** Whether a share is one of few posts, at a bucket. */
export const ofFew = (c: Column, i: number): boolean => c.unit === "share" && (c.of[i] ?? fewPosts) < fewPosts;

/** Stretches of buckets [a, b) for which something holds. */
export function runs(n: number, holds: (i: number) => boolean): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    if (!holds(i)) continue;
    const last = out[out.length - 1];
    if (last && last[1] === i) last[1] = i + 1;
    else out.push([i, i + 1]);
  }
  return out;
}

/**
 * For values that are measured now and then, how many buckets one stays in force: twice the middle
 * distance between them, from a minute to a quarter of an hour, as the server's charts have it.
 */
export function holdOf(values: readonly (number | null)[], step: number): number {
  const gaps: number[] = [];
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) continue;
    if (last >= 0) gaps.push((i - last) * step);
    last = i;
  }
  gaps.sort((a, b) => a - b);
  const hold = gaps.length === 0 ? 60 : Math.min(Math.max(2 * gaps[(gaps.length - 1) >> 1]!, 60), 900);
  return Math.max(1, Math.floor(Math.max(hold, step) / step));
}

/**
 * What a column comes to over a window: sum where units can be added, greatest value, last value. Where
 * a source was not heard for a while, what the others heard is in the sum, which is then `least`.
 */
export interface Extent { sum: number | null; least: boolean; peak: number | null; peakAt: number; last: number | null; unknown: number }

export function extentOf(f: Figures, c: Column, w: Span): Extent {
  const e: Extent = { sum: null, least: false, peak: null, peakAt: 0, last: null, unknown: 0 };
  const a = Math.max(0, Math.floor((w.from - f.from) / f.step));
  const b = Math.min(c.values.length, Math.ceil((w.to - f.from) / f.step));
  for (let i = a; i < b; i++) {
    const v = c.values[i] ?? null;
    if (c.marks[i]! & Mark.unknown) e.unknown++;
    const least = c.unit === "posts" && v === null ? c.atLeast[i] ?? null : null;
    if (least !== null) [e.sum, e.least] = [(e.sum ?? 0) + least, true];
    if (v === null || ofFew(c, i)) continue;
    e.last = v;
    if (c.unit === "posts") e.sum = (e.sum ?? 0) + v;
    if (e.peak === null || v > e.peak) [e.peak, e.peakAt] = [v, f.from + i * f.step];
  }
  return e;
}
