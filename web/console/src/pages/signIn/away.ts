/** What this browser keeps while the person is at a provider: the secret that the answer has to be redeemed with. */

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
