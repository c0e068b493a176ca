// The events: how each is now, in a sentence and a small chart. Where there are none yet, what to
// begin with.
import { useEffect, useRef, useState } from "preact/hooks";
import { eventPath, stamp } from "../address.ts";
import { ask, get } from "../call.ts";
import { figuresOf, lastKnown, Mark, runs, seconds, type Figures } from "../figures.ts";
import { duration, inZone, number, planned, time } from "../format.ts";
import { api } from "../links.ts";
import { troubleOf } from "../heard.ts";
import type { Event, Listening, Summary, Trend } from "../model.ts";
import { Failure, Foreign, Marks, Reading } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { sourceName } from "../chart/names.tsx";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";
import { parseStep, stepFor, stepText } from "../step.ts";
import { trace } from "../chart/paths.ts";
import { FirstRun } from "./first_run.tsx";

const again = 10_000;

export function Overview() {
  const w = words.value;
  const [events, setEvents] = useState<Event[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = async (url: string, old: Event[]) => {
    try {
      const a = await ask<{ events: Event[] }>(url);
      setEvents([...old, ...a.body.events]);
      setNext(a.next);
      setError(null);
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => {
    void read("/v1/events", []);
  }, []);
  const live = (events ?? []).filter((e) => e.status === "live");
  const rest = (events ?? []).filter((e) => e.status !== "live");
  if (events?.length === 0) return <FirstRun done={() => void read("/v1/events", [])} />;
  return (
    <>
      <Title text={w.overview.title} />
      <p class="lede">{w.overview.lede}</p>
      {may("read") && <Trouble />}
      {error !== null && <Failure error={error} again={() => void read("/v1/events", [])} />}
      {events === null && error === null && <Reading />}
      {live.length > 0 && <section aria-labelledby="live-title"><h2 id="live-title" class="group-title">{w.status.live}</h2><ol class="events">{live.map((e) => <Row key={e.slug} event={e} />)}</ol></section>}
      {rest.length > 0 && <section aria-labelledby="others-title"><h2 id="others-title" class="group-title">{live.length > 0 ? w.overview.others : w.overview.all}</h2><ol class="events">{rest.map((e) => <Row key={e.slug} event={e} />)}</ol></section>}
      {next && <p><button type="button" onClick={() => void read(next, events ?? [])}>{w.overview.more}</button></p>}
      {events && may("ingest") && <p class="actions"><a class="button" href="/play">{w.overview.play}</a>{may("admin") && <a class="button" href="/new">{w.overview.fresh}</a>}</p>}
    </>
  );
}

const listenAgain = 5_000;

/** Sources that are not heard as they should be, one a line; nothing where all are. */
function Trouble() {
  const w = words.value.overview;
  const [sources, setSources] = useState<Listening[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const read = async () => {
      try {
        setSources((await get<{ sources: Listening[] }>("/v1/sources", stop.signal)).sources);
      } catch { /* what was told last stays: other parts of the page say that the server is away */ }
      if (!stop.signal.aborted) timer = setTimeout(read, listenAgain);
    };
    void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, []);
  const list = troubleOf(sources);
  return (
    <ul class="listening" aria-label={w.listening} aria-live="polite">
      {list.map((t) => (
        <li key={t.source} class={`is-${t.state}`}>
          <b><Foreign>{w.trouble[t.state](sourceName(t.source) + (t.some ? ` (${w.someOf})` : ""), clockOf(t.since))}</Foreign></b>
          {t.reason && <> — <Foreign>{t.reason}</Foreign></>}{t.mend && <>. <Foreign>{t.mend}</Foreign></>}
        </li>
      ))}
    </ul>
  );
}

/** A time of today as its clock alone. */
const clockOf = (at: string): string => time(at, ownZone, locale.value, Date.now() - Date.parse(at) < 20 * 3_600_000 ? "clock" : "full");

function Row({ event }: { event: Event }) {
  const w = words.value;
  const [summary, setSummary] = useState<Summary | null>(null);
  const [figures, setFigures] = useState<Figures | null>(null);
  const [failed, setFailed] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const read = async () => {
      try {
        const s = await get<Summary>(api(event.slug, "/summary"), stop.signal).catch((e) => {
          if (stop.signal.aborted) throw e;
          return null;
        });
        setSummary(s);
        const from = seconds(event.window.from);
        const to = Math.max(seconds(event.window.to), s?.at ? seconds(s.at) : 0, from + 60);
        const step = stepFor(to - from, 160);
        const t = await get<Trend>(api(event.slug, `/trend?series=complaints,health&from=${stamp(from)}&to=${stamp(to)}&step=${stepText(step)}`), stop.signal);
        setFigures(figuresOf(t.series, { from: seconds(t.passport.from), to: seconds(t.passport.to) }, parseStep(t.passport.step) ?? step));
        if (s?.moving || event.status === "live") timer = setTimeout(read, again);
      } catch {
        if (!stop.signal.aborted) setFailed(true);
      }
    };
    // Only rows that are seen are read.
    const seen = new IntersectionObserver((list) => {
      if (!list.some((x) => x.isIntersecting)) return;
      seen.disconnect();
      void read();
    }, { rootMargin: "200px" });
    seen.observe(row.current!);
    return () => {
      seen.disconnect();
      stop.abort();
      clearTimeout(timer);
    };
  }, [event.slug, event.window.to]);
  const state = summary?.state ?? "unknown";
  return (
    <li ref={row} class={`event-row is-${state}${event.simulated ? " simulated" : ""}`}>
      <div class="what">
        <h3><a href={eventPath(event.slug)}><Foreign>{event.title}</Foreign></a></h3>
        <p class="meta"><Marks of={event} /><span>{planned(event.starts_at, event.ends_at, ownZone, locale.value, w.event.openEnd)}</span></p>
        <p class="says"><bdi>{summary ? inZone(summary.sentence[locale.value], summary.at, ownZone, locale.value) : failed ? w.event.noSentence : "\u00a0"}</bdi></p>
      </div>
      <Spark figures={figures} title={event.title} over={event.status === "ended" || event.status === "cancelled"} now={summary?.at ? seconds(summary.at) : 0} />
    </li>
  );
}

/** A small chart of complaints: the line, where services failed, and what is not known. */
function Spark({ figures: f, title, over, now }: { figures: Figures | null; title: string; over: boolean; now: number }) {
  const w = words.value.overview;
  const wide = 240, high = 56;
  if (!f) return <div class="spark" aria-hidden="true" />;
  const c = f.columns.find((x) => x.name === "complaints"), h = f.columns.find((x) => x.unit === "state");
  const n = c?.values.length ?? 0;
  if (!c || n === 0) return <div class="spark" aria-hidden="true" />;
  const top = Math.max(4, ...c.values.map((v) => v ?? 0)) * 1.05;
  let line = "", area = "";
  const px = wide / n;
  const say = (v: number) => v.toFixed(1);
  trace({ values: c.values, x0: 0, wide: px, hold: 1, stepsFrom: 3, y: (v) => high - 2 - (v / top) * (high - 6) }, 0, n, {
    moveTo(x, y) {
      line += `M${say(x)} ${say(y)}`;
      area += `M${say(x)} ${high}L${say(x)} ${say(y)}`;
    },
    lineTo(x, y) {
      line += `L${say(x)} ${say(y)}`;
      area += `L${say(x)} ${say(y)}`;
    },
  }, (_a, b) => (area += `L${say(b)} ${high}Z`));
  const peak = c.values.reduce<number>((best, v, i) => (v !== null && v > (c.values[best] ?? -1) ? i : best), 0);
  const most = c.values[peak] ?? null;
  // What has not happened yet is not unknown.
  const happened = over ? n : Math.ceil((Math.max(lastKnown(f), now) - f.from) / f.step);
  const unknown = runs(Math.min(n, happened), (i) => (c.marks[i]! & Mark.unknown) !== 0);
  const about = most === null ? w.sparkUnknown(title) : w.spark(title, number(most, locale.value), duration(f.step, locale.value), time(f.from + peak * f.step, ownZone, locale.value));
  return (
    <figure class="spark">
      <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={about} preserveAspectRatio="none">
        <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" class="hatch" /></pattern></defs>
        {h && ([1, 2] as const).map((level) => runs(n, (i) => h.values[i] !== null && Math.round(h.values[i]!) === level).map(([a, b]) => <rect class={level === 2 ? "red" : "amber"} x={a * px} width={Math.max((b - a) * px, 1)} y="0" height={high} />))}
        {unknown.map(([a, b]) => <rect x={a * px} width={Math.max((b - a) * px, 1)} y="0" height={high} fill="url(#hatch)" />)}
        <path class="area" d={area} />
        <path class="line" d={line} vector-effect="non-scaling-stroke" />
        <path class="base" d={`M0 ${high - 0.5}H${wide}`} vector-effect="non-scaling-stroke" />
      </svg>
      <figcaption class="small">{most === null ? w.noComplaints : w.peak(number(most, locale.value), duration(f.step, locale.value), time(f.from + peak * f.step, ownZone, locale.value, "clock"))}</figcaption>
    </figure>
  );
}
