// Keys for programs: made, shown once, revoked.
import { useState } from "preact/hooks";
import { get, post, remove } from "../call.ts";
import { time, zoneName } from "../format.ts";
import { scopes, type Key, type Scope } from "../model.ts";
import { Copied, Dialog, Failure, Field, Foreign, Reading, useReading, useTask } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { may } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";

const expiries = ["", "12h", "7d", "30d", "90d", "365d"] as const;

export function Keys() {
  const w = words.value;
  if (!may("admin")) return <><Title text={w.keys.title} /><p class="empty">{w.trouble.forbidden}</p></>;
  return <KeysList />;
}

function KeysList() {
  const w = words.value, l = locale.value;
  const [made, setMade] = useState<{ key: Key; secret: string } | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const keys = useReading((signal) => get<{ keys: Key[] | null }>("/v1/keys", signal), []);
  const task = useTask();
  const list = keys.data?.keys ?? [];
  return (
    <>
      <Title text={w.keys.title} />
      <p class="lede">{w.keys.lede}</p>
      {made && (
        <section class="once" role="status">
          <h2>{w.keys.made(made.key.name)}</h2>
          <p>{w.keys.once}</p>
          <Copied text={made.secret} label={w.keys.secret} />
          <p class="note">{w.keys.use}</p>
          <pre tabIndex={0} aria-label={w.keys.example}><code>{`curl -H "Authorization: Bearer ${made.secret}" ${location.origin}/v1/events`}</code></pre>
          <p><button type="button" onClick={() => setMade(null)}>{w.keys.kept}</button></p>
        </section>
      )}
      <NewKey made={(m) => (setMade(m), void keys.again())} />
      {keys.error !== null && <Failure error={keys.error} again={() => void keys.again()} />}
      {!keys.data ? keys.error === null && <Reading /> : list.length === 0 ? <p class="empty">{w.keys.none}</p> : (
        <div class="scroll" role="region" tabIndex={0} aria-label={w.keys.title}>
          <table>
            <caption class="note">{w.common.times(ownZone.replaceAll("_", " "), zoneName(ownZone, Date.now() / 1000, l))}</caption>
            <thead><tr><th scope="col">{w.keys.name}</th><th scope="col">{w.keys.scopes}</th><th scope="col">{w.keys.state}</th><th scope="col">{w.keys.created}</th><th scope="col">{w.keys.expires}</th><th scope="col">{w.keys.used}</th><th scope="col"><span class="hidden">{w.common.actions}</span></th></tr></thead>
            <tbody>
              {list.map((k) => (
                <tr key={k.id} class={k.state === "active" ? "" : "past"}>
                  <th scope="row"><Foreign>{k.name}</Foreign><br /><code class="small">{k.prefix}…</code></th>
                  <td>{k.scopes.map((s) => w.scopes[s]).join(", ")}</td>
                  <td>{w.keys.states[k.state]}</td>
                  <td>{time(k.created_at, ownZone, l)}{k.created_by && <><br /><span class="small"><Foreign>{k.created_by}</Foreign></span></>}</td>
                  <td>{k.expires_at ? time(k.expires_at, ownZone, l) : w.keys.never}</td>
                  <td>{k.last_used_at ? time(k.last_used_at, ownZone, l) : w.keys.notUsed}</td>
                  <td class="end">{k.state === "active" && <button type="button" onClick={() => setRevoking(k)}>{w.keys.revoke}<span class="hidden"> {k.name}</span></button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {revoking && (
        <Dialog title={w.keys.revokeTitle(revoking.name)} close={() => setRevoking(null)}>
          <p>{w.keys.revokeText}</p>
          {task.error !== null && <Failure error={task.error} />}
          <p class="actions">
            <button type="button" class="danger" disabled={task.busy} onClick={() => task.run(async () => {
              await remove(`/v1/keys/${encodeURIComponent(revoking.id)}`);
              setRevoking(null);
              await keys.again();
            })}>{w.keys.revoke}</button>
            <button type="button" onClick={() => setRevoking(null)}>{w.common.cancel}</button>
          </p>
        </Dialog>
      )}
    </>
  );
}

function NewKey({ made }: { made: (m: { key: Key; secret: string }) => void }) {
  const w = words.value;
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<Scope[]>(["read"]);
  const [expires, setExpires] = useState<string>("30d");
  const task = useTask();
  return (
    <form class="panel" aria-labelledby="new-key" onSubmit={(e) => {
      e.preventDefault();
      void task.run(async () => {
        made(await post<{ key: Key; secret: string }>("/v1/keys", { name: name.trim(), scopes: chosen, ...(expires ? { expires_in: expires } : {}) }));
        setName("");
      });
    }}>
      <h2 id="new-key">{w.keys.fresh}</h2>
      <Field label={w.keys.name} note={w.keys.nameNote}>{(a) => <input {...a} required maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
      <fieldset class="choice">
        <legend>{w.keys.scopes}</legend>
        {scopes.map((s) => (
          <label><input type="checkbox" value={s} checked={chosen.includes(s)} onChange={(e) => setChosen(e.currentTarget.checked ? scopes.filter((x) => x === s || chosen.includes(x)) : chosen.filter((x) => x !== s))} /> <span><b>{w.scopes[s]}</b> <span class="note">{w.scopesMean[s]}</span></span></label>
        ))}
      </fieldset>
      <Field label={w.keys.expiresIn}>{(a) => <select {...a} value={expires} onChange={(e) => setExpires(e.currentTarget.value)}>{expiries.map((x) => <option value={x}>{w.keys.spans[x]}</option>)}</select>}</Field>
      {task.error !== null && <Failure error={task.error} />}
      <p class="actions"><button class="main" type="submit" disabled={task.busy || chosen.length === 0}>{w.keys.make}</button></p>
    </form>
  );
}
