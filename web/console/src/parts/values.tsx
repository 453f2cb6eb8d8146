/** Amounts, instants and days as people of the language write them. */
import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";

export interface Amount {
  amount: string;
  currency: string;
}

export function formatMoney({ amount, currency }: Amount, language: string): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "code" });
  // A text is formatted exactly, as a number would not be.
  return format.format(amount as unknown as number).replace(/\u00a0/g, " ");
}

export function Money({ of }: { of: Amount }) {
  const { i18n } = useTranslation();
  return <span className="number">{formatMoney(of, i18n.language)}</span>;
}

export function Count({ of }: { of: string | number }) {
  const { i18n } = useTranslation();
  return <span className="number">{new Intl.NumberFormat(i18n.language).format(of as number)}</span>;
}

export function formatInstant(at: string, language: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}

/** To the second, and in which time zone: the browser's, as everywhere on the pages. */
function formatExactly(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" }).format(new Date(at));
}

export function Instant({ at }: { at: string | null | undefined }) {
  const { i18n } = useTranslation();
  if (!at) return <>—</>;
  return (
    <Tooltip title={formatExactly(at, i18n.language)}>
      <time dateTime={at}>{formatInstant(at, i18n.language)}</time>
    </Tooltip>
  );
}

/** A billing day is a date without an hour: the same wherever it is read. */
export function formatDay(day: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${day}T00:00Z`));
}

export function Day({ of }: { of: string | null | undefined }) {
  const { i18n } = useTranslation();
  return of ? <time dateTime={of}>{formatDay(of, i18n.language)}</time> : <>—</>;
}

/** Amounts of several currencies; a dash where there is none. */
export function Moneys({ of }: { of: readonly Amount[] }) {
  if (!of.length) return <>—</>;
  return of.map((amount) => <div key={amount.currency}><Money of={amount} /></div>);
}

/** A month, such as 2026-11, as people of the language write it. */
export function formatMonth(month: string, language: string): string {
  return new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00Z`));
}

export function Month({ of }: { of: string }) {
  const { i18n } = useTranslation();
  return <time dateTime={of}>{formatMonth(of, i18n.language)}</time>;
}
