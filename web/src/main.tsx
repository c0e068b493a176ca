// Where the pages begin: who is here, and which page belongs to the address. Pages that are not
// needed at first are read when they are gone to.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./fonts.css";
import "./style.css";
import { Failure, Reading } from "./parts/common.tsx";
import { Frame, Title } from "./parts/frame.tsx";
import { later } from "./parts/later.tsx";
import { Overview } from "./pages/overview.tsx";
import { SignIn } from "./pages/sign_in.tsx";
import { place, route } from "./router.ts";
import { readSession, session } from "./session.ts";
import { readWords, words } from "./settings.ts";

const EventPage = later(async () => (await import("./pages/event.tsx")).EventPage);
const Setup = later(async () => (await import("./pages/setup.tsx")).Setup);
const Play = later(async () => (await import("./pages/play.tsx")).PlayPage);
const Keys = later(async () => (await import("./pages/keys.tsx")).Keys);
const People = later(async () => (await import("./pages/people.tsx")).People);
const Audit = later(async () => (await import("./pages/audit.tsx")).Audit);

function Page() {
  const s = session.value;
  const r = route.value;
  if (s === null) return <Start />;
  if (r.page === "sign-in") return <SignIn />;
  if (r.page === "event") return <EventPage slug={r.slug} key={r.slug} />; // public ones are for anyone
  if (r.page === "nowhere") return <Nowhere />;
  if (!s.signed_in) return <SignIn />;
  switch (r.page) {
    case "overview": return <Overview />;
    case "new": return <Setup slug={null} key={place.value.query} />;
    case "edit": return <Setup slug={r.slug} key={r.slug} />;
    case "play": return <Play />;
    case "keys": return <Keys />;
    case "people": return <People />;
    case "audit": return <Audit />;
  }
}

function Start() {
  const [error, setError] = useState<unknown>(null);
  const read = () => {
    setError(null);
    readSession().catch(setError);
  };
  useEffect(read, []);
  return error === null ? <Reading /> : <Failure error={error} again={read} />;
}

function Nowhere() {
  const w = words.value.site;
  return <><Title text={w.nowhere} /><p>{w.nowhereText} <a href="/">{w.events}</a></p></>;
}

await readWords();
const app = document.getElementById("app")!;
app.replaceChildren(); // what stood there while the pages were read
render(<Frame><Page /></Frame>, app);
