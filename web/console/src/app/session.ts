/** Who is signed in: the token of this browser, one for all its tabs, GraphiQL included. */
import { useSyncExternalStore } from "react";

const KEY = "edition-billing.token";
const listeners = new Set<() => void>();

export const session = {
  /** Whether a person signed out in this tab: whoever signs in next begins at a page of their own. */
  left: false,
  get token(): string | null {
    return localStorage.getItem(KEY);
  },
  begin(token: string): void {
    session.left = false;
    localStorage.setItem(KEY, token);
    listeners.forEach((listener) => listener());
  },
  end(): void {
    localStorage.removeItem(KEY);
    listeners.forEach((listener) => listener());
  },
  /** The person is done here: what GraphiQL keeps of what was sent goes, too, for whoever comes next is another. */
  leave(): void {
    for (const kept of Object.keys(localStorage)) if (kept.startsWith("graphiql:")) localStorage.removeItem(kept);
    session.left = true;
    session.end();
  },
};

window.addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) listeners.forEach((listener) => listener());
});

/** The token, or null while nobody is signed in; tabs sign in and out together. */
export function useToken(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session.token,
  );
}
