// The start page: lists the events of this service with a chart each.
import { alt, links, marks, nextPage, trouble, when } from "./events.js";

const list = document.getElementById("list");
const more = document.getElementById("more");
const message = document.getElementById("message");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Makes an element with text or children. Text from the service never becomes markup. */
function make(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

function chart(event) {
  const src = `${links(event.slug).chart}&tz=${encodeURIComponent(zone)}`;
  const narrow = make("source", { media: "(max-width: 40rem)", srcset: `${src}&width=480&height=480`, width: 480, height: 480 });
  const image = make("img", { src, alt: alt(event), width: 960, height: 540, loading: "lazy", decoding: "async" });
  const frame = make("a", { class: "chart", href: src }, make("picture", {}, narrow, image));
  image.addEventListener("error", () => {
    frame.replaceWith(make("p", { class: "nochart" }, "The chart could not be drawn: nothing may be known of this event yet."));
  }, { once: true });
  return frame;
}

function card(event) {
  const id = `event-${event.slug}`;
  return make("li", {},
    make("article", { "aria-labelledby": id, class: event.simulated ? "card simulated" : "card" },
      make("h2", { id }, event.title),
      make("p", { class: "meta" },
        ...marks(event).map((m) => make("span", { class: `mark ${m.kind}`, title: m.title }, m.text)),
        make("span", { class: "when" }, when(event, zone))),
      chart(event),
      make("ul", { class: "links", "aria-label": `Figures of ${event.title}` },
        ...links(event.slug).page.map(([text, href]) => make("li", {}, make("a", { href }, text))))));
}

function say(text) {
  message.textContent = text;
  message.hidden = text === "";
}

async function read(url) {
  more.disabled = true;
  let page, next;
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return retry(url, trouble(answer.status));
    page = await answer.json();
    next = nextPage(answer.headers.get("Link"));
  } catch {
    return retry(url, "The service does not answer.");
  }
  const events = page.events ?? [];
  say("");
  document.getElementById("again")?.remove();
  if (events.length === 0 && list.children.length === 0) {
    document.getElementById("events").append(document.getElementById("empty").content.cloneNode(true));
  }
  const cards = events.map(card);
  list.append(...cards);
  if (more.dataset.used && cards.length > 0) {
    // The button that had the focus has moved down: go on reading where the new events begin.
    const first = cards[0].querySelector("h2");
    first.tabIndex = -1;
    first.focus();
  }
  more.hidden = next === null;
  more.disabled = false;
  more.dataset.next = next ?? "";
}

function retry(url, text) {
  say(text);
  more.disabled = false;
  if (document.getElementById("again")) return;
  const again = make("button", { id: "again", type: "button" }, "Try again");
  again.addEventListener("click", () => read(url));
  message.after(again);
}

more.addEventListener("click", () => {
  more.dataset.used = "yes";
  read(more.dataset.next);
});

read("/v1/events");
