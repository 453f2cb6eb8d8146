/** What an event says of before and after, as far as a person reads it: names, amounts and days, and no keys. */
import { useTranslation } from "react-i18next";
import type { EditionKey, Role } from "@/gql/graphql";
import { fromMinor } from "@/parts/amounts";
import { formatDay, formatInstant, formatMoney, formatMonth } from "@/parts/values";

interface Happened {
  before?: unknown;
  after?: unknown;
}

const MONEY = ["amountMinor", "priceMinor", "receivedMinor", "leftMinor", "balanceMinor", "spentMinor", "budgetMinor"] as const;
const DAYS = ["day", "startsOn", "endsOn", "billedFrom"] as const;
const INSTANTS = ["until", "revokeAt", "expiresAt", "validUntil", "clock", "since"] as const;
const PLAIN = [
  "label", "name", "email", "company", "title", "recipient", "number", "redNumber", "reference", "bankReference", "ak", "url", "coupon", "manager",
  "meter", "dataKits", "limit", "quantity", "threshold", "thresholdPercent", "lastsDays", "daysBefore", "days", "deliveries", "corrections", "version",
] as const;

type Detail =
  | (typeof MONEY)[number] | (typeof DAYS)[number] | (typeof INSTANTS)[number] | (typeof PLAIN)[number]
  | "edition" | "role" | "month";

export function useDetails({ before, after }: Happened): string[] {
  const { t, i18n } = useTranslation(["events", "common"]);
  const said = { ...(before as object | null), ...(after as object | null) } as Record<string, unknown>;
  const found: string[] = [];
  const say = (key: Detail, value: string) => found.push(t("detail", { name: t(`details.${key}`), value }));
  const text = (key: string) => (typeof said[key] === "string" || typeof said[key] === "number" ? String(said[key]) : undefined);

  const edition = text("edition");
  if (edition) say("edition", t(`common:edition.${edition as EditionKey}`));
  const role = text("role");
  if (role) say("role", t(`common:role.${role as Role}`));
  for (const key of PLAIN) if (text(key)) say(key, text(key)!);
  for (const key of DAYS) if (text(key)) say(key, formatDay(text(key)!, i18n.language));
  const month = text("month");
  if (month) say("month", formatMonth(month, i18n.language));
  for (const key of INSTANTS) if (text(key)) say(key, formatInstant(text(key)!, i18n.language));
  for (const key of MONEY) {
    const minor = said[key];
    if (typeof minor === "number") say(key, formatMoney(fromMinor(BigInt(minor), text("currency") ?? "CNY"), i18n.language));
  }
  return found;
}
