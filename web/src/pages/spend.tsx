// What reading X costs an event, and what is left: shown where money is set aside for it.
import { useEffect, useState } from "preact/hooks";
import { get, Problem } from "../call.ts";
import { intl, percent, zoned } from "../format.ts";
import { api } from "../links.ts";
import type { Spend } from "../model.ts";
import { Foreign } from "../parts/common.tsx";
import { whileSeen } from "../poll.ts";
import { locale, words } from "../settings.ts";

const again = 30_000;

const dollars = (n: number): string => new Intl.NumberFormat(intl(locale.value), { style: "currency", currency: "USD", maximumFractionDigits: n > 0 && n < 0.1 ? 3 : 2 }).format(n);

export function SpendPart({ slug, zone, said }: { slug: string; zone: string; said: readonly (string | undefined)[] }) {
  const w = words.value.spend;
  const [s, setSpend] = useState<Spend | null>(null);
  useEffect(() => whileSeen(again, async (signal) => {
    try {
      setSpend(await get<Spend>(api(slug, "/spend"), signal));
    } catch (e) {
      if (e instanceof Problem && e.status === 404) return false; // nobody keeps books here
      throw e;
    }
  }), [slug]);
  if (!s || s.event.cap_usd === 0) return null;
  const used = s.event.spent_usd + s.event.reserved_usd;
  return (
    <section class="spend" aria-label={w.title}>
      <p><b>{w.title}</b> {w.of(dollars(used), dollars(s.event.cap_usd))} <meter min={0} max={s.event.cap_usd} low={s.event.cap_usd * 0.75} high={s.event.cap_usd * 0.99} optimum={0} value={Math.min(used, s.event.cap_usd)} aria-label={w.title} />
        <span class="small"> {s.month.cap_usd > 0 ? w.month(s.month.month, dollars(s.month.spent_usd + s.month.reserved_usd), dollars(s.month.cap_usd)) : w.noMonth}</span></p>
      {s.capped ? <p class="small capped">{w.capped(zoned(s.capped.since, zone, locale.value, "clock"))}{!said.includes(s.capped.reason) && <> <Foreign>{s.capped.reason}</Foreign></>}</p>
        : s.idle && <p class="small capped">{w.idle} <Foreign>{s.idle}</Foreign></p>}
      {s.forecast && s.forecast.share < 1 && <p class="small">{w.forecast(dollars(s.forecast.likely.usd), percent(s.forecast.share, locale.value))}</p>}
    </section>
  );
}
