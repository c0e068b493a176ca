// How sources are heard, as far as the pages tell it: pure, so that it can be tried without them.
import { seconds } from "./figures.ts";
import type { Blind, Coverage, Hearing, Listening, ListeningState } from "./model.ts";
import type { Span } from "./step.ts";

/** What a stretch of a source's lane is drawn as. */
export type Heard = "good" | "filled" | "partly" | "late" | "capped" | "blind";

export interface HeardStretch { from: number; to: number; kind: Heard; of: Hearing }

/** How each source of an event was heard until a time, in order of their names. */
export function heardLanes(c: Coverage, until: number): { source: string; stretches: HeardStretch[] }[] {
  return [...new Set(c.heard.map((h) => h.source))].map((source) => ({
    source,
    stretches: c.heard.filter((h) => h.source === source && seconds(h.from) < until)
      .map((h) => ({ from: seconds(h.from), to: Math.min(seconds(h.to), until), kind: kindOf(h), of: h })),
  }));
}

/** One answer of all its pages: what goes on over the end of a page is one hearing. */
export function joined(pages: readonly Coverage[]): Coverage {
  const out: Coverage = { from: pages[0]!.from, to: pages.at(-1)!.to, spans: pages.flatMap((p) => p.spans), heard: [] };
  const last = new Map<string, Hearing>();
  for (const p of pages) {
    for (const h of p.heard) {
      const before = last.get(h.source);
      if (before && before.to === h.from && before.state === h.state && before.partly === h.partly && before.reason === h.reason) before.to = h.to;
      else {
        const own = { ...h };
        last.set(h.source, own);
        out.heard.push(own);
      }
    }
  }
  return out;
}

function kindOf(h: Hearing): Heard {
  if (h.state === "filled") return "filled";
  if (h.state === "live" || h.state === "recorded") return "good";
  if (h.partly) return "partly";
  return h.state === "gap" ? "blind" : h.state;
}

/** The share of a window in which a source was heard as it should be. */
export function heardShare(stretches: readonly HeardStretch[], w: Span): number {
  let sum = 0;
  for (const s of stretches) if (s.kind === "good" || s.kind === "filled") sum += Math.max(0, Math.min(s.to, w.to) - Math.max(s.from, w.from));
  return w.to > w.from ? Math.min(1, sum / (w.to - w.from)) : 0;
}

/** In which words a source that is not heard as it should be is told. */
export type Told = "blind" | "inPart" | "behind" | "leftOut";

/** The sources that are not heard as they should be, by how that is told, the gravest first. */
export function toldBlind(blind: readonly Blind[]): [Told, Blind[]][] {
  const of = (b: Blind): Told => (b.why === "capped" ? "leftOut" : b.partly ? "inPart" : b.why === "late" ? "behind" : "blind");
  return (["blind", "inPart", "behind", "leftOut"] as const).map((t): [Told, Blind[]] => [t, blind.filter((b) => of(b) === t)]).filter(([, list]) => list.length > 0);
}

/** How a source is listened to now: as its worst feed is, with what that feed says. */
export interface Ear {
  source: string;
  state: ListeningState;
  /** When the source was last heard, by any of its feeds; null for never. */
  word: string | null;
  /** Since when it is so; where it is not heard, since its last word. */
  since: string;
  reason: string;
  mend: string;
  /** Of its feeds, those that are heard. */
  heard: number;
  feeds: number;
}

const gravity: readonly ListeningState[] = ["off", "idle", "live", "connecting", "late", "blind", "stopped"];
const grave = (s: ListeningState): number => gravity.indexOf(s);

/** How every source is listened to, those that want a person's eye first. What is off comes last. */
export function earsOf(sources: readonly Listening[]): Ear[] {
  return sources.map((s): Ear => {
    const worst = s.feeds.find((f) => f.state === s.state);
    const words = s.feeds.map((f) => f.last_word).filter((t) => t !== null).sort();
    const reason = worst?.reason ?? "";
    return {
      source: s.source, state: s.state, word: words[words.length - 1] ?? null,
      since: s.state === "blind" || s.state === "late" ? worst?.last_word ?? s.since : s.since,
      reason: [worst?.host && reason && !reason.includes(worst.host) && s.feeds.length > 1 ? worst.host : "", reason].filter(Boolean).join(": "), mend: worst?.mend ?? "",
      heard: s.feeds.filter((f) => f.state === "live" || f.state === "late").length, feeds: s.feeds.filter((f) => f.state !== "off").length,
    };
  }).sort((a, b) => grave(b.state) - grave(a.state));
}

/** Whether a person should look after it. What is about to connect, or has nothing to do, is no trouble. */
export const troubled = (e: Ear): boolean => grave(e.state) >= grave("late");
