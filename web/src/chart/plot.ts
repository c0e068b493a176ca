// The plot: uPlot keeps the scales, the cursor and the canvas; what is drawn on it follows the rules
// of the server's charts. Unknown is hatched, trouble of the services lies behind the lines, and
// buckets that still fill are drawn as such.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { holdOf, lackAt, Mark, ofFew, runs, type Column, type Figures } from "../figures.ts";
import { percent, short, ticks, time } from "../format.ts";
import type { Unit } from "../model.ts";
import { onGrid, type Span } from "../step.ts";
import { columns, levels, roundUp, rows, trace, type Line } from "./paths.ts";
import { palettes, pen, scaleOf, tint, type Palette, type Pen, type Shade } from "./pens.ts";

export interface Note { at: number; text: string; strong: boolean }

export interface Shown {
  figures: Figures;
  window: Span;
  zone: string;
  locale: string;
  shade: Shade;
  notes: readonly Note[];
  horizon: number; // what lies after it has not happened yet
}

export interface Listener {
  selected(w: Span): void;
  cursor(i: number | null): void;
  drawn(box: { left: number; width: number }): void;
}

interface Drawn extends Column { pen: Pen; hold: number; firstOpen: number }
interface Band { from: number; to: number; state: number }

const font = '400 12px Pretendard, "Apple SD Gothic Neo", "Malgun Gothic", system-ui, sans-serif';
const noteRows = 3;
const noteHeight = 16;

export class Plot {
  #u: uPlot;
  #to: Listener;
  #shown: Shown;
  #lines: Drawn[] = [];
  #unknown: Record<Hatch, [number, number][]> = { rising: [], lying: [], falling: [] };
  #filled: [number, number][] = [];
  #partly: [number, number][] = [];
  #bands: Band[] = [];
  #hatches = new Map<string, CanvasPattern | null>();
  #ends: Record<"y" | "y2", number> = { y: 1, y2: 1 };
  #size: ResizeObserver;
  #measured = new Map<string, number>();
  #moving = false;
  #columns = new Int32Array(3 * 16_384); // of one line while it is drawn: x, top, bottom

  constructor(into: HTMLElement, shown: Shown, to: Listener) {
    this.#to = to;
    this.#shown = shown;
    this.#prepare();
    this.#u = new uPlot(this.#options(into), this.#data(), into);
    this.#size = new ResizeObserver(() => {
      const width = Math.floor(into.clientWidth), height = Math.floor(into.clientHeight);
      if (width > 0 && (width !== this.#u.width || height !== this.#u.height)) this.#u.setSize({ width, height });
    });
    this.#size.observe(into);
  }

  destroy(): void {
    this.#size.disconnect();
    this.#u.destroy();
  }

  /** Whether the plot can show this without being made anew. */
  fits(s: Shown): boolean {
    const a = this.#shown, names = (f: Figures) => f.columns.map((c) => c.name + c.unit).join();
    return a.shade === s.shade && a.locale === s.locale && a.zone === s.zone && names(a.figures) === names(s.figures);
  }

  show(s: Shown): void {
    const before = this.#shown;
    this.#shown = s;
    const fresh = before.figures !== s.figures || before.horizon !== s.horizon, rested = this.#moving;
    this.#moving = false;
    if (fresh) this.#prepare();
    this.#u.batch(() => {
      if (fresh) this.#u.setData(this.#data(), false);
      const moved = before.window.from !== s.window.from || before.window.to !== s.window.to;
      if (fresh || moved) this.#u.setScale("x", { min: s.window.from, max: s.window.to });
      else if (rested || before.notes !== s.notes) this.#u.redraw(false);
      if (before.notes.length !== s.notes.length) this.#u.redraw(false, true); // notes may need another row above the plot
    });
  }

  /** Moves the window alone, at the speed of the hand. */
  move(w: Span): void {
    this.#shown = { ...this.#shown, window: w };
    this.#moving = true;
    this.#u.setScale("x", { min: w.from, max: w.to });
  }

  get window(): Span {
    return this.#shown.window;
  }

  /** The part of the plot (0 to 1) where a pointer is. */
  place(clientX: number): number {
    const r = this.#u.over.getBoundingClientRect();
    return r.width > 0 ? Math.min(Math.max((clientX - r.left) / r.width, 0), 1) : 0.5;
  }

  get width(): number {
    return this.#u.over.clientWidth;
  }

  /** Puts the cursor on a bucket; null takes it away. */
  point(i: number | null): void {
    if (i === null) return this.#u.setCursor({ left: -10, top: -10 });
    const f = this.#shown.figures;
    this.#u.setCursor({ left: this.#u.valToPos(f.from + (i + 0.5) * f.step, "x"), top: this.#u.over.clientHeight / 2 });
  }

  over(): HTMLElement {
    return this.#u.over;
  }

  /** Where a time is, in pixels of the plot's box. */
  at(t: number): number {
    return this.#u.valToPos(t, "x");
  }

  #data(): uPlot.AlignedData {
    const f = this.#shown.figures;
    const n = Math.round((f.to - f.from) / f.step);
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) x[i] = f.from + (i + 0.5) * f.step;
    return [x, ...this.#lines.map((l) => l.values)] as unknown as uPlot.AlignedData;
  }

  #prepare(): void {
    const { figures: f, shade, horizon } = this.#shown;
    const n = Math.round((f.to - f.from) / f.step);
    const happened = Math.min(n, Math.ceil((horizon - f.from) / f.step));
    this.#lines = f.columns.filter((c) => c.unit !== "state").map((c, i) => {
      let firstOpen = n;
      while (firstOpen > 0 && (c.marks[firstOpen - 1]! & (Mark.open | Mark.unread)) !== 0) firstOpen--;
      const measured = c.unit === "ms" || (c.unit === "people" && c.name.startsWith("audience"));
      const values = c.unit === "share" ? c.values.map((v, j) => (ofFew(c, j) ? null : v)) : c.values;
      return { ...c, values, pen: pen(i, shade), hold: measured ? holdOf(c.values, f.step) : 1, firstOpen };
    });
    const counted = this.#lines.filter((c) => c.unit === "posts" || c.unit === "share");
    for (const [hatch, why] of [["rising", "gap"], ["lying", "late"], ["falling", "capped"]] as const) this.#unknown[hatch] = runs(happened, (i) => lackAt(counted, i) === why);
    this.#filled = runs(happened, (i) => counted.some((c) => (c.marks[i]! & Mark.filled) !== 0));
    this.#partly = runs(happened, (i) => counted.some((c) => (c.marks[i]! & Mark.partly) !== 0) && !counted.some((c) => (c.marks[i]! & Mark.unknown) !== 0));
    this.#bands = [];
    const states = f.columns.filter((c) => c.unit === "state");
    const worst = (i: number): number => Math.max(0, ...states.map((c) => c.values[i] ?? 0));
    if (states.length > 0) {
      for (const level of [1, 2]) {
        for (const [a, b] of runs(n, (i) => Math.round(worst(i)) === level)) this.#bands.push({ from: f.from + a * f.step, to: f.from + b * f.step, state: level });
      }
    }
  }

  #options(into: HTMLElement): uPlot.Options {
    const p = palettes[this.#shown.shade];
    const hasSecond = this.#lines.some((l) => scaleOf(l.unit) === "y2");
    const secondUnit = this.#lines.find((l) => scaleOf(l.unit) === "y2")?.unit;
    const grid = { stroke: p.grid, width: 1 };
    const vertical = (unit: Unit, side: 1 | 3, own: "y" | "y2"): uPlot.Axis => ({
      scale: own, side, stroke: p.muted, font, gap: 6, ticks: { show: false },
      size: (_u, values) => {
        let widest = 24;
        for (const v of values ?? []) widest = Math.max(widest, this.#textWidth(v));
        return Math.ceil(widest) + 12;
      },
      grid: own === "y" ? grid : { show: false },
      splits: (u) => levels(this.#ends[own], Math.max(2, Math.floor((u.height - 100) / 52)), unit === "posts"),
      values: (_u, splits) => splits.map((v) => this.#level(v, unit)),
    });
    return {
      width: Math.max(into.clientWidth, 200), height: Math.max(into.clientHeight, 160),
      padding: [() => this.#rows() * noteHeight + 8, hasSecond ? 0 : 22, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, min: this.#shown.window.from, max: this.#shown.window.to, range: (_u, min, max) => [min, max] },
        y: { auto: true, range: () => [0, this.#reach("y")] },
        ...(hasSecond ? { y2: { auto: true, range: () => [0, this.#reach("y2")] as [number, number] } } : {}),
      },
      axes: [
        {
          stroke: p.muted, font, grid: { show: false }, ticks: { stroke: p.axis, width: 1, size: 5 }, gap: 4, size: 42,
          splits: (u, _i, min, max) => ticks(min, max, this.#shown.zone, Math.max(2, (u.width - 110) / (u.width < 500 ? 58 : 88))).at,
          values: (_u, splits) => this.#times(splits),
        },
        vertical("posts", 3, "y"),
        ...(hasSecond ? [vertical(secondUnit!, 1, "y2")] : []),
      ],
      series: [
        {},
        // The lines are drawn below, the first one last: it is what the chart is about.
        ...this.#lines.map((l): uPlot.Series => ({ scale: scaleOf(l.unit), stroke: l.pen.ink, points: { show: false }, paths: () => null })),
      ],
      cursor: {
        x: true, y: false, points: { size: 7, fill: (_u, s) => this.#lines[s - 1]?.pen.ink ?? p.ink, width: 0 },
        drag: { x: true, y: false, setScale: false, dist: 6 },
      },
      hooks: {
        drawClear: [(u) => this.#behind(u, p)],
        draw: [(u) => this.#infront(u, p), (u) => this.#to.drawn({ left: u.bbox.left / devicePixelRatio, width: u.bbox.width / devicePixelRatio })],
        setCursor: [(u) => this.#to.cursor(u.cursor.left !== undefined && u.cursor.left >= 0 ? u.cursor.idx ?? null : null)],
        setSelect: [(u) => {
          if (u.select.width < 4) return;
          const w = { from: u.posToVal(u.select.left, "x"), to: u.posToVal(u.select.left + u.select.width, "x") };
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.#to.selected(onGrid(w, this.#shown.figures.step));
        }],
      },
    };
  }

  /** How many rows the texts of marks may need above the plot. */
  #rows(): number {
    return Math.min(noteRows, this.#shown.notes.length);
  }

  #textWidth(text: string): number {
    let w = this.#measured.get(text);
    if (w === undefined) {
      const ctx = this.#u?.ctx ?? document.createElement("canvas").getContext("2d")!;
      ctx.save();
      ctx.font = font;
      w = ctx.measureText(text).width;
      ctx.restore();
      if (this.#measured.size > 300) this.#measured.clear();
      this.#measured.set(text, w);
    }
    return w;
  }

  #level(v: number, unit: Unit): string {
    const { locale } = this.#shown;
    return unit === "share" ? percent(v, locale) : short(v, locale);
  }

  /** The end of an axis: what is seen, rounded up. Open buckets count too. */
  #reach(own: "y" | "y2"): number {
    const f = this.#shown.figures, w = this.#shown.window;
    const a = Math.max(0, Math.floor((w.from - f.from) / f.step));
    const b = Math.ceil((w.to - f.from) / f.step);
    let top = 0, unit: Unit = "posts";
    for (const l of this.#lines) {
      if (scaleOf(l.unit) !== own) continue;
      unit = l.unit;
      const values = l.values, end = Math.min(values.length, b);
      for (let i = a; i < end; i++) {
        const v = values[i]!;
        if (v !== null && v > top) top = v;
      }
    }
    const least = unit === "share" ? 0.01 : unit === "posts" ? 4 : 1;
    let end = roundUp(Math.max(top * 1.04, least));
    if (unit === "share") end = Math.min(end, 1);
    return (this.#ends[own] = end);
  }

  #times(splits: number[]): string[] {
    const { zone, locale } = this.#shown;
    const every = splits.length > 1 ? splits[1]! - splits[0]! : 0;
    let day = "";
    return splits.map((t) => {
      const today = time(t, zone, locale, "day");
      if (every >= 86_400) return today;
      const clock = time(t, zone, locale, every < 60 && every > 0 ? "seconds" : "clock");
      const text = today === day ? clock : `${clock}\n${today}`;
      day = today;
      return text;
    });
  }

  #line(u: uPlot, k: number): Line {
    const l = this.#lines[k]!, f = this.#shown.figures, own = scaleOf(l.unit);
    const { left, top, width, height } = u.bbox, w = this.#shown.window;
    const perSecond = width / (w.to - w.from), end = this.#ends[own];
    return {
      values: l.values, hold: l.hold, x0: left + (f.from - w.from) * perSecond, wide: f.step * perSecond,
      y: (v) => top + height - (v / end) * height, stepsFrom: (k === 0 ? 4 : 12) * devicePixelRatio,
    };
  }

  /** The buckets of a line that are seen, and one more on each side. */
  #seen(): [number, number] {
    const f = this.#shown.figures, w = this.#shown.window, n = Math.round((f.to - f.from) / f.step);
    return [Math.min(Math.max(0, Math.floor((w.from - f.from) / f.step) - 1), n), Math.max(0, Math.min(n, Math.ceil((w.to - f.from) / f.step) + 1))];
  }

  /** Draws buckets [a, b) of a line. In motion lines are thin and plain: they must keep up with the hand. */
  #stroke(u: uPlot, k: number, a: number, b: number, open: boolean): void {
    const l = this.#lines[k]!, line = this.#line(u, k), ctx = u.ctx, dpr = devicePixelRatio;
    if (a >= b) return;
    if (line.wide < 1 && l.hold === 1) {
      ctx.fillStyle = l.pen.ink;
      const soft = open ? 0.25 : 0.5, cap = Math.ceil(1.4 * dpr), y0 = line.y(0), slope = line.y(1) - y0;
      // Two passes, so that the canvas changes its state twice and not at every column.
      let n = 0;
      const at = this.#columns;
      columns(line, a, b, (x, least, greatest) => {
        at[n++] = x;
        at[n++] = Math.round(y0 + slope * greatest) - 1;
        at[n++] = Math.round(y0 + slope * least);
      });
      ctx.globalAlpha = this.#moving ? 0.7 : soft;
      if (this.#moving) for (let i = 0; i < n; i += 3) ctx.fillRect(at[i]!, at[i + 1]!, 1, Math.max(cap, at[i + 2]! - at[i + 1]!));
      else for (let i = 0; i < n; i += 3) if (at[i + 2]! > at[i + 1]! + cap) ctx.fillRect(at[i]!, at[i + 1]! + cap, 1, at[i + 2]! - at[i + 1]! - cap);
      ctx.globalAlpha = 1;
      if (!this.#moving) for (let i = 0; i < n; i += 3) ctx.fillRect(at[i]!, at[i + 1]!, 1, cap);
      return;
    }
    const path = new Path2D(), bottom = u.bbox.top + u.bbox.height;
    const ground = k === 0 && l.hold === 1 && !open && !this.#moving ? new Path2D() : null;
    if (ground) {
      trace(line, a, b, {
        moveTo(x, y) {
          path.moveTo(x, y);
          ground.moveTo(x, bottom);
          ground.lineTo(x, y);
        },
        lineTo(x, y) {
          path.lineTo(x, y);
          ground.lineTo(x, y);
        },
      }, (_x0, x1) => ground.lineTo(x1, bottom));
      ctx.fillStyle = faded(l.pen.ink, tint[this.#shown.shade]);
      ctx.fill(ground);
    } else trace(line, a, b, path);
    ctx.strokeStyle = l.pen.ink;
    ctx.lineWidth = this.#moving ? 1 : (open ? 1.4 : l.pen.width) * dpr;
    ctx.setLineDash(this.#moving ? [] : (open ? [1.5, 2.5] : l.pen.dash).map((d) => d * dpr));
    ctx.stroke(path);
  }

  #clip(u: uPlot, ctx: CanvasRenderingContext2D): void {
    const { left, top, width, height } = u.bbox;
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
  }

  #behind(u: uPlot, p: Palette): void {
    const ctx = u.ctx, { left, top, width, height } = u.bbox, f = this.#shown.figures, w = this.#shown.window;
    const x = (t: number): number => left + ((t - w.from) / (w.to - w.from)) * width;
    const box = (from: number, to: number): [number, number, number, number] | null => {
      const x0 = Math.max(left, x(from)), x1 = Math.min(left + width, Math.max(x(to), x(from) + 1));
      return x1 > x0 ? [x0, top, x1 - x0, height] : null;
    };
    ctx.save();
    this.#clip(u, ctx);
    for (const b of this.#bands) {
      const r = box(b.from, b.to);
      if (!r) continue;
      ctx.fillStyle = b.state === 2 ? p.redBand : p.amberBand;
      ctx.fillRect(...r);
    }
    for (const [list, hatch, partly] of [[this.#unknown.rising, "rising", false], [this.#unknown.lying, "lying", false], [this.#unknown.falling, "falling", false], [this.#partly, "rising", true]] as const) {
      for (const [a, b] of list) {
        const r = box(f.from + a * f.step, f.from + b * f.step);
        if (!r) continue;
        if (!partly) {
          ctx.fillStyle = p.unseen;
          ctx.fillRect(...r);
        }
        ctx.globalAlpha = partly ? 0.4 : 1;
        ctx.fillStyle = this.hatch(p.hatch, hatch) ?? p.hatch;
        ctx.fillRect(...r);
        ctx.globalAlpha = 1;
      }
    }
    ctx.fillStyle = p.hatch;
    for (const [a, b] of this.#filled) {
      const r = box(f.from + a * f.step, f.from + b * f.step);
      if (r) ctx.fillRect(r[0], top + height - 3 * devicePixelRatio, r[2], 3 * devicePixelRatio);
    }
    ctx.restore();
  }

  hatch(ink: string, way: Hatch): CanvasPattern | null {
    const key = ink + way + devicePixelRatio;
    let h = this.#hatches.get(key);
    if (h === undefined) {
      h = hatchPattern(ink, devicePixelRatio, way);
      this.#hatches.set(key, h);
    }
    return h;
  }

  #infront(u: uPlot, p: Palette): void {
    const ctx = u.ctx, { left, top, width, height } = u.bbox, w = this.#shown.window, dpr = devicePixelRatio;
    const x = (t: number): number => left + ((t - w.from) / (w.to - w.from)) * width;
    const [a, b] = this.#seen();
    ctx.save();
    this.#clip(u, ctx);
    ctx.lineJoin = "bevel";
    for (let k = this.#lines.length - 1; k >= 0; k--) {
      const { firstOpen } = this.#lines[k]!;
      this.#stroke(u, k, a, Math.min(b, firstOpen), false);
      if (firstOpen < b) this.#stroke(u, k, Math.max(a, firstOpen - 1), b, true);
    }
    ctx.restore();

    ctx.save();
    ctx.lineWidth = dpr;
    ctx.strokeStyle = p.axis;
    ctx.beginPath();
    ctx.moveTo(left, Math.round(top + height) + 0.5);
    ctx.lineTo(left + width, Math.round(top + height) + 0.5);
    ctx.stroke();
    this.#notes(ctx, p, x, { left, top, width, height }, dpr);
    ctx.restore();
  }

  #notes(ctx: CanvasRenderingContext2D, p: Palette, x: (t: number) => number, box: { left: number; top: number; width: number; height: number }, dpr: number): void {
    const seen = this.#shown.notes.filter((n) => n.at >= this.#shown.window.from && n.at <= this.#shown.window.to).sort((m, n) => m.at - n.at);
    ctx.font = font.replace("12px", `${12 * dpr}px`);
    ctx.textBaseline = "middle";
    const room = box.left + box.width;
    const placed = seen.map((n) => {
      const width = this.#textWidth(n.text) * dpr;
      const at = Math.round(x(n.at));
      return { at, x: Math.max(0, Math.min(at, room - width)), width };
    });
    const count = this.#rows(), row = rows(placed, count, 10 * dpr);
    seen.forEach((n, i) => {
      const { at, x: tx } = placed[i]!;
      const r = row[i]!;
      const y = box.top - (count - r) * noteHeight * dpr + (noteHeight / 2 - 2) * dpr;
      ctx.strokeStyle = n.strong ? p.ink : p.muted;
      ctx.lineWidth = dpr;
      ctx.setLineDash(n.strong ? [] : [3 * dpr, 3 * dpr]);
      ctx.beginPath();
      const crossed = placed.some((o, j) => row[j]! > r && at >= o.x - 3 * dpr && at <= o.x + o.width + 3 * dpr);
      ctx.moveTo(at + 0.5, r < 0 || crossed ? box.top : y + noteHeight * dpr * 0.5);
      ctx.lineTo(at + 0.5, box.top + box.height);
      ctx.stroke();
      if (r < 0) return; // no room: the line stays, the text is in the table of marks
      ctx.fillStyle = n.strong ? p.ink : p.muted;
      ctx.textAlign = "left";
      ctx.fillText(n.text, tx, y);
    });
  }
}

/** How the lines of a hatching run: rising where nothing was heard, lying where it is still to be, falling where it was left out. */
export type Hatch = "rising" | "lying" | "falling";

/** Lines six pixels apart. */
export function hatchPattern(ink: string, dpr: number, way: Hatch = "rising"): CanvasPattern | null {
  const every = Math.round(6 * dpr);
  const c = document.createElement("canvas");
  c.width = c.height = every;
  const ctx = c.getContext("2d");
  if (!ctx) return null;
  ctx.strokeStyle = ink;
  ctx.lineWidth = dpr * 0.9;
  ctx.beginPath();
  if (way === "lying") {
    ctx.moveTo(0, every / 2);
    ctx.lineTo(every, every / 2);
  } else {
    for (const k of [-1, 0, 1]) {
      ctx.moveTo(k * every, way === "rising" ? every : 0);
      ctx.lineTo((k + 1) * every, way === "rising" ? 0 : every);
    }
  }
  ctx.stroke();
  return ctx.createPattern(c, "repeat");
}

export function faded(hex: string, alpha: number): string {
  const n = parseInt(hex.slice(1), 16);
  return `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${alpha})`;
}
