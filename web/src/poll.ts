// Asking again and again what no stream tells, for as long as somebody looks: a page that is hidden
// asks for nothing, pages that were opened together do not ask together, and a server that fails is
// asked less and less.

/** The part of a document that tells whether it is seen. */
export interface Page {
  readonly visibilityState: string;
  addEventListener(type: "visibilitychange", f: () => void): void;
  removeEventListener(type: "visibilitychange", f: () => void): void;
}

const slowest = 8; // times the usual wait, after failures

/**
 * Reads now, and again so many milliseconds after each answer, a fifth more or less, until it is stopped
 * or read answers false. A page that comes to be seen again reads at once what was due meanwhile.
 */
export function whileSeen(every: number, read: (signal: AbortSignal) => Promise<unknown>, page: Page = document): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined, due = false, failures = 0;
  const turn = async (): Promise<void> => {
    due = page.visibilityState === "hidden";
    if (due || stop.signal.aborted) return;
    try {
      if ((await read(stop.signal)) === false) return end();
      failures = 0;
    } catch {
      failures++;
    }
    if (!stop.signal.aborted) timer = setTimeout(() => void turn(), every * Math.min(2 ** failures, slowest) * (0.8 + Math.random() * 0.4));
  };
  const seen = (): void => {
    if (due) void turn();
  };
  const end = (): void => {
    stop.abort();
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", seen);
  };
  page.addEventListener("visibilitychange", seen);
  void turn();
  return end;
}

/** Calls f at most once in a while, and once more when calls came meanwhile. */
export function seldom(ms: number, f: () => void): { (): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined, again = false;
  const run = (): void => {
    again = false;
    f();
    timer = setTimeout(() => {
      timer = undefined;
      if (again) run();
    }, ms);
  };
  const call = (): void => {
    if (timer === undefined) run();
    else again = true;
  };
  return Object.assign(call, { stop: () => clearTimeout(timer) });
}
