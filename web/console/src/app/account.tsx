/** The account whose pages are open, for the pages within it. */
import { useOutletContext, useParams } from "react-router";
import type { AccountFrameQuery } from "@/gql/graphql";

export type OpenAccount = NonNullable<AccountFrameQuery["account"]>;

/** The account that the address names; a page within `AccountLayout` always has one. */
export function useAccount(): OpenAccount {
  return useOutletContext<OpenAccount>();
}

/** The account's global id from the address. */
export function useAccountId(): string {
  return useParams().accountId!;
}

export const pathOf = (accountId: string, page = "") => `/accounts/${encodeURIComponent(accountId)}${page && `/${page}`}`;

/** What a member may do by role; staff who look at an account have none, and may change nothing. */
export function rightsOf(role: OpenAccount["viewerRole"]) {
  return {
    owns: role === "OWNER",
    administers: role === "OWNER" || role === "ADMIN",
    seesToMoney: role === "OWNER" || role === "ADMIN" || role === "FINANCE",
  };
}

/** What the viewer may do in the open account. */
export const useRights = () => rightsOf(useAccount().viewerRole);

/** How many days of a free period are left on the account's clock, a day begun counted whole; 0 without one. */
export function freeDaysLeft(freePeriodEndsAt: string | null | undefined, clock: string): number {
  const left = freePeriodEndsAt ? Date.parse(freePeriodEndsAt) - Date.parse(clock) : 0;
  return Math.max(0, Math.ceil(left / (24 * 60 * 60 * 1000)));
}
