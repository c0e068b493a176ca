// Drills and recordings, any time: the offers of the first run, and how far each play has come.
import { useEffect } from "preact/hooks";
import { eventPath } from "../address.ts";
import { get, post, remove } from "../call.ts";
import { number, percent, zoned } from "../format.ts";
import type { Play } from "../model.ts";
import { Failure, Foreign, Reading, useReading, useTask } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { DrillOffer, RecordingOffer, speedText } from "../parts/offers.tsx";
import { whileSeen } from "../poll.ts";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";

export function PlayPage() {
  const w = words.value.play;
  if (!may("ingest")) return <><Title text={w.title} /><p class="empty">{words.value.trouble.forbidden}</p></>;
  return (
    <>
      <Title text={w.title} />
      <p class="lede">{w.lede}</p>
      <div class="offers"><DrillOffer /><RecordingOffer /></div>
      <Plays />
    </>
  );
}

function Plays() {
  const w = words.value.play, l = locale.value;
  const plays = useReading((signal) => get<{ plays: Play[] | null }>("/v1/plays", signal), []);
  const task = useTask();
  const list = plays.data?.plays ?? [];
  const running = list.some((p) => p.state === "running");
  useEffect(() => whileSeen(running ? 2_000 : 15_000, () => plays.again()), [running]);
  return (
    <section>
      <h2 id="plays-title">{w.plays}</h2>
      {plays.error !== null && <Failure error={plays.error} again={() => void plays.again()} />}
      {task.error !== null && <Failure error={task.error} />}
      {!plays.data ? plays.error === null && <Reading /> : list.length === 0 ? <p class="empty">{w.noPlays}</p> : (
        <div class="scroll" role="region" tabIndex={0} aria-labelledby="plays-title">
          <table>
            <thead><tr><th scope="col">{w.what}</th><th scope="col">{w.event}</th><th scope="col">{w.state}</th><th scope="col" class="num">{w.stored}</th><th scope="col">{w.begun}</th><th scope="col"><span class="hidden">{words.value.common.actions}</span></th></tr></thead>
            <tbody>
              {list.map((p) => (
                <tr key={p.id}>
                  <th scope="row">{w.kinds[p.kind]}: <Foreign>{(p.kind === "drill" && (w.scenarios as Record<string, string>)[p.name]) || p.name}</Foreign><br /><span class="small">{speedText(p.speed)}</span></th>
                  <td><a href={eventPath(p.event)}><Foreign>{p.event}</Foreign></a></td>
                  <td>
                    {w.states[p.state]}{p.state === "running" && p.records > 0 && ` ${percent(Math.min(1, p.sent / p.records), l)}`}
                    {p.state === "running" && <progress max={p.records || 1} value={p.records ? p.sent : undefined} aria-label={w.progress(p.name)} />}
                    {p.error && <p class="wrong"><Foreign>{p.error}</Foreign></p>}
                  </td>
                  <td class="num">{number(p.stored, l)}<br /><span class="small">{w.rest(number(p.duplicates, l), number(p.unmatched, l))}</span></td>
                  <td>{zoned(p.started_at, ownZone, l)}{p.by && <><br /><span class="small"><Foreign>{p.by}</Foreign></span></>}</td>
                  <td class="end">{p.state === "running" && <button type="button" disabled={task.busy} onClick={() => task.run(async () => {
                    await remove(`/v1/plays/${encodeURIComponent(p.id)}`);
                    await plays.again();
                  })}>{words.value.common.stop}<span class="hidden"> {p.name}</span></button>}{p.kind === "drill" && (p.state === "stopped" || p.state === "failed") && !list.some((x) => x.event === p.event && (x.state === "running" || x.started_at > p.started_at)) && <button type="button" disabled={task.busy} onClick={() => task.run(async () => {
                    await post("/v1/drills", { scenario: p.name, speed: p.speed, event: p.event });
                    await plays.again();
                  })}>{w.goOn}<span class="hidden"> {p.name}</span></button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
