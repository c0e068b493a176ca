// The events: how each is now, in a sentence and a small chart. Where there are none yet, what to
// begin with.
import { useEffect, useRef, useState } from "preact/hooks";
import { eventPath, stamp } from "../address.ts";
import { ask, get } from "../call.ts";
import { figuresOf, lastKnown, runs, seconds, type Figures } from "../figures.ts";
import { duration, inZone, number, planned, time } from "../format.ts";
import { api } from "../links.ts";
import type { Event, Summary, Trend } from "../model.ts";
import { Failure, Foreign, Marks, Reading } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { Ears } from "../parts/listening.tsx";
import { whileSeen } from "../poll.ts";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";
import { parseStep, stepFor, stepText } from "../step.ts";
import { Spark } from "../chart/spark.tsx";
import { FirstRun } from "./first_run.tsx";

const again = 15_000;

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
      {may("read") && <Ears zone={ownZone} />}
      {error !== null && <Failure error={error} again={() => void read("/v1/events", [])} />}
      {events === null && error === null && <Reading />}
      {live.length > 0 && <section aria-labelledby="live-title"><h2 id="live-title" class="group-title">{w.status.live}</h2><ol class="events">{live.map((e) => <Row key={e.slug} event={e} />)}</ol></section>}
      {rest.length > 0 && <section aria-labelledby="others-title"><h2 id="others-title" class="group-title">{live.length > 0 ? w.overview.others : w.overview.all}</h2><ol class="events">{rest.map((e) => <Row key={e.slug} event={e} />)}</ol></section>}
      {next && <p><button type="button" onClick={() => void read(next, events ?? [])}>{w.overview.more}</button></p>}
      {events && may("ingest") && <p class="actions"><a class="button" href="/play">{w.overview.play}</a>{may("admin") && <a class="button" href="/new">{w.overview.fresh}</a>}</p>}
    </>
  );
}

function Row({ event }: { event: Event }) {
  const w = words.value;
  const [summary, setSummary] = useState<Summary | null>(null);
  const [figures, setFigures] = useState<Figures | null>(null);
  const [failed, setFailed] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    let stop = (): void => {};
    const read = async (signal: AbortSignal): Promise<boolean> => {
      try {
        const s = await get<Summary>(api(event.slug, "/summary"), signal).catch((e) => {
          if (signal.aborted) throw e;
          return null;
        });
        setSummary(s);
        const from = seconds(event.window.from);
        const to = Math.max(seconds(event.window.to), s?.at ? seconds(s.at) : 0, from + 60);
        const step = stepFor(to - from, 160);
        const t = await get<Trend>(api(event.slug, `/trend?series=complaints,health&from=${stamp(from)}&to=${stamp(to)}&step=${stepText(step)}`), signal);
        setFigures(figuresOf(t.series, { from: seconds(t.passport.from), to: seconds(t.passport.to) }, parseStep(t.passport.step) ?? step));
        setFailed(false);
        return s?.moving || event.status === "live";
      } catch (e) {
        if (!signal.aborted) setFailed(true);
        throw e;
      }
    };
    // Only rows that are seen are read.
    const seen = new IntersectionObserver((list) => {
      if (!list.some((x) => x.isIntersecting)) return;
      seen.disconnect();
      stop = whileSeen(again, read);
    }, { rootMargin: "200px" });
    seen.observe(row.current!);
    return () => {
      seen.disconnect();
      stop();
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
      <Trace figures={figures} title={event.title} over={event.status === "ended" || event.status === "cancelled"} now={summary?.at ? seconds(summary.at) : 0} />
    </li>
  );
}

/** A small chart of complaints: the line, where services failed, and what is not known. */
function Trace({ figures: f, title, over, now }: { figures: Figures | null; title: string; over: boolean; now: number }) {
  const w = words.value.overview;
  const c = f?.columns.find((x) => x.name === "complaints"), h = f?.columns.find((x) => x.unit === "state");
  const n = c?.values.length ?? 0;
  if (!f || !c || n === 0) return <div class="spark" aria-hidden="true" />;
  const peak = c.values.reduce<number>((best, v, i) => (v !== null && v > (c.values[best] ?? -1) ? i : best), 0);
  const most = c.values[peak] ?? null, least = Math.max(0, ...c.atLeast.map((v) => v ?? 0));
  // What has not happened yet is not unknown.
  const happened = over ? n : Math.ceil((Math.max(lastKnown(f), now) - f.from) / f.step);
  const at = (i: number, parts: "clock" | "full") => time(f.from + i * f.step, ownZone, locale.value, parts), long = duration(f.step, locale.value);
  const told = most !== null && most >= least ? w.peak(number(most, locale.value), long, at(peak, "clock"))
    : least > 0 ? w.leastPeak(number(least, locale.value), long, at(c.atLeast.indexOf(least), "clock")) : w.noComplaints;
  const about = most === null ? (least > 0 ? `${title}: ${told}` : w.sparkUnknown(title)) : w.spark(title, number(most, locale.value), long, at(peak, "full"));
  return (
    <figure class="spark">
      <Spark column={c} happened={happened} label={about} wide={240} high={56}
        behind={(px) => h && ([1, 2] as const).map((level) => runs(n, (i) => h.values[i] !== null && Math.round(h.values[i]!) === level).map(([a, b]) => <rect class={level === 2 ? "red" : "amber"} x={a * px} width={Math.max((b - a) * px, 1)} y="0" height={56} />))} />
      <figcaption class="small">{told}</figcaption>
    </figure>
  );
}
