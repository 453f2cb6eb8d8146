/** Amounts of money as whole numbers of minor units, so that sums of them are exact. */
import type { Amount } from "./values";

export function decimalsOf(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

export function toMinor({ amount, currency }: Amount): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  const decimals = decimalsOf(currency);
  return BigInt(whole + fraction.padEnd(decimals, "0").slice(0, decimals));
}

export function fromMinor(minor: bigint, currency: string): Amount {
  const decimals = decimalsOf(currency);
  const digits = String(minor < 0n ? -minor : minor).padStart(decimals + 1, "0");
  const whole = decimals ? digits.slice(0, -decimals) : digits;
  const sign = minor < 0n ? "-" : "";
  return { amount: `${sign}${whole}${decimals ? `.${digits.slice(-decimals)}` : ""}`, currency };
}

export const negated = (amount: Amount): Amount => fromMinor(-toMinor(amount), amount.currency);

/** The sum of amounts, for each currency. */
export function sums(amounts: readonly Amount[]): Amount[] {
  const found = new Map<string, bigint>();
  for (const each of amounts) found.set(each.currency, (found.get(each.currency) ?? 0n) + toMinor(each));
  return [...found].map(([currency, minor]) => fromMinor(minor, currency));
}

/** An amount in so many parts that differ by one minor unit at the most. */
export function split(whole: Amount, parts: number): Amount[] {
  const minor = toMinor(whole);
  const [each, left] = [minor / BigInt(parts), minor % BigInt(parts)];
  return Array.from({ length: parts }, (_, index) => fromMinor(each + (BigInt(index) < left ? 1n : 0n), whole.currency));
}
