// Which page is shown, by the address. Links inside the site change it without loading anew.
import { computed, signal } from "@preact/signals";
import { readRoute } from "./address.ts";

export interface Place { path: string; query: string }

const here = (): Place => ({ path: location.pathname, query: location.search });

export const place = signal<Place>(here());
export const route = computed(() => readRoute(place.value.path));

/** Counts moves to another page, so that the page can take the focus. */
export const moves = signal(0);

export function go(to: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  const before = place.value.path;
  place.value = here();
  if (before !== place.value.path) {
    moves.value++;
    scrollTo(0, 0);
  }
}

/** Changes the query alone. The page is not told: it made the change itself. */
export function rewrite(query: string): void {
  history.replaceState(history.state, "", location.pathname + query);
}

addEventListener("popstate", () => {
  const before = place.value.path;
  place.value = here();
  if (before !== place.value.path) moves.value++;
});

addEventListener("click", (e) => {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  const a = (e.target as Element).closest?.("a");
  if (!a || a.target || a.hasAttribute("download") || a.origin !== location.origin) return;
  if (a.hash !== "" && a.pathname === location.pathname) return;
  if (readRoute(a.pathname).page === "nowhere") return;
  e.preventDefault();
  go(a.pathname + a.search + a.hash);
});
