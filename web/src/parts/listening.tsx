// How each source is listened to now: a strip with the last word of each, and why one that is not
// heard is not, and what mends it.
import { useEffect, useState } from "preact/hooks";
import { get } from "../call.ts";
import { sourceName } from "../chart/names.tsx";
import { time } from "../format.ts";
import { earsOf, troubled, type Ear } from "../heard.ts";
import type { Listening } from "../model.ts";
import { whileSeen } from "../poll.ts";
import { locale, words } from "../settings.ts";
import { Foreign } from "./common.tsx";

const again = 12_000;

/** The strip, of all sources or of some; nothing where none was ever listened to. A reason that stands beside it is not said again. */
export function Ears({ of, zone, said = [] }: { of?: readonly string[]; zone: string; said?: readonly (string | undefined)[] }) {
  const w = words.value.listening;
  const [sources, setSources] = useState<Listening[]>([]);
  // While the server is away, what was told last stays: other parts of the page say that it is.
  useEffect(() => whileSeen(again, async (signal) => setSources((await get<{ sources: Listening[] }>("/v1/sources", signal)).sources)), []);
  const ears = earsOf(sources).filter((e) => !of || of.length === 0 || of.includes(e.source));
  if (ears.length === 0) return null;
  return (
    <section class="ears" aria-label={w.title}>
      <p class="hidden" role="status">{ears.filter(troubled).map((e) => w.trouble(sourceName(e.source), w.states[e.state])).join(" ")}</p>
      <ul>{ears.map((e) => <li key={e.source} class={`is-${e.state}`}><EarItem ear={said.includes(e.reason) ? { ...e, reason: "" } : e} zone={zone} /></li>)}</ul>
    </section>
  );
}

function EarItem({ ear: e, zone }: { ear: Ear; zone: string }) {
  const w = words.value.listening;
  const clock = (at: string): string => time(at, zone, locale.value, Date.now() - Date.parse(at) < 20 * 3_600_000 ? "seconds" : "full");
  const told = e.state === "late" || e.state === "blind" || e.state === "stopped";
  return (
    <>
      <p><b><Foreign>{sourceName(e.source)}</Foreign></b> <span class="state"><span class="dot" aria-hidden="true" />{w.states[e.state]}</span>{e.feeds > 1 && <span class="small"> · {w.heardOf(e.heard, e.feeds)}</span>}</p>
      <p class="small">{e.word ? w.word(clock(e.word)) : w.noWord}{told && !e.word && ` · ${w.since(clock(e.since))}`}</p>
      {e.reason && <p class="small why"><Foreign>{e.reason}</Foreign></p>}
      {e.mend && <p class="small mend"><span>{w.mend}</span> <Foreign>{e.mend}</Foreign></p>}
    </>
  );
}
