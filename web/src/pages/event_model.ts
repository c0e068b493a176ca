// What the event page knows and how it stays true: it reads figures for what is shown, follows the
// stream, and keeps the view in the address.
import { batch, computed, signal } from "@preact/signals";
import { drawable, readView, stamp, writeView, type View } from "../address.ts";
import { ask, get, Problem, type Answer } from "../call.ts";
import { joined } from "../heard.ts";
import { figuresOf, lastKnown, merge, seconds, type Figures } from "../figures.ts";
import { api, figureQuery } from "../links.ts";
import type { Coverage, Event, LifeEntry, Mark, Passport, Post, Series, Summary, Tag, Trend } from "../model.ts";
import { seldom } from "../poll.ts";
import { rewrite } from "../router.ts";
import { signedIn } from "../session.ts";
import { locale, ownZone } from "../settings.ts";
import { maxBuckets, narrowest, onGrid, parseStep, stepFor, stepText, toRead, within, type Span } from "../step.ts";
import { Stream, type Link } from "../stream.ts";

const postsShown = 30;

const time = (text: string | null | undefined): number => (text ? seconds(text) : 0);

export class EventModel {
  readonly slug: string;
  readonly event = signal<Event | null>(null);
  readonly life = signal<LifeEntry[]>([]);
  readonly summary = signal<Summary | null>(null);
  readonly figures = signal<Figures | null>(null);
  readonly passport = signal<Passport | null>(null);
  readonly marks = signal<Mark[]>([]);
  /** Coverage, and up to when it tells of any source. */
  readonly coverage = signal<(Coverage & { told: number }) | null>(null);
  readonly tags = signal<Tag[] | null>(null);
  readonly posts = signal<Post[] | null>(null);
  readonly newer = signal<Post[] | null>(null); // waits while the list is being read
  readonly morePosts = signal<string | null>(null);
  readonly error = signal<unknown>(null);
  readonly figureError = signal<unknown>(null);
  readonly postError = signal<unknown>(null);
  readonly loading = signal(false);
  readonly link = signal<{ state: Link; since: number }>({ state: "connecting", since: Date.now() });
  readonly view = signal<View>(readView(location.search, ownZone));
  /** Everything was read once: before, nobody knows how far the event has come. */
  readonly ready = signal(false);
  /** Counts the times that lists beside the chart are read anew, for those that read for themselves. */
  readonly pulse = signal(0);
  /** The list of posts is in use: new ones wait. */
  held = false;

  /** The extent of what can be seen: what is known, as far as it has come. */
  readonly bounds = computed<Span>(() => {
    const e = this.event.value;
    if (!e) return { from: 0, to: 60 };
    let from = seconds(e.window.from), to = seconds(e.window.to);
    const f = this.figures.value;
    if (f && this.#whole) to = Math.max(to, f.to);
    const at = this.summary.value?.at;
    if (at) to = Math.max(to, Math.min(seconds(at), to + 3600));
    if (!(to > from)) to = from + 60;
    return { from, to };
  });

  get over(): boolean {
    return this.event.value?.status === "ended" || this.event.value?.status === "cancelled";
  }

  /**
   * Where the event has come to: what lies after it has not happened yet, which is not the same as
   * not being known. An event that is over has come to its end.
   */
  readonly horizon = computed<number>(() => {
    const e = this.event.value, b = this.bounds.value, f = this.figures.value;
    if (!e || this.over) return b.to;
    const clock = Math.max(time(this.summary.value?.at), time(this.passport.value?.watermark));
    return Math.min(b.to, Math.max(clock, f ? lastKnown(f) : 0, b.from));
  });

  /** What is shown by itself: everything, with a little room for what comes next. */
  readonly #all = computed<Span>(() => {
    const b = this.bounds.value, h = this.horizon.value;
    return h <= b.from + narrowest ? b : { from: b.from, to: Math.min(b.to, h + (h - b.from) * 0.04) };
  });

  /** The window of the view: what everything is read and cited for. */
  readonly settled = computed<Span>(() => (this.view.value.window ? within(this.view.value.window, this.bounds.value) : this.#all.value));

  /** A window on its way: only the plot and its lanes follow the hand, the rest waits until it rests. */
  readonly moving = signal<Span | null>(null);
  readonly shown = computed<Span>(() => this.moving.value ?? this.settled.value);

  /** How wide the plot is, in pixels: it has no use for many more buckets. */
  readonly width = signal(Math.min(1100, innerWidth - 110));

  /** What is read besides the lines of the view: each service, for a lane of its own. */
  readonly services = computed<string[]>(() => {
    const names = (this.event.value?.services ?? []).map((s) => s.name).filter((n) => n !== "" && !n.includes(","));
    const room = 12 - this.view.value.series.length;
    return this.view.value.series.includes("health") && names.length > 1 && names.length <= room ? names.map((n) => `health:${n}`) : [];
  });

  readonly #asked = computed<string[]>(() => [...new Set([...this.view.value.series, ...this.services.value])]);

  readonly step = computed<number>(() => {
    const w = this.settled.value, v = this.view.value;
    const least = v.series.some((n) => n === "authors" || n.startsWith("counts:")) ? 60 : 10;
    const fits = v.step !== null && (w.to - w.from) / v.step <= maxBuckets;
    const most = Math.min(300, Math.max(150, Math.round(this.width.value / 50) * 25)); // four pixels a bucket: lines and not a comb
    return Math.max(fits ? v.step! : stepFor(w.to - w.from, most), least);
  });

  /** The window on the grid of its step, as downloads and permalinks have it. */
  readonly cited = computed<Span>(() => onGrid(this.settled.value, this.step.value));

  #meanwhile: { changed: readonly Series[]; step: number }[] = [];
  #whole = false; // the figures reach to the end of what is known
  #stream: Stream | null = null;
  #streamed = "";
  #read: { key: string; stop: AbortController } | null = null;
  #closed = false;
  #later = { window: undefined as ReturnType<typeof setTimeout> | undefined };

  readonly #refreshPosts = seldom(3_000, () => void this.readPosts(true));
  readonly #refreshLists = seldom(4_000, () => {
    this.pulse.value++;
    void this.#readTags();
    void this.#readCoverage();
  });
  readonly #refreshFigures = seldom(2_000, () => void this.readFigures(true));
  readonly #refreshSummary = seldom(3_000, () => void this.#readSummary());
  readonly #refreshEvent = seldom(8_000, () => void this.#readEvent());

  constructor(slug: string) {
    this.slug = slug;
  }

  async start(): Promise<void> {
    this.error.value = null;
    try {
      this.event.value = await get<Event>(api(this.slug));
    } catch (e) {
      this.error.value = e;
      return;
    }
    if (this.#closed) return;
    this.#write();
    await Promise.all([this.readFigures(), this.#readSummary(), this.#readTags(), this.#readCoverage(), this.#readLife(), this.readPosts(false)]);
    this.ready.value = true;
    this.#follow();
  }

  /** The plot was drawn so wide. */
  drawnAt(width: number): void {
    if (Math.abs(width - this.width.peek()) < 40) return;
    const before = this.step.value;
    this.width.value = width;
    if (this.step.value === before) return;
    void this.readFigures();
    this.#follow();
  }

  close(): void {
    this.#closed = true;
    this.#stream?.close();
    this.#read?.stop.abort();
    clearTimeout(this.#later.window);
    for (const s of [this.#refreshPosts, this.#refreshLists, this.#refreshFigures, this.#refreshSummary, this.#refreshEvent]) s.stop();
  }

  /** Changes the view, its address and what is read for it. */
  change(part: Partial<View>): void {
    const before = this.view.value;
    this.view.value = { ...before, ...part };
    this.#write();
    if (part.posts) void this.readPosts(false);
    if (part.window !== undefined) void this.#readTags();
    void this.readFigures();
    this.#follow();
  }

  setSeries(names: string[]): void {
    const series = drawable(names);
    if (series.length > 0) this.change({ series });
  }

  /** Shows a window at once; reads what it needs when the hand rests. */
  look(w: Span | null): void {
    clearTimeout(this.#later.window);
    const settle = (): void => batch(() => {
      this.moving.value = null;
      const b = this.bounds.value;
      this.change({ window: w && (w.from > b.from || w.to < b.to) ? w : null });
    });
    if (!w) return settle();
    this.moving.value = within(w, this.bounds.value);
    this.#later.window = setTimeout(settle, 180);
  }

  #write(): void {
    const locale = new URLSearchParams(location.search).get("locale");
    rewrite(writeView(this.view.value, locale));
  }

  /** An address that shows the same to anyone, whatever their zone and language, also later. */
  permalink(): string {
    const v = { ...this.view.value, window: this.cited.value, step: this.step.value };
    return location.origin + location.pathname + writeView(v, locale.value);
  }

  async readFigures(anew = false): Promise<void> {
    const step = this.step.value, v = this.view.value, have = this.figures.value;
    const bounds = this.bounds.value, window = toRead(this.settled.value, step, bounds);
    const asked = this.#asked.value, filter = `${asked.join()}|${v.sources.join()}|${v.langs.join()}`;
    const shown = onGrid(this.settled.value, step);
    if (!anew && have && this.#read?.key === filter && have.step === step && have.from <= shown.from && have.to >= shown.to) return;
    this.#read?.stop.abort();
    const mine = { key: filter, stop: new AbortController() };
    this.#read = mine;
    this.loading.value = true;
    this.#meanwhile = [];
    try {
      const t = await get<Trend>(api(this.slug, `/trend?${figureQuery({ ...v, series: asked }, window, step)}&tz=${encodeURIComponent(v.zone)}`), mine.stop.signal);
      if (this.#read !== mine) return;
      const from = seconds(t.passport.from), to = seconds(t.passport.to);
      batch(() => {
        this.#whole = to >= bounds.to - step;
        // The server names tags in the form that they are counted under.
        const named = t.series.map((s) => s.name).filter((n) => v.series.includes(n) || !this.services.value.includes(n));
        if (named.join() !== v.series.join() && this.view.value.series === v.series) {
          this.view.value = { ...this.view.value, series: named };
          mine.key = `${this.#asked.value.join()}|${v.sources.join()}|${v.langs.join()}`;
          this.#write();
        }
        this.figures.value = figuresOf(t.series, { from, to }, parseStep(t.passport.step) ?? step);
        for (const x of this.#meanwhile) this.#lay(x.changed, x.step);
        this.passport.value = t.passport;
        this.marks.value = t.marks ?? [];
        this.figureError.value = null;
      });
    } catch (e) {
      if (this.#read !== mine || mine.stop.signal.aborted) return;
      this.figureError.value = e;
    }
    if (this.#read === mine) this.loading.value = false;
  }

  async #readSummary(): Promise<void> {
    try {
      this.summary.value = await get<Summary>(api(this.slug, "/summary"));
    } catch { /* the page does without: the sentence then says that it is not known */ }
  }

  async #readEvent(): Promise<void> {
    try {
      this.event.value = await get<Event>(api(this.slug));
    } catch (e) {
      if (e instanceof Problem && e.status === 404) this.error.value = e; // deleted meanwhile
    }
  }

  async #readLife(): Promise<void> {
    try {
      this.life.value = (await get<{ life: LifeEntry[] | null }>(api(this.slug, "/life"))).life ?? [];
    } catch { /* the status is in the event itself */ }
  }

  async #readTags(): Promise<void> {
    const w = this.view.value.window;
    const span = w ? `&from=${stamp(this.cited.value.from)}&to=${stamp(this.cited.value.to)}` : "";
    try {
      this.tags.value = (await get<{ tags: Tag[] }>(api(this.slug, `/tags?limit=15${span}`))).tags;
    } catch { /* the old list stays */ }
  }

  async #readCoverage(): Promise<void> {
    try {
      const pages: Coverage[] = [];
      for (let url: string | null = api(this.slug, "/coverage?limit=500"); url !== null;) {
        const a: Answer<Coverage> = await ask<Coverage>(url);
        pages.push(a.body);
        url = a.next;
      }
      const c = joined(pages);
      // While an event goes on, coverage ends a little behind its clock: that is not a gap.
      const told = this.over ? Infinity : c.spans.reduce((t, s) => Math.max(t, seconds(s.to)), 0);
      this.coverage.value = { ...c, told };
    } catch { /* the figures still say what is unknown */ }
  }

  /** Reads the latest posts; where the list is in use, what is new waits until it is asked for. */
  async readPosts(onlyNew: boolean): Promise<void> {
    if (!signedIn.value) return;
    const f = this.view.value.posts;
    const q = new URLSearchParams({ limit: String(postsShown) });
    if (f.label !== "posts") q.set("label", f.label);
    if (f.symptom) q.set("symptom", f.symptom);
    if (f.tag) q.set("tag", f.tag);
    if (f.q) q.set("q", f.q);
    if (this.view.value.sources.length === 1) q.set("source", this.view.value.sources[0]!);
    if (this.view.value.langs.length === 1) q.set("lang", this.view.value.langs[0]!);
    try {
      const a = await ask<{ posts: Post[] }>(api(this.slug, `/posts?${q}`));
      if (f !== this.view.value.posts) return;
      this.postError.value = null;
      const old = this.posts.value;
      const fresh = a.body.posts;
      if (onlyNew && this.held && old && fresh[0] && (fresh[0].id !== old[0]?.id || fresh[0].source !== old[0]?.source)) {
        this.newer.value = fresh;
        return;
      }
      batch(() => {
        this.newer.value = null;
        this.posts.value = fresh;
        this.morePosts.value = a.next;
      });
    } catch (e) {
      this.postError.value = e;
    }
  }

  showNewer(): void {
    const fresh = this.newer.value;
    if (!fresh) return;
    this.posts.value = fresh;
    this.newer.value = null;
  }

  async readMorePosts(): Promise<void> {
    const next = this.morePosts.value;
    if (!next) return;
    const a = await ask<{ posts: Post[] }>(next);
    this.posts.value = [...(this.posts.value ?? []), ...a.body.posts];
    this.morePosts.value = a.next;
  }

  /** Lays changed buckets over the figures; says whether some are missing now. */
  #lay(changed: readonly Series[], step: number): boolean {
    const f = this.figures.value!;
    const m = merge(f, this.#whole ? changed : cut(changed, f.to), step);
    this.figures.value = m.figures;
    return m.missing;
  }

  /** Follows the stream of what is shown. */
  #follow(): void {
    const v = this.view.value;
    const filter = (v.sources.length > 0 ? `&source=${v.sources.join()}` : "") + (v.langs.length > 0 ? `&lang=${v.langs.join()}` : "");
    const url = api(this.slug, `/stream?series=${encodeURIComponent(this.#asked.value.join(","))}&step=${stepText(this.step.value)}${filter}`);
    if (this.#closed || (this.#stream && this.#streamed === url)) return;
    this.#stream?.close();
    this.#streamed = url;
    this.#stream = new Stream(url, {
      link: (state, since) => (this.link.value = { state, since }),
      summary: (s) => {
        const before = this.summary.value;
        this.summary.value = s;
        if (before?.total?.posts !== s.total?.posts || before?.total?.deleted !== s.total?.deleted || before?.complaints !== s.complaints) {
          this.#refreshPosts();
          this.#refreshLists();
        } else if (JSON.stringify(before?.blind) !== JSON.stringify(s.blind)) this.#refreshLists();
      },
      figures: (changed, step) => {
        // What comes while figures are read is laid over the answer, too.
        if (this.loading.value) this.#meanwhile.push({ changed, step });
        const f = this.figures.value;
        if (!f) return;
        if (this.#lay(changed, step)) this.#refreshFigures();
        if (this.step.value !== f.step) {
          void this.readFigures(true);
          this.#follow();
        }
      },
      life: (e) => {
        this.event.value = { ...this.event.value, ...e };
        void this.#readLife();
        this.#refreshEvent();
      },
      reset: () => {
        this.#refreshSummary();
        this.#refreshFigures();
        this.#refreshPosts();
        this.#refreshLists();
        this.#refreshEvent();
      },
    });
  }

  /** After something was changed here: what the server now says of it. */
  took(e: Event): void {
    this.event.value = e;
    void this.#readLife();
    void this.#readSummary();
    void this.readFigures(true);
  }
}

/** Points that lie before a time. */
function cut(series: readonly Series[], to: number): Series[] {
  return series.map((s) => ({ ...s, points: s.points.filter((p) => seconds(p.bucket) < to) }));
}
