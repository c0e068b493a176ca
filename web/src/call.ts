// How the pages talk to the API: JSON in and out, every failure one kind of error.
import { nextPage } from "./links.ts";

export interface Mistake { location?: string; message: string }

/** A refusal, or no answer at all (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly detail: string;
  readonly mistakes: readonly Mistake[];
  readonly requestId: string;
  readonly retryAfter: number | null;

  constructor(status: number, detail: string, mistakes: readonly Mistake[] = [], requestId = "", retryAfter: number | null = null) {
    super(detail || `status ${status}`);
    [this.status, this.detail, this.mistakes, this.requestId, this.retryAfter] = [status, detail, mistakes, requestId, retryAfter];
  }
}

/** Called when an answer says that nobody is signed in any more. */
let onSignedOut = (): void => {};
export function whenSignedOut(f: () => void): void {
  onSignedOut = f;
}

export interface Answer<T> { body: T; next: string | null }

interface Asked { method?: string; json?: unknown; text?: string; kind?: string; signal?: AbortSignal | undefined }

export async function ask<T>(url: string, asked: Asked = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const init: RequestInit = { method: asked.method ?? "GET", headers, credentials: "same-origin", signal: asked.signal ?? null };
  if (asked.json !== undefined) [headers["Content-Type"], init.body] = ["application/json", JSON.stringify(asked.json)];
  if (asked.text !== undefined) [headers["Content-Type"], init.body] = [asked.kind ?? "text/plain", asked.text];
  let answer: Response, text: string;
  try {
    answer = await fetch(url, init);
    text = await answer.text();
  } catch (e) {
    if (asked.signal?.aborted) throw e;
    throw new Problem(0, "");
  }
  if (!answer.ok) {
    const p = problemOf(answer.status, text, answer.headers.get("Retry-After"));
    if (p.status === 401 && !url.startsWith("/v1/session")) onSignedOut();
    throw p;
  }
  return { body: (text === "" ? undefined : JSON.parse(text)) as T, next: nextPage(answer.headers.get("Link")) };
}

/** Reads a refusal: problem+json, or whatever a server on the way says instead. */
export function problemOf(status: number, text: string, retryAfter: string | null = null): Problem {
  let p: { detail?: unknown; errors?: unknown; request_id?: unknown } = {};
  try {
    const v: unknown = JSON.parse(text);
    if (typeof v === "object" && v !== null) p = v;
  } catch { /* not from the API itself */ }
  const mistakes = Array.isArray(p.errors) ? (p.errors as Mistake[]).filter((m) => typeof m?.message === "string") : [];
  const wait = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  return new Problem(status, typeof p.detail === "string" ? p.detail : "", mistakes, typeof p.request_id === "string" ? p.request_id : "", wait);
}

export const get = async <T>(url: string, signal?: AbortSignal): Promise<T> => (await ask<T>(url, { signal })).body;
export const post = async <T>(url: string, json: unknown): Promise<T> => (await ask<T>(url, { method: "POST", json })).body;
export const put = async <T>(url: string, json: unknown): Promise<T> => (await ask<T>(url, { method: "PUT", json })).body;
export const remove = async (url: string): Promise<void> => void (await ask(url, { method: "DELETE" }));

/** Sends a file as it is, and tells how far it has come (0 to 1). */
export function upload<T>(url: string, file: Blob, progress: (share: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const r = new XMLHttpRequest();
    r.open("POST", url);
    r.setRequestHeader("Content-Type", "application/octet-stream");
    r.setRequestHeader("Accept", "application/json");
    r.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    r.onload = () => (r.status >= 200 && r.status < 300 ? resolve(JSON.parse(r.responseText) as T) : reject(problemOf(r.status, r.responseText)));
    r.onerror = () => reject(new Problem(0, ""));
    r.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => r.abort());
    r.send(file);
  });
}
