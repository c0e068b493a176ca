// The live stream of an event: what it brings, whether it stands, and what is done when there is
// none. It resumes after the last event it saw; where a server has no stream, figures are asked
// for every few seconds instead.
import type { Event, Series, Summary } from "./model.ts";
import { parseStep } from "./step.ts";

export type Link = "connecting" | "live" | "reconnecting" | "polling" | "refused";

export interface Listener {
  summary(s: Summary): void;
  figures(changed: Series[], step: number): void;
  life(e: Event): void;
  /** What was missed is not known any more, or there is no stream: read everything again. */
  reset(): void;
  link(state: Link, since: number): void;
}

const pollEvery = 5_000;
const slowest = 30_000;
/** A page that nobody sees lets go of its stream: over HTTP/1.1 a browser has six connections for all. */
const unseenFor = 20_000;

export class Stream {
  #url: string;
  #to: Listener;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = "";
  #failures = 0;
  #state: Link | null = null;
  #since = 0;
  #closed = false;
  #away = false;
  #unseen: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, to: Listener) {
    this.#url = url;
    this.#to = to;
    this.#say("connecting");
    document.addEventListener("visibilitychange", this.#seen);
    this.#open();
  }

  close(): void {
    this.#closed = true;
    document.removeEventListener("visibilitychange", this.#seen);
    this.#source?.close();
    clearTimeout(this.#timer);
    clearTimeout(this.#unseen);
  }

  #seen = (): void => {
    clearTimeout(this.#unseen);
    if (document.visibilityState === "hidden") {
      this.#unseen = setTimeout(() => {
        this.#source?.close();
        clearTimeout(this.#timer);
        this.#away = true;
      }, unseenFor);
    } else if (this.#away) {
      this.#away = false;
      clearTimeout(this.#timer);
      this.#open();
    }
  };

  #say(state: Link): void {
    if (state !== this.#state) [this.#state, this.#since] = [state, Date.now()];
    this.#to.link(state, this.#since);
  }

  #open(): void {
    // The browser repeats Last-Event-ID by itself only while it keeps the connection; after it gave
    // up, the id goes along as a parameter.
    const source = new EventSource(this.#last ? `${this.#url}&last_event_id=${encodeURIComponent(this.#last)}` : this.#url);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#say("live");
    };
    source.onerror = () => {
      if (this.#closed || this.#away) return;
      this.#say("reconnecting");
      if (source.readyState === EventSource.CLOSED) void this.#refused();
    };
    const on = <T>(type: string, f: (data: T) => void): void =>
      source.addEventListener(type, (e) => {
        this.#last = e.lastEventId || this.#last;
        let data: T;
        try {
          data = (e.data === "" ? null : JSON.parse(e.data as string)) as T;
        } catch {
          return this.#to.reset();
        }
        f(data);
      });
    on<Summary>("summary", (s) => this.#to.summary(s));
    on<{ series: Series[]; step: string }>("figures", (f) => this.#to.figures(f.series, parseStep(f.step) ?? 0));
    on<Event>("life", (e) => this.#to.life(e));
    on("reset", () => this.#to.reset());
  }

  /** The browser gave up: ask why, and try again or do without. */
  async #refused(): Promise<void> {
    let status = 0, asked = 0;
    const stop = new AbortController();
    try {
      const answer = await fetch(this.#url, { headers: { Accept: "text/event-stream" }, signal: stop.signal });
      status = answer.status;
      asked = Number(answer.headers.get("Retry-After") ?? 0) * 1000 || 0;
    } catch { /* nobody answers */ }
    stop.abort();
    if (this.#closed || this.#away) return;
    if (status === 401 || status === 403) return this.#say("refused");
    if (status === 404 || status === 405 || status === 501) return this.#poll();
    if (status === 200) this.#to.reset(); // it is there again, and what came meanwhile may be lost
    const wait = Math.min(1000 * 2 ** this.#failures++, slowest) * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => !this.#away && this.#open(), Math.max(wait, asked));
  }

  #poll(): void {
    this.#say("polling");
    this.#to.reset();
    this.#timer = setTimeout(() => this.#poll(), pollEvery);
  }
}
