// The chart of an event: the plot, the lanes below it, and the table that is its legend.
import { effect, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { counts, kindOf, seconds as seconds2 } from "../address.ts";
import { extentOf, holdOf, lackAt, lastKnown, Mark, ofFew, runs, seconds, troubles, type Column, type Figures } from "../figures.ts";
import { duration, number, percent, time, value, zoned, zoneName } from "../format.ts";
import { heardLanes, heardShare, type Heard } from "../heard.ts";
import { symptoms } from "../model.ts";
import type { EventModel } from "../pages/event_model.ts";
import { Failure, Foreign } from "../parts/common.tsx";
import { locale, seen, words } from "../settings.ts";
import { pan, steps, zoom, type Span } from "../step.ts";
import { called, sourceName, ZoneSelect } from "./names.tsx";
import { hatchPattern, Plot, type Hatch, type Note } from "./plot.ts";
import { palettes, pen } from "./pens.ts";

export function Chart({ model }: { model: EventModel }) {
  const w = words.value;
  return (
    <section class="chart-part" aria-labelledby="chart-title">
      <div class="part-head"><h2 id="chart-title">{w.chart.title}</h2><Tools model={model} /></div>
      <Controls model={model} />
      {model.figureError.value !== null && <Failure error={model.figureError.value} again={() => void model.readFigures(true)} />}
      {model.figures.value && <Canvas model={model} />}
    </section>
  );
}

function Controls({ model }: { model: EventModel }) {
  const w = words.value, v = model.view.value;
  const taken = new Set(v.series);
  const chosen = v.series.find((n) => kindOf(n) === "second") ?? "";
  const second = chosen.startsWith("counts:") ? chosen : chosen.split(":")[0]!;
  const step = model.step.value, shown = model.settled.value;
  const setSecond = (s: string) => {
    const rest = v.series.filter((n) => kindOf(n) !== "second");
    const at = rest.findIndex((n) => kindOf(n) === "state");
    rest.splice(at < 0 ? rest.length : at, 0, ...(s ? [s] : []));
    model.setSeries(rest);
  };
  const tags = (model.tags.value ?? []).filter((t) => !taken.has(`tag:${t.tag}`)).slice(0, 12);
  const sources = model.passport.value?.sources.map((s) => s.source) ?? [];
  const all = [...new Set([...sources, ...v.sources])];
  return (
    <div class="controls">
      <label>{w.chart.add}
        <select value="" onChange={(e) => {
          const n = e.currentTarget.value;
          e.currentTarget.value = "";
          if (n) model.setSeries([...v.series.filter((x) => kindOf(x) === "count"), n, ...v.series.filter((x) => kindOf(x) !== "count")]);
        }}>
          <option value="">{w.chart.choose}</option>
          <optgroup label={w.chart.counts}>{counts.filter((n) => !taken.has(n)).map((n) => <option value={n}>{called(n)}</option>)}</optgroup>
          {tags.length > 0 && <optgroup label={w.tags.title}>{tags.map((t) => <option value={`tag:${t.tag}`}>{`#${t.display}`}</option>)}</optgroup>}
          <optgroup label={w.symptomsTitle}>{symptoms.filter((s) => !taken.has(`symptom:${s}`)).map((s) => <option value={`symptom:${s}`}>{called(`symptom:${s}`)}</option>)}</optgroup>
        </select>
      </label>
      <label>{w.chart.second}
        <select value={second} onChange={(e) => setSecond(e.currentTarget.value)}>
          <option value="">{w.chart.none}</option>
          {seconds2.filter((n) => n !== "counts:x" || n === second || all.includes("x")).map((n) => <option value={n}>{called(n)}</option>)}
        </select>
      </label>
      <label>{w.chart.step}
        <select value={v.step === null ? "" : String(v.step)} onChange={(e) => model.change({ step: e.currentTarget.value === "" ? null : Number(e.currentTarget.value) })}>
          <option value="">{w.chart.auto(duration(step, locale.value))}</option>
          {steps.filter((s) => (shown.to - shown.from) / s <= 20_000 && s <= Math.max(60, shown.to - shown.from)).map((s) => <option value={String(s)}>{duration(s, locale.value)}</option>)}
        </select>
      </label>
      {all.length > 1 && (
        <label>{w.chart.source}
          <select value={v.sources.length === 1 ? v.sources[0] : v.sources.length === 0 ? "" : v.sources.join()} onChange={(e) => model.change({ sources: e.currentTarget.value === "" ? [] : e.currentTarget.value.split(",") })}>
            <option value="">{w.chart.allSources}</option>
            {v.sources.length > 1 && <option value={v.sources.join()}>{v.sources.map(sourceName).join(", ")}</option>}
            {all.map((s) => <option value={s}>{sourceName(s)}</option>)}
          </select>
        </label>
      )}
      <label>{w.chart.zone}<ZoneSelect value={v.zone} choose={(zone) => model.change({ zone })} /></label>
    </div>
  );
}

/** The plot with the ways to move about in it, the lanes, the legend and the table. */
function Canvas({ model }: { model: EventModel }) {
  const w = words.value;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const cursor = useSignal<number | null>(null);
  const area = useSignal({ left: 56, width: 300 });
  const said = useSignal("");
  const figures = model.figures.value!, shown = model.settled.value, view = model.view.value;

  const notes = useComputed<Note[]>(() => notesOf(model));
  const state = { figures, window: shown, zone: view.zone, locale: locale.value, shade: seen.value, notes: notes.value, horizon: model.horizon.value };

  const resting = useComputed(() => model.moving.value === null).value;
  useEffect(() => {
    const p = plot.current;
    if (!resting && p) return;
    if (p && p.fits(state)) return p.show(state);
    p?.destroy();
    plot.current = new Plot(box.current!, state, {
      selected: (s) => model.look(s),
      cursor: (i) => (cursor.value = i),
      drawn: (b) => {
        if (b.left !== area.value.left || b.width !== area.value.width) area.value = b;
        model.drawnAt(b.width);
      },
    });
    hands(plot.current, model);
  }, [figures, shown.from, shown.to, view.zone, locale.value, seen.value, notes.value, model.horizon.value, resting]);
  useEffect(() => () => plot.current?.destroy(), []);
  useSignalEffect(() => {
    const s = model.moving.value;
    if (s) plot.current?.move(s);
  });

  const n = Math.round((figures.to - figures.from) / figures.step);
  const put = (i: number) => {
    const at = Math.min(Math.max(i, 0), n - 1);
    plot.current?.point(at);
    cursor.value = at;
    said.value = readOut(figures, linesOf(model), at, view.zone);
  };
  const move = (f: (s: Span) => Span) => model.look(f(model.shown.value));
  const last = newestOf(model);
  const key = (e: KeyboardEvent) => {
    const b = model.bounds.value;
    const i = cursor.value ?? last;
    switch (e.key) {
      case "ArrowLeft": e.shiftKey ? move((s) => pan(s, -0.2, b)) : put(cursor.value === null ? last : i - 1); break;
      case "ArrowRight": e.shiftKey ? move((s) => pan(s, 0.2, b)) : put(cursor.value === null ? last : i + 1); break;
      case "PageUp": put(i - 10); break;
      case "PageDown": put(i + 10); break;
      case "Home": put(Math.max(0, Math.floor((shown.from - figures.from) / figures.step))); break;
      case "End": put(last); break;
      case "+": case "=": move((s) => zoom(s, 0.5, placeOf(figures, s, cursor.value), b)); break;
      case "-": case "_": move((s) => zoom(s, 2, placeOf(figures, s, cursor.value), b)); break;
      case "0": case "Escape": model.look(null); break;
      default: return;
    }
    e.preventDefault();
  };
  return (
    <>
      <Captions figures={figures} />
      <div class={`plot${model.loading.value ? " loading" : ""}`} ref={box} tabIndex={0} role="application" aria-label={w.chart.label(describe(model))} aria-describedby="chart-keys" onKeyDown={key} onBlur={() => {
        plot.current?.point(null);
        said.value = "";
      }} />
      <p class="hidden" role="status">{said.value}</p>
      {lastKnown(figures) <= figures.from && <p class="plot-empty">{w.chart.empty}</p>}
      <p class="zone-note">
        <span>{w.chart.times(view.zone.replaceAll("_", " "), zoneName(view.zone, shown.from, locale.value))}</span>
        <span id="chart-keys" class="keys-note">{w.chart.keys}</span>
      </p>
      <Lanes model={model} left={area.value.left} width={area.value.width} />
      <Legend model={model} cursor={cursor.value} />
      <p class="actions">
        <button type="button" aria-expanded={view.table} aria-controls="chart-table" onClick={() => model.change({ table: !view.table })}>{view.table ? w.chart.hideTable : w.chart.showTable}</button>
      </p>
      <div id="chart-table">{view.table && <Table model={model} />}</div>
    </>
  );
}

/** Moving about without a pointer or keys to know. */
function Tools({ model }: { model: EventModel }) {
  const w = words.value.chart, b = model.bounds.value, shown = model.settled.value, zoomed = model.view.value.window !== null;
  const move = (f: (s: Span) => Span) => model.look(f(model.shown.value));
  const tool = (label: string, sign: string, off: boolean, f: () => void) => <button type="button" class="icon" aria-label={label} title={label} disabled={off} onClick={f}>{sign}</button>;
  return (
    <div class="tools" role="group" aria-label={w.move}>
      {tool(w.earlier, "←", shown.from <= b.from, () => move((s) => pan(s, -0.5, b)))}
      {tool(w.later, "→", shown.to >= b.to, () => move((s) => pan(s, 0.5, b)))}
      {tool(w.closer, "+", false, () => move((s) => zoom(s, 0.5, 0.5, b)))}
      {tool(w.wider, "−", !zoomed, () => move((s) => zoom(s, 2, 0.5, b)))}
      <button type="button" disabled={!zoomed} onClick={() => model.look(null)}>{w.reset}</button>
    </div>
  );
}

/** Pointer, wheel and touch. uPlot itself selects a window by dragging. */
function hands(plot: Plot, model: EventModel): void {
  const over = plot.over();
  const look = (s: Span): void => model.look(s);
  const root = over.closest<HTMLElement>(".plot")!;
  over.addEventListener("wheel", (e) => {
    const sideways = e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY);
    // The page scrolls over the chart as anywhere, until the chart is in use.
    if (!sideways && !e.ctrlKey && !e.metaKey && !root.contains(document.activeElement)) return;
    e.preventDefault();
    const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1;
    const b = model.bounds.value;
    if (sideways) look(pan(plot.window, ((e.deltaX || e.deltaY) * unit) / Math.max(plot.width, 1), b));
    else look(zoom(plot.window, Math.exp(Math.max(-120, Math.min(120, e.deltaY * unit)) * 0.003), plot.place(e.clientX), b));
  }, { passive: false });
  over.addEventListener("dblclick", () => model.look(null));

  // A drag with Shift or the middle button moves the window; so does a finger, and two fingers zoom.
  const fingers = new Map<number, number>();
  let moved: { from: Span; x: number } | null = null;
  const middle = (): number => [...fingers.values()].reduce((a, x) => a + x, 0) / fingers.size;
  const apart = (): number => Math.max(20, Math.max(...fingers.values()) - Math.min(...fingers.values()));
  let pinch: { from: Span; apart: number; place: number } | null = null;
  const begin = (): void => {
    moved = fingers.size === 1 ? { from: plot.window, x: middle() } : null;
    pinch = fingers.size === 2 ? { from: plot.window, apart: apart(), place: plot.place(middle()) } : null;
  };
  over.addEventListener("mousedown", (e) => {
    root.focus({ preventScroll: true });
    if (e.shiftKey || e.button === 1) e.stopImmediatePropagation();
  }, { capture: true });
  over.addEventListener("pointerdown", (e) => {
    if (e.pointerType === "mouse" && !e.shiftKey && e.button !== 1) return;
    if (e.pointerType === "mouse") e.preventDefault();
    over.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, e.clientX);
    begin();
  });
  over.addEventListener("pointermove", (e) => {
    if (!fingers.has(e.pointerId)) return;
    fingers.set(e.pointerId, e.clientX);
    const b = model.bounds.value;
    if (pinch) look(zoom(pinch.from, pinch.apart / apart(), pinch.place, b));
    else if (moved) look(pan(moved.from, (moved.x - middle()) / Math.max(plot.width, 1), b));
  });
  const end = (e: PointerEvent): void => {
    fingers.delete(e.pointerId);
    begin();
  };
  over.addEventListener("pointerup", end);
  over.addEventListener("pointercancel", end);
}

/** The columns of the view, without those that are only read for lanes, and without the state of services where there are none. */
const linesOf = (model: EventModel): Column[] => model.figures.value!.columns.filter((c) =>
  (!model.services.value.includes(c.name) || model.view.value.series.includes(c.name)) && (c.unit !== "state" || served(model) || c.values.some((v) => v !== null)));

const served = (model: EventModel): boolean => (model.event.value?.services ?? []).length > 0;

/** The last bucket of the window that has happened. */
function newestOf(model: EventModel): number {
  const f = model.figures.value!, end = Math.min(model.settled.value.to, model.horizon.value, f.to);
  return Math.max(0, Math.ceil((end - f.from) / f.step) - 1);
}

const placeOf = (f: Figures, s: Span, i: number | null): number => {
  if (i === null) return 0.5;
  const p = (f.from + (i + 0.5) * f.step - s.from) / (s.to - s.from);
  return p >= 0 && p <= 1 ? p : 0.5;
};

function Captions({ figures }: { figures: Figures }) {
  const w = words.value.chart;
  const second = figures.columns.find((c) => c.unit !== "posts" && c.unit !== "state");
  const counted = figures.columns.some((c) => c.unit === "posts");
  return (
    <p class="captions">
      {counted && <span>{w.per(duration(figures.step, locale.value))}</span>}
      {second && <span>{w.units[second.unit as "share"]}</span>}
    </p>
  );
}

/** The marks on the time axis: the plan, and what was said of the event. */
function notesOf(model: EventModel): Note[] {
  const w = words.value, e = model.event.value;
  const notes: Note[] = [];
  if (e) {
    notes.push({ at: seconds(e.starts_at), text: w.chart.plannedStart, strong: true });
    if (e.ends_at) notes.push({ at: seconds(e.ends_at), text: w.chart.plannedEnd, strong: false });
  }
  for (const l of model.life.value.slice(1)) notes.push({ at: seconds(l.at), text: w.status[l.status], strong: false });
  if (model.life.value.length === 0) {
    for (const m of model.marks.value) if (m.kind === "status") notes.push({ at: seconds(m.at), text: (w.status as Record<string, string>)[m.text] ?? m.text, strong: false });
  }
  return notes.filter((n, i) => notes.findIndex((o) => o.text === n.text && o.at === n.at) === i).slice(0, 40);
}

/** What the chart shows, in a sentence for those who cannot see it. */
function describe(model: EventModel): string {
  const w = words.value, f = model.figures.value!, shown = model.settled.value, zone = model.view.value.zone;
  const parts = f.columns.filter((c) => c.unit !== "state").map((c) => {
    const x = extentOf(f, c, shown);
    if (x.peak === null) return w.chart.saidUnknown(called(c.name));
    return w.chart.saidPeak(called(c.name), value(x.peak, c.unit, locale.value), time(x.peakAt, zone, locale.value, "clock"));
  });
  return `${w.chart.saidWindow(zoned(shown.from, zone, locale.value), zoned(shown.to, zone, locale.value))} ${parts.join(" ")}`;
}

function cell(c: Column, i: number): string {
  const w = words.value.chart;
  const v = c.values[i] ?? null, marks = c.marks[i] ?? Mark.unread;
  if (c.unit === "state") return v === null ? w.unknown : words.value.states[(["up", "degraded", "down"] as const)[Math.round(v)] ?? "unknown"];
  if (v === null) {
    const least = c.atLeast[i] ?? null;
    if (marks & Mark.unknown && least !== null) return w.atLeast(number(least, locale.value));
    return marks & Mark.unknown ? w.unknown : "–";
  }
  const few = ofFew(c, i) ? ` ${w.ofFew(number(c.of[i]!, locale.value))}` : "";
  return value(v, c.unit, locale.value) + few + (marks & Mark.open ? " …" : "");
}

/** A cell of the legend: a measured value stays in force for a while. */
function held(f: Figures, c: Column, i: number): string {
  if ((c.unit !== "ms" && !c.name.startsWith("audience")) || (c.values[i] ?? null) !== null) return cell(c, i);
  for (let j = i - 1, last = i - holdOf(c.values, f.step); j >= Math.max(0, last); j--) if (c.values[j] !== null) return cell(c, j);
  return words.value.chart.unknown;
}

function readOut(f: Figures, columns: readonly Column[], i: number, zone: string): string {
  return `${time(f.from + i * f.step, zone, locale.value, "seconds")}. ${columns.map((c) => `${called(c.name)}: ${held(f, c, i)}`).join("; ")}`;
}

export function Swatch({ i }: { i: number }) {
  const p = pen(i, seen.value);
  return (
    <svg class="swatch" width="30" height="10" aria-hidden="true">
      <line x1="0" x2="30" y1="5" y2="5" stroke={p.ink} stroke-width={p.width} stroke-dasharray={p.dash.join(" ")} />
    </svg>
  );
}

/** The legend, which is also what the cursor reads and what a screen reader hears. */
function Legend({ model, cursor }: { model: EventModel; cursor: number | null }) {
  const w = words.value, f = model.figures.value!, shown = model.settled.value, v = model.view.value;
  const i = cursor ?? newestOf(model);
  const at = f.from + i * f.step;
  let line = -1;
  const blind = [...new Set(f.columns.flatMap((c) => [...(c.blind[i] ?? [])]))];
  const open = f.columns.some((c) => (c.marks[i] ?? 0) & Mark.open);
  const filled = [...new Set(f.columns.flatMap((c) => [...(c.filled[i] ?? [])]))];
  const lack = lackAt(f.columns.filter((c) => (c.blind[i] ?? []).length > 0), i);
  return (
    <div class="legend scroll" role="region" tabIndex={0} aria-label={w.chart.legend}>
      <table>
        <caption class="hidden">{w.chart.legend}</caption>
        <thead>
          <tr>
            <th scope="col">{w.chart.seriesHead}</th>
            <th scope="col" class="num at">{cursor === null ? w.chart.latest : w.chart.at} {time(at, v.zone, locale.value, f.step < 60 ? "seconds" : "clock")}</th>
            <th scope="col" class="num">{w.chart.peak}</th>
            <th scope="col" class="num">{w.chart.sum}</th>
            <th scope="col"><span class="hidden">{w.chart.take}</span></th>
          </tr>
        </thead>
        <tbody>
          {linesOf(model).map((c) => {
            const x = extentOf(f, c, { from: shown.from, to: Math.min(shown.to, model.horizon.value) });
            const k = c.unit === "state" ? -1 : ++line;
            return (
              <tr key={c.name}>
                <th scope="row"><span class="line-name">{k >= 0 ? <Swatch i={k} /> : <span class="swatch-band" aria-hidden="true" />}<Foreign>{called(c.name)}</Foreign></span></th>
                <td class="num at">{held(f, c, i)}</td>
                <td class="num">{x.peak === null || c.unit === "state" ? "–" : <>{value(x.peak, c.unit, locale.value)} <span class="small">{time(x.peakAt, v.zone, locale.value, "clock")}</span></>}</td>
                <td class="num">{x.sum === null ? "–" : x.least ? w.chart.atLeast(number(x.sum, locale.value)) : number(x.sum, locale.value)}</td>
                <td class="end">{v.series.length > 1 && <button type="button" class="icon quiet" aria-label={w.chart.takeAway(called(c.name))} title={w.chart.takeAway(called(c.name))} onClick={() => model.setSeries(v.series.filter((s) => s !== c.name))}>×</button>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="note">{open ? w.chart.filling : blind.length > 0 ? w.chart.lacks[lack || "part"](blind.map(sourceName).join(", ")) : filled.length > 0 ? w.chart.filledNote(filled.map(sourceName).join(", ")) : w.chart.unknownNote}</p>
    </div>
  );
}

const tableRows = 400;

function Table({ model }: { model: EventModel }) {
  const w = words.value, f = model.figures.value!, shown = model.settled.value, zone = model.view.value.zone;
  const a = Math.max(0, Math.floor((shown.from - f.from) / f.step)), b = newestOf(model) + 1;
  const first = Math.max(a, b - tableRows);
  const at: number[] = [];
  for (let i = b - 1; i >= first; i--) at.push(i);
  return (
    <div class="scroll tall" role="region" tabIndex={0} aria-label={w.chart.tableTitle}>
      <table class="figures">
        <caption>{w.chart.tableTitle}. {w.chart.per(duration(f.step, locale.value))}. {w.chart.times(zone.replaceAll("_", " "), zoneName(zone, shown.from, locale.value))}{first > a && ` ${w.chart.tableCut(tableRows)}`}</caption>
        <thead><tr><th scope="col">{w.chart.bucket}</th>{linesOf(model).map((c) => <th scope="col" class="num"><Foreign>{called(c.name)}</Foreign></th>)}</tr></thead>
        <tbody>
          {at.map((i) => (
            <tr key={i}>
              <th scope="row">{time(f.from + i * f.step, zone, locale.value, shown.to - shown.from > 86_400 ? "full" : "seconds")}</th>
              {linesOf(model).map((c) => <td class={`num${(c.marks[i]! & Mark.unknown) !== 0 ? " unknown" : ""}`}>{cell(c, i)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Stretch { from: number; to: number; kind: Heard | "amber" | "red" }
interface Lane { name: string; about: string; stretches: Stretch[]; service?: true }

/** One lane a service, from the figures, and one a source, from its coverage. */
function lanesOf(model: EventModel): Lane[] {
  const w = words.value, f = model.figures.value!, shown = model.settled.value;
  const lanes: Lane[] = [];
  const horizon = model.horizon.value;
  const n = Math.min(Math.round((f.to - f.from) / f.step), Math.ceil((horizon - f.from) / f.step));
  const kinds = ["good", "amber", "red"] as const;
  const each = f.columns.some((c) => model.services.value.includes(c.name));
  for (const c of f.columns.filter((x) => x.unit === "state" && (served(model) || x.values.some((v) => v !== null)) && !(each && x.name === "health"))) {
    const stretches: Stretch[] = [];
    for (const level of [0, 1, 2] as const) {
      for (const [a, b] of runs(n, (i) => c.values[i] !== null && Math.round(c.values[i]!) === level)) {
        stretches.push({ from: f.from + a * f.step, to: f.from + b * f.step, kind: kinds[level] });
      }
    }
    for (const [a, b] of runs(n, (i) => c.values[i] === null)) stretches.push({ from: f.from + a * f.step, to: f.from + b * f.step, kind: "blind" });
    lanes.push({ name: each && c.name.startsWith("health:") ? c.name.slice(7) : called(c.name), about: laneText(stretches, shown, model.view.value.zone), stretches, service: true });
  }
  const cover = model.coverage.value;
  if (cover) {
    const to = Math.min(seconds(cover.to), horizon, Math.max(cover.told, f.from)); // what came since is not read yet, and stays empty
    for (const { source, stretches } of heardLanes(cover, to)) {
      const share = heardShare(stretches, { from: shown.from, to: Math.min(shown.to, to) });
      const last = stretches[stretches.length - 1];
      const lately = last && last.kind !== "good" && last.kind !== "filled" && shown.to >= to ? last.of.reason ?? "" : "";
      lanes.push({ name: sourceName(source), about: [w.chart.heard(percent(share, locale.value)), lately].filter(Boolean).join(" · "), stretches });
    }
  }
  return lanes;
}

/** What was wrong and when, in few words: trouble with less than a minute between is one trouble. */
function laneText(list: Stretch[], shown: Span, zone: string): string {
  const w = words.value;
  const bad = list.filter((s) => (s.kind === "red" || s.kind === "amber") && s.to > shown.from && s.from < shown.to).sort((a, b) => a.from - b.from);
  if (bad.length === 0) return list.some((s) => s.kind === "good" && s.to > shown.from && s.from < shown.to) ? w.chart.noTrouble : w.states.unknown;
  const all = troubles(bad.map((s) => ({ from: s.from, to: s.to, down: s.kind === "red" })));
  const said = all.slice(0, 3).map((t) => {
    const span = `${time(t.from, zone, locale.value, "clock")}–${time(t.to, zone, locale.value, "clock")}`;
    if (t.down === 0) return `${w.states.degraded} ${span}`;
    return t.down >= t.bad ? `${w.states.down} ${span}` : w.chart.partlyDown(span, duration(t.down, locale.value));
  });
  return said.join(", ") + (all.length > 3 ? ` +${all.length - 3}` : "");
}

function Lanes({ model, left, width }: { model: EventModel; left: number; width: number }) {
  const w = words.value;
  const lanes = useComputed(() => lanesOf(model)).value;
  return (
    <div class="lanes">
      {lanes.map((l) => (
        <div class="lane" key={l.name}>
          <p><Foreign>{l.name}</Foreign> <span class="small">{l.about}</span></p>
          <Strip lane={l} model={model} left={left} width={width} />
        </div>
      ))}
      <p class="note lane-key" style={{ marginInlineStart: `${left}px` }}>
        <span class="k good" />{w.chart.keyGood} {lanes.some((l) => l.service) && <><span class="k amber" />{w.states.degraded} <span class="k red" />{w.states.down} </>}
        {(["filled", "partly", "late", "capped"] as const).filter((k) => lanes.some((l) => l.stretches.some((s) => s.kind === k))).map((k) => <><span class={`k ${k}`} />{w.chart.keyHeard[k]} </>)}
        <span class="k blind" />{w.chart.keyUnknown}
      </p>
    </div>
  );
}

function Strip({ lane, model, left, width }: { lane: Lane; model: EventModel; left: number; width: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => effect(() => {
    const shown = model.shown.value, shade = seen.value;
    const c = ref.current!, dpr = devicePixelRatio, p = palettes[shade];
    c.width = Math.max(1, Math.round(width * dpr));
    c.height = Math.round(9 * dpr);
    const ctx = c.getContext("2d");
    if (!ctx) return;
    const hatched = (way: Hatch) => hatchPattern(p.hatch, dpr, way) ?? p.hatch;
    const over = { blind: hatched("rising"), late: hatched("lying"), capped: hatched("falling"), partly: hatched("rising") };
    for (const s of lane.stretches) {
      if (s.to <= shown.from || s.from >= shown.to) continue;
      const x0 = Math.max(0, ((s.from - shown.from) / (shown.to - shown.from)) * c.width);
      const x1 = Math.min(c.width, Math.max(((s.to - shown.from) / (shown.to - shown.from)) * c.width, x0 + dpr));
      const part = (ink: string | CanvasPattern, high: number) => {
        ctx.fillStyle = ink;
        ctx.fillRect(x0, c.height - high, x1 - x0, high);
      };
      switch (s.kind) {
        case "good": case "amber": case "red":
          part(p[s.kind], c.height);
          break;
        case "filled": // heard, but not then: the lower half
          part(p.good, Math.round(c.height / 2));
          break;
        default:
          part(p.unseen, c.height);
          part(over[s.kind], c.height);
          if (s.kind === "partly") part(p.good, Math.round(3 * dpr));
      }
    }
  }), [lane, width]);
  return <canvas ref={ref} class="strip" style={{ marginInlineStart: `${left}px`, width: `${width}px` }} role="img" aria-label={`${lane.name}: ${lane.about}`} />;
}

