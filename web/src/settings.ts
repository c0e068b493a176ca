// What a reader chose for all pages: language and theme. Both are kept in the browser; a language
// in the address goes before the kept one, so that a shared page is read as it was sent.
import { batch, computed, effect, signal } from "@preact/signals";
import type { Words } from "./words_en.ts";

export type Locale = "en" | "ko";
export type Theme = "auto" | "light" | "dark";

/** Only the words of the language that is read are loaded. */
const dictionaries: Record<Locale, () => Promise<Words>> = {
  en: async () => (await import("./words_en.ts")).en,
  ko: async () => (await import("./words_ko.ts")).ko,
};

const isLocale = (x: unknown): x is Locale => x === "en" || x === "ko";

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage may be forbidden
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch { /* the choice then lasts as long as the page */ }
}

function firstLocale(): Locale {
  const said = new URLSearchParams(location.search).get("locale") ?? kept("outcry.locale");
  if (isLocale(said)) return said;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

export const locale = signal<Locale>(firstLocale());
/** The words of the language; readWords must have been awaited once. */
export const words = signal<Words>(undefined as unknown as Words);

export async function readWords(): Promise<void> {
  words.value = await dictionaries[locale.peek()]();
}

const asked = kept("outcry.theme");
export const theme = signal<Theme>(asked === "light" || asked === "dark" ? asked : "auto");

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", () => (systemDark.value = prefersDark.matches));

/** The theme as it is seen. */
export const seen = computed<"light" | "dark">(() => (theme.value === "auto" ? (systemDark.value ? "dark" : "light") : theme.value));

effect(() => {
  document.documentElement.lang = locale.value;
});
effect(() => {
  document.documentElement.dataset["theme"] = seen.value;
});

export async function chooseLocale(l: Locale): Promise<void> {
  const chosen = await dictionaries[l]();
  keep("outcry.locale", l);
  const u = new URL(location.href);
  if (u.searchParams.has("locale")) {
    u.searchParams.set("locale", l);
    history.replaceState(history.state, "", u);
  }
  batch(() => {
    locale.value = l;
    words.value = chosen;
  });
}

export function chooseTheme(t: Theme): void {
  keep("outcry.theme", t);
  theme.value = t;
}

export const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
