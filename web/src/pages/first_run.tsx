// What a new installation is met with: an event to look at within a minute, without network or keys.
import { may } from "../session.ts";
import { words } from "../settings.ts";
import { Title } from "../parts/frame.tsx";
import { DrillOffer, RecordingOffer } from "../parts/offers.tsx";

export function FirstRun({ done }: { done: () => void }) {
  const w = words.value;
  return (
    <>
      <Title text={w.first.title} />
      <p class="lede">{w.first.lede}</p>
      {may("ingest") ? (
        <>
          <div class="offers"><DrillOffer /><RecordingOffer /></div>
          {may("admin") && <p>{w.first.own} <a href="/new">{w.first.ownLink}</a></p>}
        </>
      ) : <p class="empty">{w.first.notYours}</p>}
      <p><button type="button" onClick={done}>{w.first.look}</button></p>
    </>
  );
}
