// What series and sources are called, and the choice of a time zone.
import { useMemo } from "preact/hooks";
import { ownZone, words } from "../settings.ts";

/** What a series is called. */
export function called(name: string): string {
  const w = words.value.series;
  const cut = name.indexOf(":");
  const kind = cut < 0 ? name : name.slice(0, cut), of = cut < 0 ? "" : name.slice(cut + 1);
  if (kind === "tag") return `#${of}`;
  if (kind === "symptom") return w.symptom(words.value.symptoms[of as keyof typeof words.value.symptoms] ?? of);
  if (kind === "counts") return w.counted(sourceName(of));
  if (kind === "service" || kind === "complaint") return w[kind](of);
  const base = (w.names as Record<string, string>)[kind] ?? name;
  return of ? w.of(base, of) : base;
}

export function sourceName(s: string): string {
  return { x: "X", bluesky: "Bluesky", mastodon: "Mastodon" }[s] ?? s;
}

const usualZones = ["UTC", "America/New_York", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Qatar", "Asia/Seoul", "Asia/Tokyo"];

export function ZoneSelect({ value: zone, choose, id }: { value: string; choose: (zone: string) => void; id?: string }) {
  const w = words.value.chart;
  const all = useMemo(() => {
    const first = [...new Set([ownZone, ...usualZones, zone])];
    return { first, rest: Intl.supportedValuesOf("timeZone").filter((z) => !first.includes(z)) };
  }, [zone]);
  return (
    <select id={id} value={zone} onChange={(e) => choose(e.currentTarget.value)}>
      <optgroup label={w.usualZones}>{all.first.map((z) => <option value={z}>{z === ownZone ? w.own(z.replaceAll("_", " ")) : z.replaceAll("_", " ")}</option>)}</optgroup>
      <optgroup label={w.otherZones}>{all.rest.map((z) => <option value={z}>{z.replaceAll("_", " ")}</option>)}</optgroup>
    </select>
  );
}
