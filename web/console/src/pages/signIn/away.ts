/** What this browser keeps while the person is at a provider: the secret that the answer has to be redeemed with. */

/** A path of this console, and nothing that a link could lead away to; else the start. URLs pass over tabs and lines. */
export const within = (path: string | null | undefined) =>
  path && /^\/(?![\t\n\r]*[/\\])/.test(path) ? path : "/";

/** Whether who signs in or registers was sent here by an invitation: its page comes next. */
export const isInvited = (next: string) => next.startsWith("/invitations");

const KEY = "edition-billing.provider";

export interface Away {
  secret: string;
  /** Where the person goes on afterwards. */
  next: string;
  /** Whether the provider's identity is linked to who is signed in, rather than signed in by. */
  links?: boolean;
}

export const AWAY = {
  keep(away: Away): void {
    sessionStorage.setItem(KEY, JSON.stringify(away));
  },
  get kept(): Away | null {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  },
};
