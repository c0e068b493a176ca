// Reasons name stretches of a text by bytes of its UTF-8; a page's texts are UTF-16. This is the
// way from one to the other.
import type { Reason } from "./model.ts";

/** A stretch of a text, with the tags that it was a reason for; none where it was no reason. */
export interface Stretch { text: string; tags: string[] }

/**
 * Where each of the sorted byte offsets falls in the text, in UTF-16 units. An offset inside a
 * character is moved back to its beginning, one past the end to the end.
 */
export function unitsOf(text: string, offsets: readonly number[]): number[] {
  const out: number[] = [];
  let bytes = 0, units = 0;
  for (const offset of offsets) {
    while (units < text.length) {
      const point = text.codePointAt(units)!;
      // A lone surrogate cannot be in UTF-8: what stands for it there, U+FFFD, has three bytes.
      const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (bytes + size > offset) break;
      bytes += size;
      units += point > 0xffff ? 2 : 1;
    }
    out.push(units);
  }
  return out;
}

/** Cuts a text at its reasons. Put together again, the stretches are the text. */
export function stretches(text: string, reasons: readonly Reason[]): Stretch[] {
  const good = reasons.filter((r) => Number.isFinite(r.start) && Number.isFinite(r.end) && r.start >= 0 && r.end > r.start);
  const cuts = [...new Set(good.flatMap((r) => [r.start, r.end]))].sort((a, b) => a - b);
  const units = unitsOf(text, cuts);
  const at = new Map(cuts.map((c, i) => [c, units[i]!]));
  const spans = good.map((r) => ({ from: at.get(r.start)!, to: at.get(r.end)!, tag: r.tag }));
  const edges = [...new Set([0, ...units, text.length])].sort((a, b) => a - b);
  const out: Stretch[] = [];
  for (let i = 1; i < edges.length; i++) {
    const [from, to] = [edges[i - 1]!, edges[i]!];
    const tags = [...new Set(spans.filter((s) => s.from <= from && to <= s.to).map((s) => s.tag))];
    out.push({ text: text.slice(from, to), tags });
  }
  return out;
}

/**
 * Text as it is safe to lay out: of each run of combining marks only the first eight stay, which
 * no script needs more than, and control characters that have no shape become spaces. Its length
 * in UTF-16 units does not change: what goes is replaced, unit for unit, by U+200B.
 */
export function tame(text: string): string {
  return text
    .replace(/(\p{M}{8})(\p{M}+)/gu, (_, kept: string, rest: string) => kept + "\u200b".repeat(rest.length))
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, " ");
}

/** A title or name without the characters that turn the direction of what follows. */
export function straight(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

/** How many UTF-16 units of a text are shown at first: so many, and no more than so many lines. */
export function opening(text: string, units: number, lines: number): number {
  let at = -1;
  for (let i = 0; i < lines; i++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return Math.min(units, text.length);
  }
  return Math.min(units, at);
}
