// The widths that buckets may have, and which one suits a window: the server's rules
// (internal/trend), so that a figure looks the same wherever it is drawn.

/** Widths of a bucket in seconds: those that divide a day. */
export const steps: readonly number[] = [10, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200, 86400];

/** The most buckets the server answers with. */
export const maxBuckets = 20_000;

/** The narrowest step that cuts a window of so many seconds into no more than `most` buckets. */
export function stepFor(seconds: number, most = 600): number {
  return steps.find((s) => seconds <= most * s) ?? steps[steps.length - 1]!;
}

export function stepText(seconds: number): string {
  if (seconds % 86400 === 0) return `${seconds / 86400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

/** Reads what stepText and the server write ("10s", "1m", "1m0s", "1h", "1d"); null if it is no step. */
export function parseStep(text: string): number | null {
  const m = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!m || text === "") return null;
  const [d, h, min, s] = m.slice(1).map((x) => Number(x ?? 0)) as [number, number, number, number];
  const seconds = d * 86400 + h * 3600 + min * 60 + s;
  return steps.includes(seconds) ? seconds : null;
}

/** A window in seconds since 1970; `to` is exclusive. */
export interface Span { from: number; to: number }

/** Puts a window on the grid of a step: from is rounded down, to is rounded up. */
export function onGrid(w: Span, step: number): Span {
  return { from: Math.floor(w.from / step) * step, to: Math.ceil(w.to / step) * step };
}

/** Keeps a window inside the bounds, with its width where there is room for it. */
export function within(w: Span, bounds: Span): Span {
  const width = Math.min(w.to - w.from, bounds.to - bounds.from);
  const from = Math.min(Math.max(w.from, bounds.from), bounds.to - width);
  return { from, to: from + width };
}

/** The narrowest window that can be zoomed to: six of the narrowest buckets. */
export const narrowest = 60;

/** Zooms about a place in the window (0 to 1); a factor under one looks closer. */
export function zoom(w: Span, factor: number, place: number, bounds: Span): Span {
  const width = Math.min(Math.max((w.to - w.from) * factor, narrowest), bounds.to - bounds.from);
  const from = w.from + (w.to - w.from - width) * place;
  return within({ from, to: from + width }, bounds);
}

/** Moves the window by a part of its width. */
export function pan(w: Span, part: number, bounds: Span): Span {
  const by = (w.to - w.from) * part;
  return within({ from: w.from + by, to: w.to + by }, bounds);
}

/**
 * What to read for a window that is shown: everything where that is little, else the window with as
 * much again on both sides, so that panning finds figures that are there already.
 */
export function toRead(shown: Span, step: number, bounds: Span, most = 9_000): Span {
  if ((bounds.to - bounds.from) / step <= most) return onGrid(bounds, step);
  const width = shown.to - shown.from;
  const around = { from: Math.max(shown.from - width, bounds.from), to: Math.min(shown.to + width, bounds.to) };
  return onGrid((around.to - around.from) / step <= most ? around : shown, step);
}
