// People who may sign in: added, given another role or a new link, kept out.
import { useState } from "preact/hooks";
import { get, post, put, remove } from "../call.ts";
import { time, zoned, zoneName } from "../format.ts";
import { roles, type Person, type Role } from "../model.ts";
import { Copied, Dialog, Failure, Field, Foreign, Reading, useReading, useTask } from "../parts/common.tsx";
import { Title } from "../parts/frame.tsx";
import { may, session } from "../session.ts";
import { locale, ownZone, words } from "../settings.ts";

interface Link { name: string; link: string; link_expires_at: string }

export function People() {
  const w = words.value;
  if (!may("admin")) return <><Title text={w.people.title} /><p class="empty">{w.trouble.forbidden}</p></>;
  return <PeopleList />;
}

function PeopleList() {
  const w = words.value, l = locale.value;
  const people = useReading((signal) => get<{ people: Person[] | null }>("/v1/people", signal), []);
  const [link, setLink] = useState<Link | null>(null);
  const [leaving, setLeaving] = useState<Person | null>(null);
  const task = useTask();
  const list = people.data?.people ?? [];
  const at = (name: string) => `/v1/people/${encodeURIComponent(name)}`;
  const change = (p: Person, part: Partial<Pick<Person, "role" | "disabled">>) => task.run(async () => {
    await put(at(p.name), { role: p.role, disabled: p.disabled, ...part });
    await people.again();
  });
  return (
    <>
      <Title text={w.people.title} />
      <p class="lede">{w.people.lede}</p>
      {link && (
        <section class="once" role="status">
          <h2>{w.people.linkFor(link.name)}</h2>
          <p>{w.people.once(zoned(link.link_expires_at, ownZone, l))}</p>
          <Copied text={link.link} label={w.people.link} />
          <p><button type="button" onClick={() => setLink(null)}>{w.keys.kept}</button></p>
        </section>
      )}
      <NewPerson added={(x) => (setLink(x), void people.again())} />
      {task.error !== null && <Failure error={task.error} />}
      {people.error !== null && <Failure error={people.error} again={() => void people.again()} />}
      {!people.data ? people.error === null && <Reading /> : (
        <div class="scroll" role="region" tabIndex={0} aria-label={w.people.title}>
          <table>
            <caption class="note">{w.common.times(ownZone.replaceAll("_", " "), zoneName(ownZone, Date.now() / 1000, l))}</caption>
            <thead><tr><th scope="col">{w.people.name}</th><th scope="col">{w.people.role}</th><th scope="col">{w.people.state}</th><th scope="col">{w.people.seen}</th><th scope="col"><span class="hidden">{w.common.actions}</span></th></tr></thead>
            <tbody>
              {list.map((p) => {
                const self = p.name === session.value?.person?.name;
                return (
                  <tr key={p.name} class={p.disabled ? "past" : ""}>
                    <th scope="row"><Foreign>{p.name}</Foreign>{self && <span class="small"> {w.people.you}</span>}</th>
                    <td>
                      <select aria-label={w.people.roleOf(p.name)} value={p.role} disabled={self || task.busy} onChange={(e) => change(p, { role: e.currentTarget.value as Role })}>
                        {roles.map((r) => <option value={r}>{w.roles[r]}</option>)}
                      </select>
                    </td>
                    <td>{p.disabled ? w.people.disabled : p.has_password ? w.people.withPassword : w.people.byLink}</td>
                    <td>{p.last_seen_at ? time(p.last_seen_at, ownZone, l) : w.people.neverSeen}</td>
                    <td class="end">
                      <button type="button" disabled={task.busy || p.disabled} onClick={() => task.run(async () => setLink({ name: p.name, ...(await post<Omit<Link, "name">>(`${at(p.name)}/link`, {})) }))}>{w.people.newLink}<span class="hidden"> {p.name}</span></button>{" "}
                      {!self && <><button type="button" disabled={task.busy} onClick={() => change(p, { disabled: !p.disabled })}>{p.disabled ? w.people.enable : w.people.disable}<span class="hidden"> {p.name}</span></button>{" "}
                        <button type="button" disabled={task.busy} onClick={() => setLeaving(p)}>{w.people.remove}<span class="hidden"> {p.name}</span></button></>}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {leaving && (
        <Dialog title={w.people.removeTitle(leaving.name)} close={() => setLeaving(null)}>
          <p>{w.people.removeText}</p>
          <p class="actions">
            <button type="button" class="danger" disabled={task.busy} onClick={() => task.run(async () => {
              await remove(at(leaving.name));
              setLeaving(null);
              await people.again();
            })}>{w.people.remove}</button>
            <button type="button" onClick={() => setLeaving(null)}>{w.common.cancel}</button>
          </p>
        </Dialog>
      )}
    </>
  );
}

function NewPerson({ added }: { added: (l: Link) => void }) {
  const w = words.value;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const task = useTask();
  return (
    <form class="panel" aria-labelledby="new-person" onSubmit={(e) => {
      e.preventDefault();
      void task.run(async () => {
        const a = await post<{ person: Person; link: string; link_expires_at: string }>("/v1/people", { name: name.trim(), role });
        added({ name: a.person.name, link: a.link, link_expires_at: a.link_expires_at });
        setName("");
      });
    }}>
      <h2 id="new-person">{w.people.fresh}</h2>
      <Field label={w.people.name} note={w.people.nameNote}>{(a) => <input {...a} required maxLength={64} autocapitalize="none" autocomplete="off" value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
      <fieldset class="choice">
        <legend>{w.people.role}</legend>
        {roles.map((r) => <label><input type="radio" name="role" value={r} checked={role === r} onChange={() => setRole(r)} /> <span><b>{w.roles[r]}</b> <span class="note">{w.rolesMean[r]}</span></span></label>)}
      </fieldset>
      {task.error !== null && <Failure error={task.error} />}
      <p class="actions"><button class="main" type="submit" disabled={task.busy}>{w.people.add}</button></p>
    </form>
  );
}
