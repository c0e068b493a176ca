// What posts say of the services of an event, now as against before: pure, so that it can be tried
// without the pages.
import type { Passport, Said, Services } from "./model.ts";
import { fewPosts } from "./figures.ts";
import type { Span } from "./step.ts";

/** A service with its figures, and its complaints in the window before; null where nobody knows them. */
export interface SaidRow extends Said {
  before: number | null;
  /** Complaints more than before; null where one of the two is only known to be "at least". */
  change: number | null;
  /** The share is one of few posts. */
  few: boolean;
}

/** Whether figures of a window are only known to be at least what they are told as. */
export const atLeast = (p: Passport): boolean => p.coverage < 1;

/** Whether no source at all was heard; where one of several was, figures are at least what that one brought. */
export const unheard = (p: Passport): boolean => p.sources.every((s) => s.coverage === 0);

/** The rows of a table, those that most complain of first. */
export function saidRows(now: Services, before: Services | null): SaidRow[] {
  const heard = before !== null && !unheard(before.passport);
  const sure = heard && !atLeast(now.passport) && !atLeast(before.passport);
  const was = new Map(heard ? before.services.map((s) => [s.service, s.complaints]) : []);
  return now.services.map((s): SaidRow => {
    const then = was.get(s.service) ?? null;
    return { ...s, before: then, change: sure && then !== null ? s.complaints - then : null, few: s.posts > 0 && s.posts < fewPosts };
  }).sort((a, b) => b.complaints - a.complaints || b.posts - a.posts || (a.service < b.service ? -1 : 1));
}

/** The windows that are compared: that of the view, or else the last hour; and as long a time before it. */
export function comparedOf(view: Span | null, bounds: Span, horizon: number): { now: Span; before: Span } {
  const to = view ? view.to : Math.floor(horizon / 60) * 60;
  const from = view ? view.from : Math.max(to - 3600, Math.floor(bounds.from / 60) * 60);
  const now = { from: Math.min(from, to - 60), to };
  return { now, before: { from: 2 * now.from - now.to, to: now.from } };
}
