// An event: how things are in one sentence, the chart that holds reaction against health, what
// people say, and what the figures must carry to be cited.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { eventPath, labels } from "../address.ts";
import { post, Problem } from "../call.ts";
import { Chart } from "../chart/chart.tsx";
import { called, sourceName } from "../chart/names.tsx";
import { seconds } from "../figures.ts";
import { toldBlind } from "../heard.ts";
import { fromInput, inZone, number, percent, planned, short, time, toInput, zoned, zoneName } from "../format.ts";
import { api, downloads } from "../links.ts";
import { statuses, symptoms, type Event, type LifeEntry, type Status, type Summary } from "../model.ts";
import { Copied, Dialog, Failure, Field, Foreign, Marks, Reading, unscheduled, useTask } from "../parts/common.tsx";
import { PostItem } from "../parts/post.tsx";
import { Title } from "../parts/frame.tsx";
import { heardAs } from "../parts/heard_as.ts";
import { later } from "../parts/later.tsx";
import { Ears } from "../parts/listening.tsx";
import { may, session, signedIn } from "../session.ts";
import { locale, seen, words } from "../settings.ts";
import { EventModel } from "./event_model.ts";
import { SignIn } from "./sign_in.tsx";
import "./event.css";

// Most events follow no services but those that carry them, and most spend nothing.
const ServicesPart = later(async () => (await import("./services.tsx")).ServicesPart);
const SpendPart = later(async () => (await import("./spend.tsx")).SpendPart);

/** How many services an event follows: those that carry it, and its entities of that kind. */
const followed = (e: Event): number => (e.services ?? []).length + (e.entities ?? []).filter((x) => x.kind === "service").length;

export function EventPage({ slug }: { slug: string }) {
  const inside = signedIn.value;
  const model = useMemo(() => new EventModel(slug), [slug, inside]);
  useEffect(() => {
    void model.start();
    return () => model.close();
  }, [model]);
  const error = model.error.value, event = model.event.value;
  const w = words.value;
  if (error instanceof Problem && error.status === 401) return <SignIn />;
  if (error instanceof Problem && error.status === 404) return <><Title text={w.event.missing} /><p>{w.event.missingText(slug)} <a href="/">{w.site.events}</a></p></>;
  if (error !== null && !event) return <><Title text={slug} /><Failure error={error} again={() => void model.start()} /></>;
  if (!event) return <Reading />;
  const reasons = (model.summary.value?.blind ?? []).map((b) => b.reason);
  const many = followed(event) > 4; // then the question is which of them
  return (
    <article class={`event${event.simulated ? " simulated" : ""}`}>
      <Head model={model} event={event} />
      <Now model={model} event={event} />
      {may("read") && !model.over && !event.simulated && !event.recorded && <Ears of={event.sources ?? []} zone={model.view.value.zone} said={reasons} />}
      {may("read") && (event.spend?.["x"]?.usd ?? 0) > 0 && <SpendPart slug={event.slug} zone={model.view.value.zone} said={reasons} />}
      <Numbers model={model} />
      {many && <ServicesPart model={model} />}
      <Chart model={model} />
      {!many && followed(event) > 0 && <ServicesPart model={model} />}
      <div class="columns">
        <div><Symptoms model={model} /><Tags model={model} /></div>
        <Posts model={model} />
      </div>
      <Take model={model} />
      <PassportPart model={model} />
    </article>
  );
}

function Head({ model, event }: { model: EventModel; event: Event }) {
  const w = words.value, zone = model.view.value.zone;
  const [changing, setChanging] = useState(false);
  const last = model.life.value[model.life.value.length - 1];
  return (
    <header class="event-head">
      <Title text={event.title}><Foreign>{event.title}</Foreign></Title>
      <p class="meta">
        <Marks of={{ ...event, recorded: event.recorded || (model.summary.value?.recorded ?? false) }} />
        <span>{planned(event.starts_at, event.ends_at, zone, locale.value, w.event.openEnd)}</span>
        {event.platform && <span>{w.event.carriedBy(sourceName(event.platform))}</span>}
      </p>
      {event.simulated && <p class="warn">{w.marks.simulatedMeans}</p>}
      {last && !(unscheduled(event) && model.life.value.length === 1) && (
        <details class="life small">
          <summary>{last.by ? w.event.said(w.status[last.status], zoned(last.at, zone, locale.value), saidBy(last)) : w.event.became(w.status[last.status], zoned(last.at, zone, locale.value))}{last.note && <> “<Foreign>{last.note}</Foreign>”</>}</summary>
          <ol class="history">
            {model.life.value.map((l) => (
              <li>
                <b>{w.status[l.status]}</b> {zoned(l.at, zone, locale.value)}{l.by && <> · <Foreign>{saidBy(l)}</Foreign></>}
                {l.starts_at && l.status === "postponed" && <> · {w.event.newTime(zoned(l.starts_at, zone, locale.value))}</>}
                {l.note && <> · “<Foreign>{l.note}</Foreign>”</>}
              </li>
            ))}
          </ol>
        </details>
      )}
      {may("admin") && (
        <p class="actions">
          <button type="button" aria-haspopup="dialog" onClick={() => setChanging(true)}>{w.event.change}</button>
          <a class="button" href={`${eventPath(event.slug)}/edit`}>{w.event.edit}</a>
          <a class="button" href={`/new?from=${encodeURIComponent(event.slug)}`}>{w.event.again}</a>
        </p>
      )}
      {changing && <ChangeStatus model={model} event={event} close={() => setChanging(false)} />}
    </header>
  );
}

/** Who said it; the server has words of its own for the plan, and for whoever it does not name. */
function saidBy(l: LifeEntry): string {
  const w = words.value.event;
  return l.by === "the plan" ? w.thePlan : l.by === "somebody" || l.by === "unknown" ? w.somebody : l.by ?? "";
}

function ChangeStatus({ model, event, close }: { model: EventModel; event: Event; close: () => void }) {
  const w = words.value, zone = model.view.value.zone;
  const [status, setStatus] = useState<Status>(event.status === "live" ? "ended" : "live");
  const [starts, setStarts] = useState(toInput(event.starts_at, zone));
  const [ends, setEnds] = useState(toInput(event.ends_at, zone));
  const [note, setNote] = useState("");
  const task = useTask();
  return (
    <Dialog title={w.event.change} close={close}>
      <form onSubmit={(e) => {
        e.preventDefault();
        void task.run(async () => {
          const times = status === "postponed" ? { starts_at: fromInput(starts, zone), ...(ends ? { ends_at: fromInput(ends, zone) } : {}) } : {};
          model.took(await post<Event>(api(event.slug, "/status"), { status, ...times, ...(note.trim() ? { note: note.trim() } : {}) }));
          close();
        });
      }}>
        <fieldset class="choice">
          <legend>{w.event.becomes}</legend>
          {statuses.filter((s) => s !== event.status || s === "postponed").map((s) => (
            <label><input type="radio" name="status" value={s} checked={status === s} onChange={() => setStatus(s)} /> <span><b>{w.status[s]}</b> <span class="note">{w.statusMeans[s]}</span></span></label>
          ))}
        </fieldset>
        {status === "postponed" && (
          <div class="pair">
            <Field label={w.event.newStart} note={zone.replaceAll("_", " ")}>{(a) => <input {...a} type="datetime-local" required value={starts} onInput={(e) => setStarts(e.currentTarget.value)} />}</Field>
            <Field label={w.event.newEnd}>{(a) => <input {...a} type="datetime-local" value={ends} onInput={(e) => setEnds(e.currentTarget.value)} />}</Field>
          </div>
        )}
        <Field label={w.event.note} note={w.event.noteNote}>{(a) => <input {...a} maxLength={300} value={note} onInput={(e) => setNote(e.currentTarget.value)} />}</Field>
        {task.error !== null && <Failure error={task.error} />}
        <p class="actions"><button class="main" type="submit" disabled={task.busy}>{w.event.say}</button> <button type="button" onClick={close}>{w.common.cancel}</button></p>
      </form>
    </Dialog>
  );
}

/** The sentence, the event's clock, and whether the page is following. */
function Now({ model, event }: { model: EventModel; event: Event }) {
  const w = words.value, s = model.summary.value, zone = model.view.value.zone, l = model.link.value;
  const state = s?.state ?? (event.status === "ended" ? "over" : "unknown");
  const stands = s && s.at && !s.moving && event.status !== "ended" && event.status !== "cancelled";
  return (
    <section class={`now is-${state}`} aria-label={w.event.now}>
      <p class="state">{w.state[state]}</p>
      <p class="sentence" aria-live="polite" aria-atomic="true"><bdi>{s ? inZone(s.sentence[locale.value], s.at, zone, locale.value) : w.event.noSentence}</bdi></p>
      <p class="clock">
        {s?.at && <span>{stands ? (s.simulated || s.recorded ? w.event.rests : w.event.stands)(zoned(s.at, zone, locale.value, "fullSeconds")) : w.event.clock(zoned(s.at, zone, locale.value, "fullSeconds"))}</span>}
        <span class={`follow is-${l.state}`} role="status">{l.state === "live" && !s?.moving ? w.link.idle : w.link[l.state]}{l.state === "reconnecting" && ` ${w.event.since(time(l.since / 1000, zone, locale.value, "seconds"), zoneName(zone, l.since / 1000, locale.value))}`}</span>
      </p>
      {toldBlind(s?.blind ?? []).map(([told, list]) => (
        <p class={`blind is-${told}`} key={told}>{w.event.told[told]} {list.map((b, i) => <>{i > 0 && ", "}<Foreign>{sourceName(b.source)}</Foreign>{b.since && ` ${w.event.since(time(b.since, zone, locale.value, "clock"), zoneName(zone, b.since, locale.value))}`}{b.reason && <> (<Foreign>{b.reason}</Foreign>)</>}</>)}</p>
      ))}
    </section>
  );
}

/** The window that the latest figures are of; where the clock rests, the time that it ended at. */
function latelyOf(s: Summary | null, zone: string): string {
  const w = words.value.numbers;
  if (!s?.window) return "";
  const minutes = Math.round((seconds(s.window.to) - seconds(s.window.from)) / 60);
  return s.moving ? w.last(minutes) : w.lastTo(minutes, `${time(s.window.to, zone, locale.value, "clock")} ${zoneName(zone, s.window.to, locale.value)}`);
}

function Numbers({ model }: { model: EventModel }) {
  const w = words.value, s = model.summary.value, zone = model.view.value.zone;
  if (!s) return null;
  const l = locale.value;
  const unknown = <span class="unknown">{w.common.unknown}</span>;
  const lately = latelyOf(s, zone);
  return (
    <section aria-label={w.numbers.title}>
      <dl class="numbers">
        <div><dt>{w.numbers.complaints}</dt><dd>{s.complaints === null ? unknown : number(s.complaints, l)}<span class="sub">{lately}{s.posts !== null && ` · ${w.numbers.ofPosts(number(s.heard_own, l))}`}{(s.deleted ?? 0) > 0 && `, ${w.numbers.deleted(number(s.deleted!, l))}`}</span></dd></div>
        <div><dt>{w.numbers.share}</dt><dd>{s.complaint_share === null ? unknown : percent(s.complaint_share, l)}<span class="sub">{s.usual_share === null ? w.numbers.noUsual : w.numbers.usual(percent(s.usual_share, l))}</span></dd></div>
        {(s.services ?? []).slice(0, 4).map((x) => (
          <div>
            <dt><Foreign>{x.service}</Foreign></dt>
            <dd class={`state-${x.state}`}><span class="dot" aria-hidden="true" />{w.states[x.state]}
              <span class="sub">{[x.since ? w.event.since(time(x.since, zone, l, "clock"), zoneName(zone, x.since, l)) : "", x.latency_ms != null ? `${number(x.latency_ms, l)} ms` : "", x.audience != null ? w.numbers.audience(short(x.audience, l), x.audience_peak != null ? short(x.audience_peak, l) : null) : ""].filter(Boolean).join(" · ")}</span>
            </dd>
          </div>
        ))}
        <div><dt>{w.numbers.total}</dt><dd>{s.total ? number(s.total.complaints, l) : unknown}<span class="sub">{s.total && w.numbers.totals(number(s.total.posts, l), number(s.total.deleted, l))}{s.peak && ` · ${w.numbers.peak(number(s.peak.complaints, l), time(s.peak.at, zone, l, "clock"))}`}</span></dd></div>
      </dl>
    </section>
  );
}

function Symptoms({ model }: { model: EventModel }) {
  const w = words.value, s: Summary | null = model.summary.value, v = model.view.value;
  const list = s?.symptoms ?? [];
  const most = Math.max(1, ...list.map((x) => x.posts));
  return (
    <section aria-labelledby="symptoms-title">
      <h2 id="symptoms-title">{w.symptomsTitle} <span class="scope">{latelyOf(s, v.zone)}</span></h2>
      {list.length === 0 ? <p class="empty">{w.event.noSymptoms}</p> : (
        <ul class="bars">
          {list.map((x) => {
            const name = `symptom:${x.symptom}`, on = v.series.includes(name);
            return (
              <li key={x.symptom}>
                <span class="bar"><span class="fill" aria-hidden="true" style={{ width: `${(100 * x.posts) / most}%` }} /><span class="what">{w.symptoms[x.symptom as "audio"] ?? x.symptom}</span></span>
                <span class="num">{number(x.posts, locale.value)}</span>
                <button type="button" class="quiet small" aria-pressed={on} aria-label={w.event.toChart(called(name))} onClick={() => model.setSeries(on ? v.series.filter((n) => n !== name) : addCount(v.series, name))}>{on ? "−" : "+"}</button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** Counts stand before what is on the second axis, so that the first line stays the first. */
function addCount(series: string[], name: string): string[] {
  const at = series.findIndex((n) => ["complaint_share", "latency", "audience", "authors", "counts", "health"].includes(n.split(":")[0]!));
  return at < 0 ? [...series, name] : [...series.slice(0, at), name, ...series.slice(at)];
}

function Tags({ model }: { model: EventModel }) {
  const w = words.value, tags = model.tags.value, v = model.view.value, l = locale.value;
  const most = Math.max(1, ...(tags ?? []).map((t) => t.posts));
  return (
    <section aria-labelledby="tags-title">
      <h2 id="tags-title">{w.tags.title} <span class="scope">{v.window ? w.tags.inWindow : w.tags.whole}</span></h2>
      {!tags ? <Reading /> : tags.length === 0 ? <p class="empty">{w.tags.none}</p> : (
        <ul class="bars">
          {tags.map((t) => {
            const name = `tag:${t.tag}`, on = v.series.includes(name);
            return (
              <li key={t.tag}>
                <span class="bar"><span class="fill" aria-hidden="true" style={{ width: `${(100 * t.posts) / most}%` }} />
                  <button type="button" class="link what" title={w.tags.filter(t.display)} aria-pressed={v.posts.tag === t.tag} onClick={() => model.change({ posts: { ...v.posts, tag: v.posts.tag === t.tag ? "" : t.tag, label: "posts" } })}>#<Foreign>{t.display}</Foreign></button>
                </span>
                <span class="num" title={t.authors === null ? "" : w.tags.authors(number(t.authors, l))}>{number(t.posts, l)}</span>
                <button type="button" class="quiet small" aria-pressed={on} aria-label={w.event.toChart(`#${t.display}`)} onClick={() => model.setSeries(on ? v.series.filter((n) => n !== name) : addCount(v.series, name))}>{on ? "−" : "+"}</button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Posts({ model }: { model: EventModel }) {
  const w = words.value, f = model.view.value.posts, zone = model.view.value.zone;
  const [q, setQ] = useState(f.q);
  const more = useTask();
  const list = useRef<HTMLOListElement>(null);
  const hold = (on: boolean) => {
    model.held = on || (list.current?.contains(document.activeElement) ?? false);
    if (!model.held) model.showNewer();
  };
  if (!signedIn.value) return <section><h2>{w.posts.title}</h2><p class="empty">{w.posts.signIn}</p></section>;
  const posts = model.posts.value;
  const set = (part: Partial<typeof f>) => model.change({ posts: { ...f, ...part } });
  return (
    <section aria-labelledby="posts-title" class="posts">
      <h2 id="posts-title">{f.label === "complaints" && !f.symptom && !f.tag && !f.q ? w.posts.title : w.posts.some}</h2>
      <form class="filters" role="search" aria-label={w.posts.filters} onSubmit={(e) => {
        e.preventDefault();
        set({ q: q.trim() });
      }}>
        <label><span class="hidden">{w.posts.label}</span>
          <select value={f.label} onChange={(e) => set({ label: e.currentTarget.value })}>{labels.map((x) => <option value={x}>{called(x)}</option>)}</select>
        </label>
        <label><span class="hidden">{w.symptomsTitle}</span>
          <select value={f.symptom} onChange={(e) => set({ symptom: e.currentTarget.value })}>
            <option value="">{w.posts.anySymptom}</option>
            {symptoms.map((x) => <option value={x}>{w.symptoms[x]}</option>)}
          </select>
        </label>
        <label class="grow"><span class="hidden">{w.posts.search}</span><input type="search" placeholder={w.posts.search} maxLength={200} value={q} onInput={(e) => setQ(e.currentTarget.value)} /></label>
        <button type="submit">{w.posts.go}</button>
        {f.tag && <button type="button" class="chip" onClick={() => set({ tag: "" })} aria-label={w.posts.without(`#${f.tag}`)}>#<Foreign>{f.tag}</Foreign> ×</button>}
      </form>
      {model.postError.value !== null && <Failure error={model.postError.value} again={() => void model.readPosts(false)} />}
      {model.newer.value && <p><button type="button" class="main" onClick={() => model.showNewer()}>{w.posts.newer}</button></p>}
      {!posts ? model.postError.value === null && <Reading /> : posts.length === 0 ? <p class="empty">{w.posts.none}</p> : (
        <ol class="post-list" ref={list} onMouseEnter={() => hold(true)} onMouseLeave={() => hold(false)} onFocusIn={() => hold(true)} onFocusOut={() => setTimeout(() => hold(false))}>
          {posts.map((p) => <PostItem key={`${p.source} ${p.id}`} post={p} zone={zone} />)}
        </ol>
      )}
      {more.error !== null && <Failure error={more.error} />}
      {model.morePosts.value && <p><button type="button" disabled={more.busy} onClick={() => more.run(() => model.readMorePosts())}>{w.posts.more}</button></p>}
    </section>
  );
}

/** Downloads of exactly what is shown, and an address that shows it again. */
function Take({ model }: { model: EventModel }) {
  const w = words.value, v = model.view.value;
  const d = downloads(model.slug, v, model.cited.value, model.step.value, locale.value, seen.value);
  const name = model.slug;
  const canCSV = may("export") || model.event.value?.public === true;
  return (
    <section class="take" aria-labelledby="take-title">
      <h2 id="take-title">{w.take.title}</h2>
      <p class="note">{w.take.about(zoned(model.cited.value.from, v.zone, locale.value), zoned(model.cited.value.to, v.zone, locale.value))}</p>
      <p class="actions">
        <a class="button" href={d.png} download={`${name}-trend.png`}>{w.take.png}</a>
        <a class="button" href={d.svg} download={`${name}-trend.svg`}>{w.take.svg}</a>
        {canCSV ? <a class="button" href={d.csv} download={`${name}-trend.csv`}>{w.take.csv}</a> : <span class="note">{session.value?.signed_in ? w.take.noExport : w.take.signIn}</span>}
        <a class="button" href={d.json}>JSON</a>
        <a class="button" href={d.text}>{w.take.text}</a>
      </p>
      <Copied label={w.take.permalink} text={model.permalink()} />
    </section>
  );
}

function PassportPart({ model }: { model: EventModel }) {
  const w = words.value, p = model.passport.value, zone = model.view.value.zone, l = locale.value;
  if (!p) return null;
  const rows: [string, preact.ComponentChildren][] = [
    [w.passport.window, `${zoned(p.from, zone, l, "fullSeconds")} – ${zoned(p.to, zone, l, "fullSeconds")}`],
    [w.passport.step, p.step],
    [w.passport.sources, heardAs(p)],
    [w.passport.coverage, percent(p.coverage, l)],
    ...((p.filled ?? 0) > 0 ? [[w.passport.filled, w.passport.filledMeans(percent(p.filled!, l))] as [string, string]] : []),
    [w.passport.deduplication, p.deduplication],
    [w.passport.deleted, number(p.deleted_since, l)],
    [w.passport.late, p.late > 0 ? w.passport.lateMeans(number(p.late, l)) : number(0, l)],
    ...(p.watermark ? [[w.passport.watermark, zoned(p.watermark, zone, l, "fullSeconds")] as [string, string]] : []),
    [w.passport.method, p.method],
    [w.passport.represents, p.represents],
    ...(p.notes ?? []).map((n) => [w.passport.note, n] as [string, string]),
    [w.passport.generated, zoned(p.generated_at, zone, l, "fullSeconds")],
    [w.passport.counts, <ul>{(model.figures.value?.columns ?? []).map((c) => <li><b><Foreign>{called(c.name)}</Foreign></b>: {c.counts}</li>)}</ul>],
  ];
  return (
    <details class="passport">
      <summary><h2>{w.passport.title}</h2></summary>
      <dl>{rows.map(([k, x]) => <div><dt>{k}</dt><dd dir="auto">{x}</dd></div>)}</dl>
    </details>
  );
}
