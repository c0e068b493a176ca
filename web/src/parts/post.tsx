// A post as it was written, with the words marked that made its tags. Its text is text: it never
// becomes markup, runs its own way, and cannot leave its box.
import { useMemo, useState } from "preact/hooks";
import { opening, stretches, tame } from "../bytes.ts";
import { sourceName } from "../chart/names.tsx";
import { zoned } from "../format.ts";
import { webAddress } from "../links.ts";
import type { Post, Reason } from "../model.ts";
import { locale, words } from "../settings.ts";
import { Foreign } from "./common.tsx";

const longest = 500, most = 12; // UTF-16 units and lines shown at first

/** A text with its reasons marked. */
export function PostText({ text, reasons, lang }: { text: string; reasons: readonly Reason[]; lang?: string }) {
  const w = words.value;
  const [all, setAll] = useState(false);
  const parts = useMemo(() => stretches(text, reasons), [text, reasons]);
  const first = opening(text, longest, most), cut = first < text.length;
  let left = all ? Infinity : first;
  const shown = parts.flatMap((p, i) => {
    if (left <= 0) return [];
    const t = tame(p.text.length > left ? clipped(p.text, left) : p.text);
    left -= p.text.length;
    return [p.tags.length > 0 ? <mark key={i} class={kind(p.tags)} title={p.tags.map(tagWords).join(", ")}>{t}</mark> : t];
  });
  return (
    <>
      <p class="post-text" dir="auto" {...(lang && lang !== "und" ? { lang } : {})}>{shown}{cut && !all && "…"}</p>
      {cut && !all && <button type="button" class="link small" onClick={() => setAll(true)}>{w.posts.whole}</button>}
    </>
  );
}

/** The beginning of a text, not cut inside a character of two units. */
function clipped(text: string, units: number): string {
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? units - 1 : units);
}

const kind = (tags: readonly string[]): string => (tags.some((t) => t.startsWith("recovery")) ? "good" : tags.some((t) => t.startsWith("complaint") || t.startsWith("symptom")) ? "bad" : "other");

function tagWords(tag: string): string {
  const w = words.value;
  if (tag.startsWith("symptom:")) return w.symptoms[tag.slice(8) as "audio"] ?? tag.slice(8);
  return (w.reasonTags as Record<string, string>)[tag] ?? tag;
}

export function PostItem({ post: p, zone }: { post: Post; zone: string }) {
  const w = words.value;
  const url = webAddress(p.url);
  const when = <time dateTime={p.at}>{zoned(p.at, zone, locale.value, "fullSeconds")}</time>;
  const reasons = [...new Map(p.tags.reasons.map((r) => [`${r.tag} ${r.match}`, r])).values()].slice(0, 12);
  return (
    <li class={`post${p.deleted_at ? " deleted" : ""}`}>
      <p class="post-head">
        <b>{sourceName(p.source)}</b> {url ? <a href={url} rel="noreferrer nofollow" target="_blank">{when}<span class="hidden"> {w.posts.outside}</span></a> : when}
        {p.kind !== "original" && <span>{w.kinds[p.kind]}</span>}
        {p.retimed && <span title={w.posts.retimedMeans}>{w.posts.retimed}</span>}
      </p>
      {p.deleted_at || p.text === null
        ? <p class="gone">{p.deleted_at ? w.posts.deleted(zoned(p.deleted_at, zone, locale.value, "fullSeconds")) : w.posts.gone}</p>
        : <PostText text={p.text} reasons={p.tags.reasons} lang={p.tags.lang} />}
      <p class="post-tags">
        {p.tags.is_complaint && <span class="tag bad">{w.posts.complaint}</span>}
        {p.tags.first_hand && <span class="tag">{w.posts.firstHand}</span>}
        {p.tags.recovery && <span class="tag good">{w.posts.recovery}</span>}
        {p.tags.symptoms.map((s) => <span class="tag">{w.symptoms[s as "audio"] ?? s}</span>)}
        {p.tags.blamed && <span class="tag">{w.posts.blames} <Foreign>{p.tags.blamed}</Foreign></span>}
        {reasons.length > 0 && (
          <details>
            <summary>{w.posts.why}</summary>
            <ul>{reasons.map((r) => <li>{tagWords(r.tag)}: “<Foreign>{tame(r.match.slice(0, 120))}</Foreign>” <span class="note">{r.rule}</span></li>)}</ul>
          </details>
        )}
      </p>
    </li>
  );
}
