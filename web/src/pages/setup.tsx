// An event is set up by a form with its file beside it. The server reads both: what it says is the
// truth, so that form, file and mistakes never disagree.
import { useEffect, useRef, useState } from "preact/hooks";
import { eventPath } from "../address.ts";
import { ask, get, post, Problem, put, remove } from "../call.ts";
import { sourceName, ZoneSelect } from "../chart/names.tsx";
import { definitionOf, elsewhere, fillIn, lineAt, linesOf, openIn, problemsAt, problemsOf, templateOf, withField } from "../draft.ts";
import { tame } from "../bytes.ts";
import { fromInput, number, toInput, zoned } from "../format.ts";
import { api, webAddress } from "../links.ts";
import type { Definition, Draft, DraftProblem, Entity, Event, Probe, Service, Template, Trial } from "../model.ts";
import { Dialog, Failure, Field, Foreign, Reading, useReading, useTask } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { go, place } from "../router.ts";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";
import { slugOf } from "../suggest.ts";
import "./setup.css";

const wait = 350; // milliseconds after the last key

const fields = ["slug", "title", "starts_at", "ends_at", "listen_from", "platform", "match", "entities", "services", "sources", "spend", "retention", "public"];
const entityKinds = ["person", "service", "organisation", "place", "show", "other"];
const probeKinds = ["http", "hls", "tcp", "dns", "prometheus", "status", "audience", "push"];
const heard = ["bluesky", "mastodon", "x"];

export function Setup({ slug }: { slug: string | null }) {
  const w = words.value;
  const from = new URLSearchParams(place.value.query).get("from");
  const begin = useReading<Definition>(async (signal) => {
    if (slug) return definitionOf(await get<Event>(api(slug), signal));
    if (from) return templateOf(await get<Event>(api(from), signal));
    return {};
  }, [slug, from]);
  const title = slug ? w.setup.editTitle : w.setup.newTitle;
  if (!may("admin")) return <><Title text={title} /><p class="empty">{w.trouble.forbidden}</p></>;
  if (begin.error !== null) return <><Title text={title} /><Failure error={begin.error} again={() => void begin.again()} /></>;
  if (!begin.data) return <><Title text={title} /><Reading /></>;
  return <Editor slug={slug} begin={begin.data} title={title} />;
}

function Editor({ slug, begin, title }: { slug: string | null; begin: Definition; title: string }) {
  const w = words.value.setup;
  const [event, setEvent] = useState<Definition>(begin);
  const [yaml, setYAML] = useState("");
  const [problems, setProblems] = useState<DraftProblem[]>([]);
  const [touched, setTouched] = useState(slug !== null);
  const [ownSlug, setOwnSlug] = useState(slug !== null);
  const [draftError, setDraftError] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const turn = useRef(0);
  const pending = useRef<(() => Promise<Definition | null>) | null>(null);
  const latest = useRef<Definition>(begin);
  const save = useTask();

  /** Has the server read what was written, and shows what it made of it in the other half. */
  const read = async (from: "form" | "file", body: Definition | string): Promise<Definition | null> => {
    pending.current = null;
    const mine = ++turn.current;
    try {
      const a = await ask<Draft>("/v1/drafts", typeof body === "string" ? { method: "POST", text: body, kind: "application/yaml" } : { method: "POST", json: body });
      if (mine !== turn.current) return null;
      setDraftError(null);
      setProblems(a.body.problems ?? []);
      if (from === "form") setYAML(a.body.yaml);
      else if (a.body.event) setEvent((latest.current = definitionOf(a.body.event)));
      return from === "form" ? (body as Definition) : a.body.event && definitionOf(a.body.event);
    } catch (e) {
      if (mine === turn.current) setDraftError(e);
      return null;
    }
  };
  const later = (from: "form" | "file", body: Definition | string) => {
    clearTimeout(timer.current);
    pending.current = () => read(from, body);
    timer.current = setTimeout(() => void pending.current?.(), wait);
  };
  useEffect(() => {
    void read("form", begin);
    return () => clearTimeout(timer.current);
  }, []);

  const write = (e: Definition) => {
    if (slug === null && !ownSlug) e = withField(e, "slug", e.title ? slugOf(e.title) : undefined);
    latest.current = e;
    save.clear();
    setEvent(e);
    setTouched(true);
    later("form", e);
  };
  const set = <K extends keyof Definition>(name: K, value: Definition[K] | undefined) => write(withField(latest.current, name, value));
  const writeFile = (text: string) => {
    setYAML(text);
    save.clear();
    setTouched(true);
    setOwnSlug(true);
    later("file", text);
  };
  const start = (e: Definition) => {
    const kept = latest.current;
    write({ ...e, ...(kept.slug ? { slug: kept.slug } : {}), ...(kept.starts_at ? { starts_at: kept.starts_at } : {}), ...(kept.ends_at ? { ends_at: kept.ends_at } : {}), ...(kept.title ? { title: kept.title } : {}) });
  };
  const send = () => save.run(async () => {
    setAsked(true);
    clearTimeout(timer.current);
    if (pending.current) await pending.current();
    try {
      const saved = slug ? await put<Event>(api(slug), latest.current) : await post<Event>("/v1/events", latest.current);
      go(eventPath(saved.slug));
    } catch (e) {
      if (marked(e)) setProblems(problemsOf(e.mistakes));
      throw e;
    }
  });
  const at = (path: string) => (touched || asked ? problemsAt(problems, path) : []);
  const others = elsewhere(problems, fields);
  return (
    <>
      <Title text={title} />
      <p class="lede">{w.lede}</p>
      {slug === null && <Templates choose={start} />}
      {openIn(event).length > 0 && <FillIn key={openIn(event).join()} names={openIn(event)} fill={(given) => write(fillIn(latest.current, given))} />}
      <div class="setup">
        <form onSubmit={(e) => {
          e.preventDefault();
          void send();
        }} noValidate>
          <Form event={event} set={set} at={at} slug={slug} setSlug={(s) => {
            setOwnSlug(s !== "");
            set("slug", s);
          }} />
          {save.error !== null && (marked(save.error) ? <div class="notice notice-bad" role="alert"><p>{w.seeMistakes}</p></div> : <Failure error={save.error} />)}
          <p class="actions">
            <button class="main" type="submit" disabled={save.busy}>{slug ? w.save : w.create}</button>
            {slug && <a class="button" href={eventPath(slug)}>{words.value.common.cancel}</a>}
            {slug && <button type="button" class="danger" onClick={() => setDeleting(true)}>{w.remove}</button>}
          </p>
        </form>
        <div class="beside">
          <File yaml={yaml} problems={touched || asked ? problems : problems.filter((p) => p.line !== undefined && touched)} others={others} quiet={!touched && !asked} write={writeFile} />
          {draftError !== null && <Failure error={draftError} again={() => void read("form", latest.current)} />}
        </div>
      </div>
      <TryOut match={event.match ?? {}} slug={slug} />
      {deleting && slug && (
        <Dialog title={w.removeTitle} close={() => setDeleting(false)}>
          <p>{w.removeText}</p>
          {save.error !== null && <Failure error={save.error} />}
          <p class="actions">
            <button type="button" class="danger" disabled={save.busy} onClick={() => save.run(async () => {
              await remove(api(slug));
              go("/");
            })}>{w.remove}</button>
            <button type="button" onClick={() => setDeleting(false)}>{words.value.common.cancel}</button>
          </p>
        </Dialog>
      )}
    </>
  );
}

/** Whether what was refused is marked where it is wrong, in the form or under the file. */
const marked = (e: unknown): e is Problem => e instanceof Problem && e.mistakes.length > 0;

function Templates({ choose }: { choose: (e: Definition) => void }) {
  const w = words.value.setup;
  const list = useReading(async (signal) => (await get<{ templates: Template[] | null }>("/v1/templates", signal)).templates ?? [], []);
  const [chosen, setChosen] = useState("");
  if (list.error !== null || (list.data && list.data.length === 0)) return null; // a form can be begun without
  const t = list.data?.find((x) => x.name === chosen);
  return (
    <div class="templates">
      <Field label={w.template} note={t?.about ?? w.templateNote}>
        {(a) => (
          <select {...a} value={chosen} onChange={(e) => {
            setChosen(e.currentTarget.value);
            const found = list.data?.find((x) => x.name === e.currentTarget.value);
            if (found) choose(templateOf(found.event));
          }}>
            <option value="">{w.noTemplate}</option>
            {(list.data ?? []).map((x) => <option value={x.name}>{x.title || x.name}</option>)}
          </select>
        )}
      </Field>
    </div>
  );
}

/** Asks once for what a template leaves open, and puts it in all the places. */
function FillIn({ names, fill }: { names: string[]; fill: (given: Record<string, string>) => void }) {
  const w = words.value.setup;
  const [given, setGiven] = useState<Record<string, string>>({});
  return (
    <form class="fill-in" aria-labelledby="fill-title" onSubmit={(e) => {
      e.preventDefault();
      fill(given);
    }}>
      <h2 id="fill-title">{w.fill}</h2>
      <p class="note">{w.fillNote}</p>
      <div class="pair">
        {names.map((n) => <Field label={n}>{(a) => <input {...a} dir="auto" value={given[n] ?? ""} onInput={(e) => setGiven({ ...given, [n]: e.currentTarget.value })} />}</Field>)}
      </div>
      <p class="actions"><button class="main" type="submit">{w.fillButton}</button></p>
    </form>
  );
}

type Set = <K extends keyof Definition>(name: K, value: Definition[K] | undefined) => void;

function Form({ event: e, set, at, slug, setSlug }: { event: Definition; set: Set; at: (path: string) => string[]; slug: string | null; setSlug: (s: string) => void }) {
  const w = words.value, s = w.setup;
  const [zone, setZone] = useState(ownZone);
  const match = e.match ?? {};
  const times = ["starts_at", "ends_at", "listen_from"] as const;
  const labels = { starts_at: s.starts, ends_at: s.ends, listen_from: s.listen };
  const notes = { starts_at: undefined, ends_at: s.endsNote, listen_from: s.listenNote };
  const sources = [...new Set([...heard, ...(e.sources ?? [])])];
  return (
    <>
      <fieldset>
        <legend>{s.about}</legend>
        <Field label={s.title} problems={at("title")}>{(a) => <input {...a} dir="auto" value={e.title ?? ""} onInput={(x) => set("title", x.currentTarget.value)} />}</Field>
        <Field label={s.slug} note={s.slugNote} problems={at("slug")}>{(a) => <input {...a} class="mono" readOnly={slug !== null} autocapitalize="none" spellcheck={false} value={e.slug ?? ""} onInput={(x) => setSlug(x.currentTarget.value)} />}</Field>
        <div class="pair">
          {times.map((t) => (
            <Field label={labels[t]} problems={at(t)} {...(notes[t] ? { note: notes[t]! } : {})}>
              {(a) => <input {...a} type="datetime-local" value={toInput(e[t], zone)} onChange={(x) => set(t, x.currentTarget.value === "" ? undefined : fromInput(x.currentTarget.value, zone))} />}
            </Field>
          ))}
          <Field label={w.chart.zone} note={s.zoneNote}>{(a) => <ZoneSelect id={a.id} value={zone} choose={setZone} />}</Field>
        </div>
        <label class="check"><input type="checkbox" checked={e.public ?? false} onChange={(x) => set("public", x.currentTarget.checked || undefined)} /> <span><b>{s.public}</b> <span class="note">{s.publicNote}</span></span></label>
        {at("public").map((p) => <p class="wrong">{p}</p>)}
      </fieldset>
      <fieldset>
        <legend>{s.match}</legend>
        {at("match").filter((p) => !/^(any|none|accounts)/.test(p)).map((p) => <p class="wrong">{p}</p>)}
        <Lines label={s.any} note={s.anyNote} problems={at("match.any")} list={match.any} write={(any) => set("match", clean({ ...match, any }))} rows={6} />
        <div class="pair">
          <Lines label={s.none} note={s.noneNote} problems={at("match.none")} list={match.none} write={(none) => set("match", clean({ ...match, none }))} rows={3} />
          <Lines label={s.accounts} note={s.accountsNote} problems={at("match.accounts")} list={match.accounts} write={(accounts) => set("match", clean({ ...match, accounts }))} rows={3} />
        </div>
      </fieldset>
      <fieldset>
        <legend>{s.services}</legend>
        <p class="note">{s.servicesNote}</p>
        <Field label={s.platform} note={s.platformNote} problems={at("platform")}>
          {(a) => (
            <select {...a} value={e.platform ?? ""} onChange={(x) => set("platform", x.currentTarget.value)}>
              <option value="">{s.noPlatform}</option>
              {sources.map((n) => <option value={n}>{sourceName(n)}</option>)}
            </select>
          )}
        </Field>
        <Services list={e.services ?? []} write={(list) => set("services", list)} at={at} />
      </fieldset>
      <fieldset>
        <legend>{s.sources}</legend>
        <p class="note">{s.sourcesNote}</p>
        <div class="checks">
          {sources.map((n) => (
            <label class="check"><input type="checkbox" checked={(e.sources ?? []).includes(n)} onChange={(x) => set("sources", x.currentTarget.checked ? [...(e.sources ?? []), n] : (e.sources ?? []).filter((y) => y !== n))} /> {sourceName(n)}</label>
          ))}
        </div>
        {at("sources").map((p) => <p class="wrong">{p}</p>)}
        <div class="pair">
          <Field label={s.spend} note={s.spendNote} problems={at("spend")}>
            {(a) => <input {...a} type="number" min={0} step="any" value={e.spend?.["x"]?.usd ?? ""} onInput={(x) => {
              const { x: _, ...rest } = e.spend ?? {};
              set("spend", x.currentTarget.value === "" ? rest : { ...rest, x: { usd: x.currentTarget.valueAsNumber } });
            }} />}
          </Field>
          <Field label={s.retention} note={s.retentionNote} problems={at("retention")}>{(a) => <input {...a} placeholder="30d" value={e.retention ?? ""} onInput={(x) => set("retention", x.currentTarget.value.trim())} />}</Field>
        </div>
      </fieldset>
      <fieldset>
        <legend>{s.entities}</legend>
        <p class="note">{s.entitiesNote}</p>
        <Entities list={e.entities ?? []} write={(list) => set("entities", list)} at={at} />
      </fieldset>
    </>
  );
}

/** A match without its empty lists. */
function clean(m: NonNullable<Definition["match"]>): NonNullable<Definition["match"]> {
  return Object.fromEntries(Object.entries(m).filter(([, list]) => list.length > 0));
}

/** A list as lines of text. What is being typed stays as it is; the list has no empty lines. */
function Lines({ label, note, problems, list, write, rows }: { label: string; note: string; problems: string[]; list: string[] | undefined; write: (list: string[]) => void; rows: number }) {
  const [text, setText] = useState((list ?? []).join("\n"));
  const now = (list ?? []).join("\n");
  useEffect(() => {
    if (linesOf(text).join("\n") !== now) setText(now);
  }, [now]);
  return (
    <Field label={label} note={note} problems={problems}>
      {(a) => <textarea {...a} rows={rows} dir="auto" spellcheck={false} value={text} onInput={(e) => {
        setText(e.currentTarget.value);
        write(linesOf(e.currentTarget.value));
      }} />}
    </Field>
  );
}

function Services({ list, write, at }: { list: Service[]; write: (list: Service[]) => void; at: (path: string) => string[] }) {
  const w = words.value.setup;
  const replace = (i: number, s: Service) => write(list.map((x, j) => (j === i ? s : x)));
  const probe = (i: number, j: number, p: Probe) => {
    const s = list[i]!;
    replace(i, { ...s, probes: (s.probes ?? []).map((x, k) => (k === j ? p : x)) });
  };
  return (
    <>
      {list.map((s, i) => (
        <div class="group" role="group" aria-label={`${w.service} ${i + 1}`}>
          <Field label={w.serviceName} problems={at(`services[${i}].name`)}>{(a) => <input {...a} value={s.name} onInput={(e) => replace(i, { ...s, name: e.currentTarget.value })} />}</Field>
          {(s.probes ?? []).map((p, j) => (
            <div class="probe" role="group" aria-label={`${w.probe} ${j + 1}`}>
              <Field label={w.probeKind}>{(a) => <select {...a} value={p.kind} onChange={(e) => probe(i, j, { ...p, kind: e.currentTarget.value })}>{[...new Set([...probeKinds, p.kind])].map((k) => <option>{k}</option>)}</select>}</Field>
              {p.kind !== "push" && <Field label={p.kind === "audience" ? w.space : w.url}>{(a) => <input {...a} class="mono" value={(p.kind === "audience" ? p.space : p.url) ?? ""} onInput={(e) => probe(i, j, p.kind === "audience" ? { ...p, space: e.currentTarget.value } : { ...p, url: e.currentTarget.value })} />}</Field>}
              <Field label={w.every}>{(a) => <input {...a} placeholder="10s" value={p.every ?? ""} onInput={(e) => {
                const { every: _, ...rest } = p;
                probe(i, j, e.currentTarget.value.trim() === "" ? rest : { ...rest, every: e.currentTarget.value.trim() });
              }} />}</Field>
              <button type="button" class="icon" aria-label={w.takeProbe} title={w.takeProbe} onClick={() => replace(i, { ...s, probes: (s.probes ?? []).filter((_, k) => k !== j) })}>×</button>
              {at(`services[${i}].probes[${j}]`).map((x) => <p class="wrong">{x}</p>)}
            </div>
          ))}
          <p class="actions">
            <button type="button" onClick={() => replace(i, { ...s, probes: [...(s.probes ?? []), { kind: "http", url: "", every: "10s" }] })}>{w.addProbe}</button>
            <button type="button" onClick={() => write(list.filter((_, j) => j !== i))}>{w.takeService}</button>
          </p>
        </div>
      ))}
      {at("services").filter((p) => !/^\d/.test(p)).map((p) => <p class="wrong">{p}</p>)}
      <p><button type="button" onClick={() => write([...list, { name: "" }])}>{w.addService}</button></p>
    </>
  );
}

function Entities({ list, write, at }: { list: Entity[]; write: (list: Entity[]) => void; at: (path: string) => string[] }) {
  const w = words.value.setup;
  const replace = (i: number, n: Entity) => write(list.map((x, j) => (j === i ? n : x)));
  return (
    <>
      {list.map((n, i) => (
        <div class="group entity" role="group" aria-label={`${w.entity} ${i + 1}`}>
          <Field label={w.entityName} problems={at(`entities[${i}].name`)}>{(a) => <input {...a} dir="auto" value={n.name} onInput={(e) => replace(i, { ...n, name: e.currentTarget.value })} />}</Field>
          <Field label={w.entityKind} problems={at(`entities[${i}].kind`)}>{(a) => <select {...a} value={n.kind} onChange={(e) => replace(i, { ...n, kind: e.currentTarget.value })}>{[...new Set([...entityKinds, n.kind])].map((k) => <option value={k}>{(w.entityKinds as Record<string, string>)[k] ?? k}</option>)}</select>}</Field>
          <Commas label={w.aliases} list={n.aliases} write={(aliases) => {
            const { aliases: _, ...rest } = n;
            replace(i, aliases.length > 0 ? { ...rest, aliases } : rest);
          }} />
          <button type="button" class="icon" aria-label={w.takeEntity} title={w.takeEntity} onClick={() => write(list.filter((_, j) => j !== i))}>×</button>
        </div>
      ))}
      {at("entities").filter((p) => !/^\d/.test(p)).map((p) => <p class="wrong">{p}</p>)}
      <p><button type="button" onClick={() => write([...list, { name: "", kind: "person" }])}>{w.addEntity}</button></p>
    </>
  );
}

const commasOf = (text: string): string[] => text.split(",").map((t) => t.trim()).filter((t) => t !== "");

function Commas({ label, list, write }: { label: string; list: string[] | undefined; write: (list: string[]) => void }) {
  const [text, setText] = useState((list ?? []).join(", "));
  const now = (list ?? []).join(", ");
  useEffect(() => {
    if (commasOf(text).join(", ") !== now) setText(now);
  }, [now]);
  return <Field label={label}>{(a) => <input {...a} dir="auto" value={text} onInput={(e) => {
    setText(e.currentTarget.value);
    write(commasOf(e.currentTarget.value));
  }} />}</Field>;
}

/** The event's file: a text with numbered lines, and the mistakes at their lines. */
function File({ yaml, problems, others, quiet, write }: { yaml: string; problems: DraftProblem[]; others: DraftProblem[]; quiet: boolean; write: (text: string) => void }) {
  const w = words.value.setup;
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = yaml.split("\n").length;
  const bad = new Set(problems.map((p) => p.line));
  const jump = (line: number) => {
    const t = area.current!;
    const { from, to } = lineAt(yaml, line);
    t.focus();
    t.setSelectionRange(from, to);
    t.scrollTop = Math.max(0, (line - 4) * (t.scrollHeight / Math.max(lines, 1)));
  };
  const listed = [...problems.filter((p) => p.line !== undefined), ...others.filter((p) => p.line === undefined)];
  return (
    <section aria-labelledby="file-title">
      <h2 id="file-title">{w.file}</h2>
      <p class="note" id="file-note">{w.fileNote}</p>
      <div class="file">
        <div class="gutter" ref={gutter} aria-hidden="true">{Array.from({ length: lines }, (_, i) => <span class={bad.has(i + 1) ? "bad" : ""}>{i + 1}</span>)}</div>
        <textarea ref={area} class="mono" aria-labelledby="file-title" aria-describedby="file-note" wrap="off" spellcheck={false} autocapitalize="none" value={yaml}
          onScroll={(e) => gutter.current && (gutter.current.scrollTop = e.currentTarget.scrollTop)} onInput={(e) => write(e.currentTarget.value)} />
      </div>
      <div role="status">
        {listed.length > 0 && (
          <ul class="mistakes">{listed.map((p) => <li>{p.line ? <button type="button" class="link" onClick={() => jump(p.line!)}>{w.line(p.line)}</button> : null} <span><code>{p.path}</code> {p.text}</span></li>)}</ul>
        )}
        {problems.length === 0 && !quiet && <p class="note">{w.noMistakes}</p>}
      </div>
    </section>
  );
}

/** Tries the terms on what was heard lately. */
function TryOut({ match, slug }: { match: NonNullable<Definition["match"]>; slug: string | null }) {
  const w = words.value.setup, l = locale.value;
  const [trial, setTrial] = useState<Trial | null>(null);
  const task = useTask();
  const empty = !match.any?.length && !match.accounts?.length;
  const most = Math.max(1, ...(trial?.terms ?? []).map((t) => t.matched));
  return (
    <section class="try panel" aria-labelledby="try-title">
      <h2 id="try-title">{w.tryTitle}</h2>
      <p class="note">{slug ? w.tryEvent : w.tryNote}</p>
      <p class="actions"><button type="button" disabled={empty || task.busy} onClick={() => task.run(async () => setTrial(await post<Trial>("/v1/trials", { match, ...(slug ? { event: slug } : {}) })))}>{w.tryButton}</button>{empty && <span class="note">{w.tryEmpty}</span>}</p>
      {task.error !== null && <Failure error={task.error} />}
      {trial && (
        <div role="status">
          <p><b>{w.tryFound(number(trial.matched, l), number(trial.seen, l))}</b>{trial.from && trial.to && <> {zoned(trial.from, ownZone, l)} – {zoned(trial.to, ownZone, l)}</>}</p>
          {trial.seen === 0 && <p class="note">{w.tryNothing}</p>}
          <ul class="bars">{(trial.seen === 0 ? [] : trial.terms ?? []).map((t) => <li><span class="bar"><span class="fill" aria-hidden="true" style={{ width: `${(100 * t.matched) / most}%` }} /><span class="what"><Foreign>{t.term}</Foreign></span></span><span class="num">{number(t.matched, l)}</span></li>)}</ul>
          {(trial.examples ?? []).length > 0 && <h3>{w.examples}</h3>}
          <ol class="post-list">
            {(trial.examples ?? []).map((x) => {
              const url = webAddress(x.url), when = zoned(x.at, ownZone, l, "fullSeconds");
              return <li class="post"><p class="post-head"><b>{sourceName(x.source)}</b> {url ? <a href={url} rel="noreferrer nofollow" target="_blank">{when}</a> : when}</p><p class="post-text" dir="auto">{tame(x.text.slice(0, 700))}</p></li>;
            })}
          </ol>
        </div>
      )}
    </section>
  );
}
