// Who is signed in. null until it is known.
import { computed, signal } from "@preact/signals";
import { get, post, put, remove, whenSignedOut } from "./call.ts";
import type { Scope, Session } from "./model.ts";

export const session = signal<Session | null>(null);
/** Set when a session ended by itself, so that the sign-in page can say so. */
export const ended = signal(false);

export const signedIn = computed(() => session.value?.signed_in === true);
export const may = (s: Scope): boolean => session.value?.scopes?.includes(s) ?? false;

whenSignedOut(() => {
  if (!signedIn.value) return;
  ended.value = true;
  session.value = { signed_in: false };
});

export async function readSession(): Promise<void> {
  session.value = await get<Session>("/v1/session");
}

export async function signIn(how: { link: string } | { name: string; password: string }): Promise<void> {
  session.value = await post<Session>("/v1/session", how);
  ended.value = false;
}

export async function signOut(everywhere = false): Promise<void> {
  await remove(everywhere ? "/v1/session?everywhere=true" : "/v1/session");
  ended.value = false;
  session.value = { signed_in: false };
}

export async function setPassword(current: string, fresh: string): Promise<void> {
  await put("/v1/session/password", current === "" ? { new: fresh } : { current, new: fresh });
  await readSession();
}

