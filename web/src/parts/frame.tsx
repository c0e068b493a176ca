// What stands around every page: the way in and out, language and theme.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { straight } from "../bytes.ts";
import { go, moves, place, route } from "../router.ts";
import { may, session, setPassword, signedIn, signOut } from "../session.ts";
import { chooseLocale, chooseTheme, locale, theme, words, type Theme } from "../settings.ts";
import { Dialog, Failure, Field, Foreign, useTask } from "./common.tsx";

function Links() {
  const w = words.value.site;
  const items: [string, string, boolean][] = [
    ["/", w.events, true],
    ["/play", w.play, may("ingest")],
    ["/new", w.fresh, may("admin")],
    ["/keys", w.keys, may("admin")],
    ["/people", w.people, may("admin")],
    ["/audit", w.audit, may("admin")],
    ["/docs", w.api, true],
  ];
  return (
    <nav aria-label={w.site} class="nav">
      {items.filter(([, , shown]) => shown).map(([to, text]) => (
        <a href={to} aria-current={place.value.path === to ? "page" : undefined}>{text}</a>
      ))}
    </nav>
  );
}

const themes: Theme[] = ["auto", "light", "dark"];

function Choices() {
  const w = words.value.site;
  return (
    <div class="choices">
      <button type="button" class="quiet" lang={locale.value === "ko" ? "en" : "ko"} onClick={() => chooseLocale(locale.value === "ko" ? "en" : "ko")}>
        {locale.value === "ko" ? "English" : "한국어"}
      </button>
      <label class="inline">
        <span class="hidden">{w.theme}</span>
        <select class="quiet" value={theme.value} onChange={(e) => chooseTheme(e.currentTarget.value as Theme)}>
          {themes.map((t) => <option value={t}>{w.themes[t]}</option>)}
        </select>
      </label>
      <Account />
    </div>
  );
}

function Account() {
  const w = words.value;
  const [open, setOpen] = useState(false);
  const leave = useTask();
  const s = session.value;
  if (s === null) return null;
  if (!s.signed_in) return route.value.page === "sign-in" ? null : <a class="button quiet" href={`/sign-in?next=${encodeURIComponent(place.value.path)}`}>{w.site.signIn}</a>;
  return (
    <>
      <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => setOpen(true)}><Foreign>{s.person?.name ?? w.site.account}</Foreign></button>
      {open && (
        <Dialog title={w.account.title} close={() => setOpen(false)}>
          <p>{w.account.who} <b><Foreign>{s.person?.name ?? ""}</Foreign></b>{s.person && `, ${w.roles[s.person.role]}`}</p>
          <Password done={() => setOpen(false)} />
          <hr />
          {leave.error !== null && <Failure error={leave.error} />}
          <p class="actions">
            {[false, true].map((everywhere) => (
              <button type="button" key={String(everywhere)} disabled={leave.busy} onClick={() => leave.run(async () => {
                await signOut(everywhere);
                setOpen(false);
                go("/sign-in");
              })}>{everywhere ? w.site.signOutEverywhere : w.site.signOut}</button>
            ))}
            <button type="button" class="quiet" onClick={() => setOpen(false)}>{w.common.close}</button>
          </p>
        </Dialog>
      )}
    </>
  );
}

/** Sets or changes the password of who is signed in. */
export function Password({ done }: { done: () => void }) {
  const w = words.value;
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [saved, setSaved] = useState(false);
  const task = useTask();
  const person = session.value?.person;
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      void task.run(async () => {
        await setPassword(current, fresh);
        setSaved(true);
        setTimeout(done, 1200);
      });
    }}>
      <h2>{person?.has_password ? w.account.change : w.account.set}</h2>
      {!person?.has_password && <p class="note">{w.account.why}</p>}
      <input type="hidden" autocomplete="username" value={person?.name ?? ""} />
      {person?.has_password && (
        <Field label={w.account.current} note={w.account.byLink}>{(a) => <input {...a} type="password" autocomplete="current-password" value={current} onInput={(e) => setCurrent(e.currentTarget.value)} />}</Field>
      )}
      <Field label={w.account.fresh} note={w.account.rule}>
        {(a) => <input {...a} type="password" autocomplete="new-password" minLength={10} maxLength={200} required value={fresh} onInput={(e) => setFresh(e.currentTarget.value)} />}
      </Field>
      {task.error !== null && <Failure error={task.error} />}
      <p class="actions"><button type="submit" class="main" disabled={task.busy}>{w.account.save}</button> <span role="status">{saved ? w.account.saved : ""}</span></p>
    </form>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  const w = words.value;
  const main = useRef<HTMLElement>(null);
  const moved = moves.value;
  useEffect(() => {
    // A move inside the site is told to screen readers as a new page would be.
    if (moved > 0) main.current?.focus({ preventScroll: true });
  }, [moved]);
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), main.current?.focus())}>{w.site.skip}</a>
      <header class="top">
        <div class="width">
          <a class="name" href="/"><img src="/icon.svg" alt="" width="22" height="22" />Outcry</a>
          {signedIn.value && <Links />}
          <Choices />
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main} class="width">{children}</main>
      <footer class="foot width"><p>{w.site.foot}</p></footer>
    </>
  );
}

/** The title of a page, in the document and on it. */
export function Title({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${straight(text)} · Outcry`;
  }, [text]);
  return <h1 dir="auto">{children ?? text}</h1>;
}
