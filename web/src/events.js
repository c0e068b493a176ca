// What the page works out, apart from the document: functions of values, tested in Node.

/** Where the figures of an event are, from its slug. */
export function links(slug) {
  const base = `/v1/events/${encodeURIComponent(slug)}`;
  return {
    chart: `${base}/trend.svg?series=complaints,posts`,
    page: [
      ["Chart as PNG", `${base}/trend.png?series=complaints,posts`],
      ["Figures as CSV", `${base}/trend.csv?series=complaints,posts,complaint_share`],
      ["Hashtags", `${base}/tags`],
      ["Posts", `${base}/posts`],
      ["Coverage", `${base}/coverage`],
    ],
  };
}

/**
 * The planned times of an event in a time zone, named. An event without an end says so; times
 * that cannot be read are said to be unknown.
 */
export function when(event, zone, locale) {
  const start = new Date(event.starts_at);
  if (Number.isNaN(start.getTime())) return "planned time unknown";
  const full = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium", timeStyle: "short", timeZone: zone,
  });
  const named = new Intl.DateTimeFormat(locale, { timeZoneName: "short", timeZone: zone });
  const name = named.formatToParts(start).find((p) => p.type === "timeZoneName")?.value ?? "";
  const end = event.ends_at ? new Date(event.ends_at) : null;
  const text = end === null || Number.isNaN(end.getTime())
    ? `from ${full.format(start)}, without a planned end`
    : full.formatRange(start, end);
  return `${text} ${name}`.trim();
}

/** The marks an event must carry: what it is, in a word, and what that means. */
export function marks(event) {
  const out = [];
  if (event.simulated) out.push({ kind: "simulated", text: "Simulated", title: "Made by a drill: nothing here happened." });
  if (event.recorded) out.push({ kind: "recorded", text: "Recorded", title: "At least in part from replayed recordings." });
  if (event.status) out.push({ kind: event.status === "live" ? "live" : "status", text: event.status, title: "Status" });
  return out;
}

/** What stands in for the chart where it cannot be seen. */
export function alt(event) {
  const what = event.simulated ? "Simulated chart" : "Chart";
  return `${what}: complaints and posts over time for ${event.title}. The same figures are in the CSV file linked below.`;
}

/** The address of the next page in a Link header (RFC 8288), or null. */
export function nextPage(header) {
  for (const m of (header ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(m[2])) return m[1];
  }
  return null;
}

/** A sentence for an answer that was not the list. */
export function trouble(status) {
  if (status === 401 || status === 403) return "You are not signed in. Open the link that outcry serve printed when it started.";
  if (status === 503) return "The service cannot reach its database at the moment. What it hears meanwhile is not lost.";
  if (status >= 500) return `The service failed to answer (${status}). Its log says why.`;
  return `The list of events could not be read (${status}).`;
}
