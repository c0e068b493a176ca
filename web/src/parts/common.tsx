// Small parts that every page is made of.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { straight } from "../bytes.ts";
import { Problem } from "../call.ts";
import type { Event } from "../model.ts";
import { locale, words } from "../settings.ts";

/** A text from outside: kept apart from the text around it, whichever way it runs. */
export function Foreign({ children }: { children: string }) {
  return <bdi class="foreign">{straight(children)}</bdi>;
}

/** Drills and records follow a clock of their own, so nobody waits for their planned start. */
export const unscheduled = (e: Pick<Event, "simulated" | "recorded" | "status">): boolean => e.status === "scheduled" && (e.simulated === true || e.recorded);

/** The marks that an event must carry, wherever it is shown. */
export function Marks({ of, status = true }: { of: Pick<Event, "simulated" | "recorded" | "public" | "status">; status?: boolean }) {
  const w = words.value;
  return (
    <>
      {of.simulated && <span class="mark mark-simulated" title={w.marks.simulatedMeans}>{w.marks.simulated}</span>}
      {of.recorded && <span class="mark" title={w.marks.recordedMeans}>{w.marks.recorded}</span>}
      {of.public && <span class="mark" title={w.marks.publicMeans}>{w.marks.public}</span>}
      {status && !unscheduled(of) && <span class={`mark mark-status is-${of.status}`}>{w.status[of.status]}</span>}
    </>
  );
}

/** What went wrong, in a sentence; the server's own words besides. */
export function explain(e: unknown): string {
  const w = words.value.trouble;
  if (!(e instanceof Problem)) return w.page;
  const known = e.status === 0 ? w.silent : e.status === 429 ? w.tooMany(e.retryAfter) : e.status === 503 ? w.database
    : e.status === 401 ? w.signedOut : e.status === 403 ? w.forbidden : e.status >= 500 ? w.failed(e.status) : "";
  if (known === "") return e.detail || w.refused(e.status);
  return e.detail && locale.value === "en" && e.status !== 401 && e.status < 500 ? `${known} ${e.detail}` : known;
}

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const request = error instanceof Problem && error.status >= 500 ? error.requestId : "";
  const said = explain(error);
  const mistakes = error instanceof Problem ? error.mistakes.filter((m) => !said.includes(m.message)) : [];
  return (
    <div class="notice notice-bad" role="alert">
      <p>{said}</p>
      {mistakes.length > 0 && (
        <ul>{mistakes.map((m) => <li><Foreign>{(m.location ? `${m.location}: ` : "") + m.message}</Foreign></li>)}</ul>
      )}
      {request && <p class="small">{words.value.trouble.request} <code>{request}</code></p>}
      {again && <p><button type="button" onClick={again}>{words.value.common.again}</button></p>}
    </div>
  );
}

export function Reading() {
  return <p class="reading" role="status">{words.value.common.reading}</p>;
}

/** A text with a button that copies it. */
export function Copied({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      document.execCommand("copy"); // where the page is not served over TLS
    }
    setDone(true);
    setTimeout(() => setDone(false), 4000);
  };
  return (
    <div class="copied">
      <input ref={field} class="mono" readOnly value={text} aria-label={label} onFocus={(e) => e.currentTarget.select()} />
      <button type="button" onClick={copy}>{done ? words.value.common.copied : words.value.common.copy}</button>
      <span class="hidden" role="status">{done ? words.value.common.copied : ""}</span>
    </div>
  );
}

/** A dialog that the browser keeps the focus in. It closes with Escape and returns the focus. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={close} onClick={(e) => e.target === ref.current && close()}>
      <div class="dialog">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A label, a control and what is wrong with it. */
export function Field({ label, note, problems, children, wide }: {
  label: string; note?: string; problems?: readonly string[]; wide?: boolean; children: (a: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ComponentChildren;
}) {
  const id = useId();
  const bad = (problems?.length ?? 0) > 0;
  const described = [note ? `${id}-n` : "", bad ? `${id}-p` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field${wide ? " wide" : ""}${bad ? " bad" : ""}`}>
      <label for={id}>{label}</label>
      {children({ id, ...(described ? { "aria-describedby": described } : {}), ...(bad ? { "aria-invalid": true as const } : {}) })}
      {note && <p id={`${id}-n`} class="note">{note}</p>}
      {bad && <ul id={`${id}-p`} class="wrong">{problems!.slice(0, 4).map((p) => <li>{p}</li>)}{problems!.length > 4 && <li>+{problems!.length - 4}</li>}</ul>}
    </div>
  );
}

/** Runs something that may fail, once at a time. */
export function useTask(): { busy: boolean; error: unknown; run: (f: () => Promise<void>) => Promise<void>; clear: () => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const run = async (f: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await f();
    } catch (e) {
      if (alive.current) setError(e);
    }
    if (alive.current) setBusy(false);
  };
  return { busy, error, run, clear: () => setError(null) };
}

/** What was read from an address: the answer, or why there is none. */
export interface Reading<T> { data: T | null; error: unknown; again: () => Promise<void>; set: (f: (old: T | null) => T | null) => void }

export function useReading<T>(read: (signal: AbortSignal) => Promise<T>, on: readonly unknown[]): Reading<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown }>({ data: null, error: null });
  const stop = useRef<AbortController | null>(null);
  const again = async () => {
    stop.current?.abort();
    const mine = (stop.current = new AbortController());
    try {
      const data = await read(mine.signal);
      if (!mine.signal.aborted) setState({ data, error: null });
    } catch (error) {
      if (!mine.signal.aborted) setState((s) => ({ data: s.data, error }));
    }
  };
  useEffect(() => {
    void again();
    return () => stop.current?.abort();
  }, on);
  return { ...state, again, set: (f) => setState((s) => ({ ...s, data: f(s.data) })) };
}
