// Where the same figures are in other forms.
import type { View } from "./address.ts";
import { stamp } from "./address.ts";
import { stepText, type Span } from "./step.ts";

/** The query of exactly what is shown, as the API reads it. */
export function figureQuery(v: View, shown: Span, step: number): URLSearchParams {
  const q = new URLSearchParams();
  q.set("series", v.series.join(","));
  q.set("from", stamp(shown.from));
  q.set("to", stamp(shown.to));
  q.set("step", stepText(step));
  if (v.sources.length > 0) q.set("source", v.sources.join(","));
  if (v.langs.length > 0) q.set("lang", v.langs.join(","));
  return q;
}

export const api = (slug: string, rest = ""): string => `/v1/events/${encodeURIComponent(slug)}${rest}`;

export interface Downloads { csv: string; svg: string; png: string; json: string; text: string }

/** Downloads of exactly what is shown. CSV is always in UTC; pictures are in the zone of the page. */
export function downloads(slug: string, v: View, shown: Span, step: number, locale: string, theme: string): Downloads {
  const q = figureQuery(v, shown, step);
  const figures = q.toString();
  q.set("tz", v.zone);
  const zoned = q.toString();
  q.set("locale", locale);
  const text = q.toString();
  q.set("theme", theme);
  const picture = q.toString();
  return {
    csv: api(slug, `/trend.csv?${figures}`),
    svg: api(slug, `/trend.svg?${picture}`),
    png: api(slug, `/trend.png?${picture}`),
    json: api(slug, `/trend?${zoned}`),
    text: api(slug, `/trend.txt?${text}`),
  };
}

/** The address of the next page in a Link header (RFC 8288), or null. */
export function nextPage(header: string | null): string | null {
  for (const m of (header ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(m[2]!)) return m[1]!;
  }
  return null;
}

/** A web address of a post that may be made a link; null for anything but http and https. */
export function webAddress(url: string | undefined): string | null {
  if (!url) return null;
  try {
    const u = new URL(url);
    return u.protocol === "https:" || u.protocol === "http:" ? u.href : null;
  } catch {
    return null;
  }
}
