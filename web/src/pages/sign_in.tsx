// The way in: by a link whose token is in the fragment, or by name and password.
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../call.ts";
import { Failure, Field, Reading, useTask } from "../parts/common.tsx";
import { Password, Title } from "../parts/frame.tsx";
import { readRoute } from "../address.ts";
import { go, place } from "../router.ts";
import { ended, session, signedIn, signIn } from "../session.ts";
import { words } from "../settings.ts";

/** The token of a sign-in link, taken out of the address at once so that it stays in no history. */
function takeToken(): string {
  if (location.pathname !== "/sign-in" || location.hash.length < 2) return "";
  const token = location.hash.slice(1); // letters and digits: what is more is no token
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** Where to go after signing in: a page of this site, or the overview. */
export function nextOf(query: string): string {
  const next = new URLSearchParams(query).get("next") ?? "/";
  const u = URL.canParse(next, location.origin) ? new URL(next, location.origin) : null;
  return u?.origin === location.origin && !["nowhere", "sign-in"].includes(readRoute(u.pathname).page) ? u.pathname + u.search : "/";
}

export function SignIn() {
  const w = words.value.signIn;
  const [token] = useState(takeToken);
  const [name, setName] = useState("");
  const [password, setPass] = useState("");
  const [link, setLink] = useState("");
  const [offer, setOffer] = useState(false);
  const task = useTask();
  const onwards = () => (place.value.path === "/sign-in" ? go(nextOf(place.value.query), true) : undefined);
  const enter = (how: Parameters<typeof signIn>[0]) => task.run(async () => {
    await signIn(how);
    if ("link" in how && session.value?.person?.has_password === false && place.value.path === "/sign-in") setOffer(true);
    else onwards();
  });
  useEffect(() => {
    if (token) void enter({ link: token });
    else if (signedIn.value && !offer) onwards();
  }, []);

  if (offer) {
    return (
      <div class="narrow">
        <Title text={w.welcome} />
        <p>{w.offer}</p>
        <Password done={onwards} />
        <p><button type="button" class="link" onClick={onwards}>{w.skip}</button></p>
      </div>
    );
  }
  if (token && task.busy) return <><Title text={w.title} /><Reading /></>;
  const wrong = task.error instanceof Problem && task.error.status === 401;
  return (
    <div class="narrow">
      <Title text={w.title} />
      {ended.value && <p class="notice">{w.ended}</p>}
      {task.error !== null && (wrong ? <p class="notice notice-bad" role="alert">{token && !name && !link ? w.usedLink : link ? w.usedLink : w.wrong}</p> : <Failure error={task.error} />)}
      <p>{w.lede}</p>
      <form onSubmit={(e) => {
        e.preventDefault();
        setLink("");
        void enter({ name: name.trim(), password });
      }}>
        <Field label={w.name}>{(a) => <input {...a} autocomplete="username" autocapitalize="none" required value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
        <Field label={w.password}>{(a) => <input {...a} type="password" autocomplete="current-password" required value={password} onInput={(e) => setPass(e.currentTarget.value)} />}</Field>
        <p class="actions"><button class="main" type="submit" disabled={task.busy}>{words.value.site.signIn}</button></p>
      </form>
      <details>
        <summary>{w.withLink}</summary>
        <form onSubmit={(e) => {
          e.preventDefault();
          void enter({ link: link.includes("#") ? link.slice(link.indexOf("#") + 1).trim() : link.trim() });
        }}>
          <Field label={w.link} note={w.linkNote}>{(a) => <input {...a} required value={link} autocomplete="off" onInput={(e) => setLink(e.currentTarget.value)} />}</Field>
          <p class="actions"><button type="submit" disabled={task.busy}>{words.value.site.signIn}</button></p>
        </form>
      </details>
      <p class="note">{w.publicNote}</p>
    </div>
  );
}
