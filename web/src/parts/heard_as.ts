// How the sources of a figure were heard, in words.
import { sourceName } from "../chart/names.tsx";
import { percent } from "../format.ts";
import type { Heard, Passport } from "../model.ts";
import { locale, words } from "../settings.ts";

/** What else is to be known of how a source was heard. */
function besides(s: Heard): string {
  const w = words.value.passport.besides;
  const parts = (["filled", "gap", "late", "capped", "partly"] as const).filter((k) => (s[k] ?? 0) > 0).map((k) => w[k](percent(s[k]!, locale.value)));
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

/** Every source of a passport, with its share of the window. */
export function heardAs(p: Passport): string {
  const w = words.value;
  return p.sources.map((s) => (s.listened ? `${sourceName(s.source)} ${percent(s.coverage, locale.value)}${besides(s)}` : w.passport.notListened(sourceName(s.source)))).join(", ") || w.common.unknown;
}
