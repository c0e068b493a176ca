// What posts say of each service that an event follows: how many name it, how many complain, and
// how that was before. A click shows a service's own lines in the chart.
import { useEffect, useRef, useState } from "preact/hooks";
import { stamp, usualSeries } from "../address.ts";
import { get } from "../call.ts";
import { called } from "../chart/names.tsx";
import { Spark } from "../chart/spark.tsx";
import { extentOf, figuresOf, seconds, type Figures } from "../figures.ts";
import { duration, number, percent, time, zoned, zoneName } from "../format.ts";
import { api } from "../links.ts";
import type { Services, Trend } from "../model.ts";
import { Failure, Foreign, Reading } from "../parts/common.tsx";
import { heardAs } from "../parts/heard_as.ts";
import { seldom } from "../poll.ts";
import { atLeast, comparedOf, saidRows, unheard, type SaidRow } from "../said.ts";
import { locale, words } from "../settings.ts";
import { onGrid, parseStep, stepFor, stepText, type Span } from "../step.ts";
import type { EventModel } from "./event_model.ts";

const few = 8;
const mostSeries = 12; // that the server answers with at once

interface Known { now: Services; before: Services | null; spans: { now: Span; before: Span }; sparks: Figures[] }

const spanQuery = (s: Span): string => `from=${stamp(s.from)}&to=${stamp(s.to)}`;

async function readKnown(slug: string, spans: { now: Span; before: Span }, shown: number): Promise<Known> {
  const [now, before] = await Promise.all([spans.now, spans.before].map((s) => get<Services>(api(slug, `/services?${spanQuery(s)}`)))) as [Services, Services];
  const named = saidRows(now, before).slice(0, shown).filter((r) => r.posts > 0).map((r) => `complaint:${r.service}`);
  const known = !unheard(before.passport);
  const step = Math.max(60, stepFor(spans.now.to - (known ? spans.before : spans.now).from, 40));
  const window = onGrid({ from: (known ? spans.before : spans.now).from, to: spans.now.to }, step);
  const sparks: Figures[] = [];
  for (let i = 0; i < named.length; i += mostSeries) {
    const q = new URLSearchParams({ series: named.slice(i, i + mostSeries).join(","), step: stepText(step) });
    const t = await get<Trend>(api(slug, `/trend?${q}&${spanQuery(window)}`));
    sparks.push(figuresOf(t.series, { from: seconds(t.passport.from), to: seconds(t.passport.to) }, parseStep(t.passport.step) ?? step));
  }
  return { now, before: known ? before : null, spans, sparks };
}

export function ServicesPart({ model }: { model: EventModel }) {
  const w = words.value.services, v = model.view.value;
  const [known, setKnown] = useState<Known | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [all, setAll] = useState(false);
  const asked = v.window ? model.cited.value : model.over ? onGrid(model.bounds.value, 10) : null;
  const reached = useRef(0); // a clock that is set back, as after a gap, takes nothing away from what was told
  if (model.ready.value) reached.current = Math.max(reached.current, model.horizon.value);
  const spans = comparedOf(asked, model.bounds.value, reached.current || model.horizon.value);
  const read = useRef(() => Promise.resolve());
  const turn = useRef(0);
  read.current = async () => {
    const mine = ++turn.current;
    try {
      const k = await readKnown(model.slug, spans, all ? Infinity : few);
      if (mine !== turn.current) return;
      setKnown(k);
      setError(null);
    } catch (e) {
      if (mine === turn.current) setError(e);
    }
  };
  // At once for another window; seldom for what comes in.
  const [often] = useState(() => seldom(6_000, () => void read.current()));
  useEffect(() => () => {
    turn.current = -1;
    often.stop();
  }, []);
  const ready = model.ready.value;
  useEffect(() => {
    if (ready) void read.current();
  }, [ready, asked?.from, asked?.to, all]);
  useEffect(() => {
    if (known) often();
  }, [model.pulse.value, asked ? 0 : spans.now.to]);
  return (
    <section class="services" aria-labelledby="services-title">
      <h2 id="services-title">{w.title} {known && <span class="scope">{windowText(known, v.zone)}</span>}</h2>
      {error !== null && <Failure error={error} again={() => void read.current()} />}
      {!known ? error === null && <Reading /> : unheard(known.now.passport) ? <p class="empty">{w.nobody}</p> : <Rows model={model} known={known} all={all} setAll={setAll} />}
    </section>
  );
}

/** Which hour, or what else, is compared with which. */
function windowText({ spans: { now, before }, before: had }: Known, zone: string): string {
  const w = words.value.services, l = locale.value;
  const oneDay = time(now.from, zone, l, "day") === time(now.to, zone, l, "day");
  const said = `${time(now.from, zone, l, oneDay ? "clock" : "full")}–${oneDay ? time(now.to, zone, l, "clock") : time(now.to, zone, l)} ${zoneName(zone, now.to, l)}`;
  return had ? w.against(said, duration(before.to - before.from, l)) : said;
}

function Rows({ model, known: k, all, setAll }: { model: EventModel; known: Known; all: boolean; setAll: (all: boolean) => void }) {
  const w = words.value.services, l = locale.value, v = model.view.value;
  const rows = saidRows(k.now, k.before), shown = all ? rows : rows.slice(0, few);
  const least = atLeast(k.now.passport), leastBefore = k.before !== null && atLeast(k.before.passport);
  const n = (x: number) => (least ? `≥\u00a0${number(x, l)}` : number(x, l));
  const gone = k.now.passport.deleted_since;
  return (
    <>
      {least && <p class="note lower">{w.least(heardAs(k.now.passport))}</p>}
      {!least && leastBefore && <p class="note lower">{w.leastBefore(heardAs(k.before!.passport))}</p>}
      <div class="scroll" role="region" tabIndex={0} aria-label={w.table}>
        <table class="said">
          <thead>
            <tr>
              <th scope="col">{w.service}</th><th scope="col" class="num posts-col">{w.posts}</th><th scope="col" class="num">{w.complaints}</th>
              <th scope="col" class="num">{w.share}</th><th scope="col" class="num">{w.change}</th><th scope="col" class="spark-col">{w.over}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((r) => (
              <tr key={r.service} class={r.posts === 0 ? "past" : ""}>
                <th scope="row"><ServiceButton model={model} service={r.service} /></th>
                <td class="num posts-col">{n(r.posts)}</td>
                <td class="num">{n(r.complaints)}</td>
                <td class="num">{r.complaint_share === null ? "–" : <span class={r.few ? "few" : ""}>{percent(r.complaint_share, l)} <span class="small">{(r.few ? w.ofOnly : w.of)(n(r.posts))}</span></span>}</td>
                <td class="num">{changeText(r, leastBefore)}</td>
                <td class="spark-col"><RowSpark known={k} row={r} zone={v.zone} horizon={model.horizon.value} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > few && <p><button type="button" aria-expanded={all} onClick={() => setAll(!all)}>{all ? w.fewer : w.all(number(rows.length, l))}</button></p>}
      <p class="note">{w.own}{gone > 0 && ` ${w.deleted(number(gone, l))}`}{(v.sources.length > 0 || v.langs.length > 0) && ` ${w.unfiltered}`}</p>
    </>
  );
}

function changeText(r: SaidRow, leastBefore: boolean): preact.ComponentChildren {
  const w = words.value.services, l = locale.value;
  if (r.before === null) return <span class="unknown">{words.value.common.unknown}</span>;
  const was = (leastBefore ? "≥\u00a0" : "") + number(r.before, l);
  if (r.change === null) return <span class="small">{w.was(was)}</span>;
  if (r.change === 0 && r.before === 0) return <span class="unknown">±0</span>;
  return <>{r.change > 0 ? `+${number(r.change, l)}` : r.change < 0 ? `−${number(-r.change, l)}` : "±0"} <span class="small">{w.was(was)}</span></>;
}

function ServiceButton({ model, service }: { model: EventModel; service: string }) {
  const lines = [`complaint:${service}`, `service:${service}`];
  const on = lines.every((n) => model.view.value.series.includes(n));
  const watched = (model.event.value?.services ?? []).some((s) => s.name === service && (s.probes ?? []).length > 0);
  const show = () => {
    model.setSeries(on ? [...usualSeries] : [...lines, ...(watched ? [`health:${service}`] : [])]);
    if (!on) document.querySelector(".chart-part")?.scrollIntoView({ block: "nearest" });
  };
  return <button type="button" class="link" aria-pressed={on} title={words.value.event.toChart(service)} onClick={show}><Foreign>{service}</Foreign></button>;
}

function RowSpark({ known: k, row, zone, horizon }: { known: Known; row: SaidRow; zone: string; horizon: number }) {
  const name = `complaint:${row.service}`, w = words.value;
  const f = k.sparks.find((x) => x.columns.some((c) => c.name === name));
  const c = f?.columns.find((x) => x.name === name);
  if (!f || !c) return null;
  const x = extentOf(f, c, f);
  const label = x.least ? `${called(name)}: ${w.chart.atLeast(number(x.sum!, locale.value))}.` : x.peak === null ? w.chart.saidUnknown(called(name)) : w.chart.saidPeak(called(name), number(x.peak, locale.value), zoned(x.peakAt, zone, locale.value, "clock"));
  const cut = ((k.spans.now.from - f.from) / (f.to - f.from)) * 160;
  return (
    <span class="spark">
      <Spark column={c} happened={Math.ceil((horizon - f.from) / f.step)} label={label} wide={160} high={30} behind={() => (k.before ? <rect class="now" x={cut} y="0" width={160 - cut} height="30" /> : null)} />
    </span>
  );
}
