// Who did what, and who was refused.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../call.ts";
import { time, zoneName } from "../format.ts";
import type { AuditEntry } from "../model.ts";
import { Failure, Foreign, Reading, useTask } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";

export function Audit() {
  const w = words.value, l = locale.value;
  const [entries, setEntries] = useState<AuditEntry[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const task = useTask();
  const read = (url: string, old: AuditEntry[]) => task.run(async () => {
    const a = await ask<{ entries: AuditEntry[] | null }>(url);
    setEntries([...old, ...(a.body.entries ?? [])]);
    setNext(a.next);
  });
  useEffect(() => {
    if (may("admin")) void read("/v1/audit?limit=100", []);
  }, []);
  if (!may("admin")) return <><Title text={w.audit.title} /><p class="empty">{w.trouble.forbidden}</p></>;
  return (
    <>
      <Title text={w.audit.title} />
      <p class="lede">{w.audit.lede}</p>
      {task.error !== null && <Failure error={task.error} again={() => void read("/v1/audit?limit=100", [])} />}
      {!entries ? task.error === null && <Reading /> : entries.length === 0 ? <p class="empty">{w.audit.none}</p> : (
        <div class="scroll" role="region" tabIndex={0} aria-label={w.audit.title}>
          <table>
            <caption class="note">{w.common.times(ownZone.replaceAll("_", " "), zoneName(ownZone, Date.now() / 1000, l))}</caption>
            <thead><tr><th scope="col">{w.audit.at}</th><th scope="col">{w.audit.actor}</th><th scope="col">{w.audit.action}</th><th scope="col">{w.audit.outcome}</th><th scope="col">{w.audit.address}</th></tr></thead>
            <tbody>
              {entries.map((e) => (
                <tr>
                  <td class="nowrap">{time(e.at, ownZone, l, "fullSeconds")}</td>
                  <td><Foreign>{e.actor}</Foreign></td>
                  <td><code>{e.action}</code>{e.target && <><br /><Foreign>{e.target}</Foreign></>}</td>
                  <td class={`outcome-${e.outcome}`}>{w.audit.outcomes[e.outcome]}{e.reason && <><br /><span class="small"><Foreign>{e.reason}</Foreign></span></>}</td>
                  <td><code>{e.address ?? ""}</code></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next && <p><button type="button" disabled={task.busy} onClick={() => void read(next, entries ?? [])}>{w.audit.more}</button></p>}
    </>
  );
}
