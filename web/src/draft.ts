// An event while it is written: what of it a form shows, and where mistakes belong.
import { answeredOnly, type Definition, type DraftProblem } from "./model.ts";

/** An event as it can be sent: without the fields that only answers have. */
export function definitionOf(e: object): Definition {
  const out: Record<string, unknown> = { ...e };
  for (const name of answeredOnly) delete out[name];
  return out as Definition;
}

/** An event to begin a new one from: without its name, its times and its state. */
export function templateOf(e: object): Definition {
  const out = definitionOf(e);
  for (const name of ["slug", "starts_at", "ends_at", "listen_from", "status", "simulated"] as const) delete out[name];
  return out;
}

/** Sets a field, or takes it away where its value is empty: what is empty is left to its default. */
export function withField<K extends keyof Definition>(e: Definition, name: K, value: Definition[K] | undefined): Definition {
  const out = { ...e };
  const empty = value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ||
    (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0);
  if (empty) delete out[name];
  else out[name] = value;
  return out;
}

/** The mistakes of a field and of what is in it; those of a list say which line of it they mean. */
export function problemsAt(problems: readonly DraftProblem[], path: string): string[] {
  return problems.flatMap((p) => {
    if (p.path === path) return [p.text];
    if (!p.path.startsWith(path)) return [];
    const rest = p.path.slice(path.length);
    const index = /^\[(\d+)\]/.exec(rest);
    if (index) return [`${Number(index[1]) + 1}. ${p.text}`];
    return rest.startsWith(".") ? [`${rest.slice(1)}: ${p.text}`] : [];
  });
}

/** The paths that a form has fields for; mistakes elsewhere are listed on their own. */
export function elsewhere(problems: readonly DraftProblem[], paths: readonly string[]): DraftProblem[] {
  return problems.filter((p) => !paths.some((f) => p.path === f || p.path.startsWith(`${f}[`) || p.path.startsWith(`${f}.`)));
}

/** Mistakes as a refused save names them ("body.match.any[2]"), in the form that drafts have. */
export function problemsOf(mistakes: readonly { location?: string; message: string }[]): DraftProblem[] {
  return mistakes.map((m) => ({ path: (m.location ?? "").replace(/^body\.?/, ""), text: m.message }));
}

/** Lines of a text as a list: trimmed, without empty ones. */
export const linesOf = (text: string): string[] => text.split("\n").map((t) => t.trim()).filter((t) => t !== "");

/** Where a line of a text begins and ends; lines count from one. */
export function lineAt(text: string, line: number): { from: number; to: number } {
  let from = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", from);
    if (next < 0) break;
    from = next + 1;
  }
  const end = text.indexOf("\n", from);
  return { from, to: end < 0 ? text.length : end };
}

const placeholder = /<([\p{Lu}][\p{Lu}\p{N} _-]*)>/gu;

/** What a template leaves open (<HOST>, <SERVICE>, ...), each once, in the order of its appearance. */
export function openIn(e: Definition): string[] {
  return [...new Set([...JSON.stringify(e).matchAll(placeholder)].map((m) => m[1]!))];
}

/**
 * A template with its open places filled in. What is given nothing is taken out: the text that has
 * it, and what cannot do without that text.
 */
export function fillIn(e: Definition, given: Readonly<Record<string, string>>): Definition {
  return (filled(e, given) ?? {}) as Definition;
}

function filled(v: unknown, given: Readonly<Record<string, string>>): unknown {
  if (typeof v === "string") {
    const text = v.replace(placeholder, (whole, name: string) => given[name]?.trim() || whole);
    return openIn({ title: text }).length > 0 ? undefined : text;
  }
  if (Array.isArray(v)) {
    const list = [...new Set(v.map((x) => filled(x, given)))].filter((x) => x !== undefined);
    return list.length > 0 ? list : undefined;
  }
  if (typeof v !== "object" || v === null) return v;
  const out: Record<string, unknown> = {};
  for (const [k, x] of Object.entries(v)) {
    const y = filled(x, given);
    if (y !== undefined) out[k] = y;
    else if (k === "name" || k === "space" || k === "url") return undefined;
  }
  return out;
}
