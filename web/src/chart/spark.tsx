// A line so small that it has no axes: one column, with what is not known hatched, and over that what
// it is at least.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Mark, runs, type Column } from "../figures.ts";
import { trace } from "./paths.ts";

/** `happened` is how many buckets there were so far: what is to come is not unknown. `behind` lies under the line. */
export function Spark({ column: c, happened, label, wide, high, behind }: { column: Column; happened: number; label: string; wide: number; high: number; behind?: (px: number) => ComponentChildren }) {
  const id = useId();
  const n = c.values.length;
  const floor = c.values.map((v, i) => (v === null ? c.atLeast[i] ?? null : null));
  const top = Math.max(4, ...c.values.map((v, i) => v ?? floor[i] ?? 0)) * 1.05;
  const px = wide / n;
  const form = { x0: 0, wide: px, hold: 1, stepsFrom: 3, y: (v: number) => high - 2 - (v / top) * (high - 6) };
  let line = "", area = "", least = "";
  const say = (v: number) => v.toFixed(1);
  trace({ ...form, values: floor }, 0, n, { moveTo: (x, y) => (least += `M${say(x)} ${say(y)}`), lineTo: (x, y) => (least += `L${say(x)} ${say(y)}`) });
  trace({ ...form, values: c.values }, 0, n, {
    moveTo(x, y) {
      line += `M${say(x)} ${say(y)}`;
      area += `M${say(x)} ${high}L${say(x)} ${say(y)}`;
    },
    lineTo(x, y) {
      line += `L${say(x)} ${say(y)}`;
      area += `L${say(x)} ${say(y)}`;
    },
  }, (_a, b) => (area += `L${say(b)} ${high}Z`));
  const unknown = runs(Math.min(n, happened), (i) => (c.marks[i]! & Mark.unknown) !== 0);
  return (
    <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={label} preserveAspectRatio="none">
      <defs><pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" class="hatch" /></pattern></defs>
      {behind?.(px)}
      {unknown.map(([a, b]) => <rect x={a * px} width={Math.max((b - a) * px, 1)} y="0" height={high} fill={`url(#${id})`} />)}
      <path class="area" d={area} />
      {least && <path class="least" d={least} vector-effect="non-scaling-stroke" />}
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
      <path class="base" d={`M0 ${high - 0.5}H${wide}`} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
