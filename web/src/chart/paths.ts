// Lines through buckets. Wide buckets are drawn as steps, narrow ones as straight segments between
// their middles; where several share a pixel, each column of pixels shows the range of its values.
// So a peak is never lost, and the work for one line never grows past the width of the plot.

/** Where a path goes: a Path2D, or in tests anything that notes the points. */
export interface Pencil { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }

export interface Line {
  values: readonly (number | null)[];
  /** Pixel of the left edge of bucket i is x0 + i * wide. */
  x0: number;
  wide: number;
  y(v: number): number;
  /** How many buckets a value stays in force; 1 for figures that every bucket has. */
  hold: number;
  /** Width of a bucket, in pixels, from which steps are drawn. */
  stepsFrom: number;
}

/** Draws buckets [a, b). Missing values break the line. Tells where each run began and ended. */
export function trace(l: Line, a: number, b: number, to: Pencil, run?: (x0: number, x1: number) => void): void {
  const { values, x0, wide, y, hold } = l;
  const stepped = wide >= l.stepsFrom && hold === 1;
  const edge = (i: number): number => x0 + i * wide;
  let last = -1, start = 0, end = 0, begun = false;
  const close = (): void => {
    if (begun) run?.(start, end);
    begun = false;
  };
  for (let i = a; i < b; i++) {
    const v = values[i];
    if (v === null || v === undefined) continue;
    if (begun && i - last > hold) close();
    const py = y(v);
    const [left, right] = stepped ? [edge(i), edge(i + 1)] : [edge(i + 0.5), edge(i + 0.5)];
    if (begun) to.lineTo(left, py);
    else {
      [begun, start] = [true, left];
      to.moveTo(left, py);
      const alone = values[i + 1] === null || values[i + 1] === undefined;
      if (!stepped && alone && hold === 1) to.lineTo(left + 0.5, py); // a bucket alone is a dot
    }
    if (stepped) to.lineTo(right, py);
    [end, last] = [right, i];
  }
  close();
}

/** The least and the greatest value of each column of pixels that has one, for buckets [a, b). */
export function columns(l: Line, a: number, b: number, column: (x: number, least: number, greatest: number) => void): void {
  const { values, x0, wide } = l;
  let i = a;
  while (i < b) {
    const x = Math.floor(x0 + i * wide + 1e-6);
    // The first bucket of the next column, found by what divides them and not bucket by bucket.
    const end = Math.min(b, Math.max(i + 1, Math.ceil((x + 1 - x0 - 1e-6) / wide)));
    let least = Infinity, greatest = -Infinity;
    for (; i < end; i++) {
      const v = values[i];
      if (v === null || v === undefined) continue;
      if (v < least) least = v;
      if (v > greatest) greatest = v;
    }
    if (greatest >= least) column(x, least, greatest);
  }
}

/** A round number at or above v, for the end of an axis: 1, 2, 2.5, 5 times a power of ten. */
export function roundUp(v: number): number {
  if (!(v > 0) || !Number.isFinite(v)) return 1;
  const power = 10 ** Math.floor(Math.log10(v));
  const m = [1, 2, 2.5, 4, 5, 8, 10].find((x) => v <= x * power * (1 + 1e-9))!;
  return m * power;
}

/** Ticks from zero to the end of an axis: about as many as asked for, on round numbers. */
export function levels(end: number, about: number, whole: boolean): number[] {
  const raw = end / Math.max(about, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  let every = [1, 2, 2.5, 5, 10].find((x) => raw <= x * power * (1 + 1e-9))! * power;
  if (whole) every = Math.max(1, Math.round(every));
  const out: number[] = [];
  for (let k = 0; k * every <= end * (1 + 1e-9); k++) out.push(k * every);
  return out;
}

/** Texts side by side on rows: the row of each, -1 where there is no room in any. */
export function rows(places: readonly { x: number; width: number }[], count: number, gap = 8): number[] {
  const ends = new Array<number>(count).fill(-Infinity);
  return places.map(({ x, width }) => {
    const row = ends.findIndex((e) => x >= e + gap);
    if (row >= 0) ends[row] = x + width;
    return row;
  });
}
