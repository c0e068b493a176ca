// The two offers that make an event out of nothing: playing the drill, and replaying a file.
import { useEffect, useRef, useState } from "preact/hooks";
import { eventPath } from "../address.ts";
import { get, post, upload } from "../call.ts";
import { bytes, fromInput, number, toInput, zoned } from "../format.ts";
import type { Event, Play, Recording } from "../model.ts";
import { go } from "../router.ts";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";
import { slugOf, termsOf } from "../suggest.ts";
import { sourceName, ZoneSelect } from "../chart/names.tsx";
import { Failure, Field, Foreign, useReading, useTask } from "./common.tsx";

const speeds = ["1x", "10x", "60x", "300x", "max"] as const;
const usualSpeed = "60x";

/** A speed as people read it: 60×. */
export const speedText = (s: string): string => (s === "max" ? words.value.play.fastest : s.replace(/x$/, "×"));

function Speed({ value, choose }: { value: string; choose: (s: string) => void }) {
  const w = words.value.play;
  return (
    <Field label={w.speed} note={w.speedNote[value as "60x"] ?? ""}>
      {(a) => <select {...a} value={value} onChange={(e) => choose(e.currentTarget.value)}>{speeds.map((s) => <option value={s}>{speedText(s)}</option>)}</select>}
    </Field>
  );
}

export function DrillOffer() {
  const w = words.value.play;
  const drills = useReading((signal) => get<{ scenarios: { scenario: string; about: string }[] }>("/v1/drills", signal), []);
  const [scenario, setScenario] = useState("launch");
  const [speed, setSpeed] = useState<string>(usualSpeed);
  const task = useTask();
  const list = drills.data?.scenarios ?? [];
  const chosen = list.some((s) => s.scenario === scenario) ? scenario : list[0]?.scenario ?? "";
  return (
    <section class="offer" aria-labelledby="drill-title">
      <h2 id="drill-title">{w.drill}</h2>
      <p>{w.drillText}</p>
      {drills.error !== null && <Failure error={drills.error} again={() => void drills.again()} />}
      <form onSubmit={(e) => {
        e.preventDefault();
        void task.run(async () => {
          const { play } = await post<{ play: Play }>("/v1/drills", { scenario: chosen, speed });
          go(eventPath(play.event));
        });
      }}>
        <fieldset class="choice" disabled={list.length === 0}>
          <legend>{w.scenario}</legend>
          {list.map((s) => (
            <label>
              <input type="radio" name="scenario" value={s.scenario} checked={chosen === s.scenario} onChange={() => setScenario(s.scenario)} />{" "}
              <span><b>{(w.scenarios as Record<string, string>)[s.scenario] ?? s.scenario}</b> <span class="note" lang={(w.abouts as Record<string, string>)[s.scenario] ? undefined : "en"}>{(w.abouts as Record<string, string>)[s.scenario] ?? s.about}</span></span>
            </label>
          ))}
        </fieldset>
        <Speed value={speed} choose={setSpeed} />
        {task.error !== null && <Failure error={task.error} />}
        <p class="actions"><button class="main" type="submit" disabled={task.busy || list.length === 0}>{w.playDrill}</button></p>
      </form>
    </section>
  );
}

export function RecordingOffer() {
  const w = words.value.play, l = locale.value;
  const [progress, setProgress] = useState<number | null>(null);
  const [recording, setRecording] = useState<Recording | null>(null);
  const [over, setOver] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const task = useTask();
  const send = (file: File | undefined) => {
    if (!file) return;
    setRecording(null);
    setProgress(0);
    stop.current = new AbortController();
    const { signal } = stop.current;
    void task.run(async () => {
      try {
        const a = await upload<{ recording: Recording }>(`/v1/recordings?name=${encodeURIComponent(file.name)}`, file, setProgress, signal);
        setRecording(a.recording);
      } catch (e) {
        if (!signal.aborted) throw e;
      } finally {
        setProgress(null);
      }
    });
  };
  return (
    <section class="offer" aria-labelledby="file-title">
      <h2 id="file-title">{w.file}</h2>
      <p>{w.fileText}</p>
      <label class={`drop${over ? " over" : ""}`}
        onDragOver={(e) => (e.preventDefault(), setOver(true))} onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          send(e.dataTransfer?.files[0]);
        }}>
        <span>{w.chooseFile}</span>
        <input type="file" disabled={task.busy} onChange={(e) => send(e.currentTarget.files?.[0])} />
        <span class="note">{w.fileNote}</span>
      </label>
      {progress !== null && (
        <div class="uploading">
          <label>{progress < 1 ? w.sending : w.looking}<progress max={1} value={progress < 1 ? progress : undefined} /></label>
          <button type="button" onClick={() => stop.current?.abort()}>{words.value.common.stop}</button>
        </div>
      )}
      {task.error !== null && <Failure error={task.error} />}
      {recording && <Found recording={recording} l={l} />}
    </section>
  );
}

/** What was found in the file, and the event that it is played into. */
function Found({ recording: r, l }: { recording: Recording; l: string }) {
  const w = words.value;
  const [zone, setZone] = useState(ownZone);
  const base = r.name.replace(/\.(gz|zst|csv|jsonl?|ndjson|tsv|txt)\b/g, "");
  const [title, setTitle] = useState(base.replace(/[_-]+/g, " "));
  const [slug, setSlug] = useState(slugOf(base));
  const [from, setFrom] = useState(toInput(r.from, zone));
  const [to, setTo] = useState(toInput(r.to, zone));
  const [terms, setTerms] = useState(termsOf(r.hashtags ?? []).join("\n"));
  const [speed, setSpeed] = useState<string>("max");
  const [existing, setExisting] = useState("");
  const events = useReading(async (signal) => (await get<{ events: Event[] }>("/v1/events?limit=100", signal)).events.filter((e) => !e.simulated), []);
  const box = useRef<HTMLDivElement>(null);
  const task = useTask();
  useEffect(() => box.current?.focus(), []);
  const admin = may("admin");
  return (
    <div class="found" ref={box} tabIndex={-1}>
      <h3>{w.play.found}</h3>
      <dl class="facts">
        <div><dt>{w.play.fileHead}</dt><dd><Foreign>{r.name}</Foreign>, {bytes(r.bytes, l)}, {r.format}</dd></div>
        <div><dt>{w.play.rows}</dt><dd>{w.play.accepted(number(r.accepted, l), number(r.rows, l))}{(r.rejected ?? []).length > 0 && <ul>{r.rejected!.map((x) => <li>{number(x.rows, l)}: {x.reason}</li>)}</ul>}</dd></div>
        <div><dt>{w.play.span}</dt><dd>{zoned(r.from, zone, l)} – {zoned(r.to, zone, l)}</dd></div>
        <div><dt>{w.chart.source}</dt><dd>{r.sources.map(sourceName).join(", ")}</dd></div>
        {(r.hashtags ?? []).length > 0 && <div><dt>{w.tags.title}</dt><dd>{r.hashtags!.slice(0, 8).map((h, i) => <>{i > 0 && ", "}#<Foreign>{h.display}</Foreign> {number(h.posts, l)}</>)}</dd></div>}
        {(r.notes ?? []).map((n) => <div><dt>{w.passport.note}</dt><dd><Foreign>{n}</Foreign></dd></div>)}
      </dl>
      <form onSubmit={(e) => {
        e.preventDefault();
        void task.run(async () => {
          let into = existing;
          if (into === "") {
            const any = terms.split("\n").map((t) => t.trim()).filter((t) => t !== "");
            const created = await post<Event>("/v1/events", { slug, title, starts_at: fromInput(from, zone), ends_at: fromInput(to, zone), listen_from: fromInput(from, zone), match: { any }, sources: r.sources });
            into = created.slug;
            setExisting(into); // should playing fail, the event is there and is not made twice
          }
          await post("/v1/plays", { recording: r.id, event: into, speed });
          go(eventPath(into));
        });
      }}>
        <Field label={w.play.into}>
          {(a) => (
            <select {...a} value={existing} onChange={(e) => setExisting(e.currentTarget.value)}>
              {admin && <option value="">{w.play.newEvent}</option>}
              {!admin && <option value="">{w.play.chooseEvent}</option>}
              {(events.data ?? []).map((x) => <option value={x.slug}>{x.title}</option>)}
            </select>
          )}
        </Field>
        {existing === "" && admin && (
          <>
            <Field label={w.setup.title}>{(a) => <input {...a} required maxLength={300} value={title} onInput={(e) => setTitle(e.currentTarget.value)} />}</Field>
            <Field label={w.setup.slug} note={w.setup.slugNote}>{(a) => <input {...a} required pattern="[a-z0-9]([a-z0-9\-]{0,62}[a-z0-9])?" value={slug} onInput={(e) => setSlug(e.currentTarget.value)} />}</Field>
            <div class="pair">
              <Field label={w.setup.starts}>{(a) => <input {...a} type="datetime-local" step={1} required value={from} onInput={(e) => setFrom(e.currentTarget.value)} />}</Field>
              <Field label={w.setup.ends}>{(a) => <input {...a} type="datetime-local" step={1} value={to} onInput={(e) => setTo(e.currentTarget.value)} />}</Field>
            </div>
            <Field label={w.chart.zone}>{(a) => <ZoneSelect id={a.id} value={zone} choose={(z) => {
              setFrom(toInput(fromInput(from, zone), z));
              setTo(toInput(fromInput(to, zone), z));
              setZone(z);
            }} />}</Field>
            <Field label={w.setup.any} note={w.play.termsNote}>{(a) => <textarea {...a} required rows={5} dir="auto" value={terms} onInput={(e) => setTerms(e.currentTarget.value)} />}</Field>
          </>
        )}
        <Speed value={speed} choose={setSpeed} />
        {task.error !== null && <Failure error={task.error} />}
        <p class="actions"><button class="main" type="submit" disabled={task.busy || (!admin && existing === "")}>{w.play.playFile}</button></p>
      </form>
    </div>
  );
}
