// What is put into a form before anyone has written in it.

/** A slug from a title or a file's name: what the server takes as one, or "event" where nothing is left. */
export function slugOf(text: string): string {
  const slug = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-+|-+$/g, "");
  return slug === "" ? "event" : slug;
}

/** Terms from the most used hashtags: those with at least a twentieth of the first one's posts. */
export function termsOf(hashtags: readonly { display: string; posts: number }[], most = 8): string[] {
  const first = hashtags[0]?.posts ?? 0;
  return hashtags.filter((h) => h.display.trim() !== "" && h.posts * 20 >= first).slice(0, most).map((h) => `#${h.display.replace(/^#/, "")}`);
}
