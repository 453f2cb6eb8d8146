/** Inputs that many of the staff's forms have: reasons, amounts, currencies, instants. */
import { DatePicker, type DatePickerProps, Form, Input, InputNumber, type InputNumberProps, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { StaffChannelsQuery } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";

const Channels = graphql(`
  query StaffChannels {
    settlementChannels { key name currencies capabilities }
  }
`);

const NONE: StaffChannelsQuery["settlementChannels"] = [];

export function useRequired() {
  const { t } = useTranslation();
  return [{ required: true, message: t("required") }];
}

/** Why something is done: it stays on record. */
export function Reason({ help }: { help?: string }) {
  const { t } = useTranslation("staff");
  return (
    <Form.Item name="reason" label={t("reason")} extra={help ?? t("reasonHelp")} rules={useRequired()}>
      <Input.TextArea maxLength={500} showCount rows={2} />
    </Form.Item>
  );
}

/** An amount in major units, a text as the API takes it. */
export function AmountInput(props: Omit<InputNumberProps<string>, "stringMode">) {
  return <InputNumber<string> min="0" {...props} stringMode style={{ width: "100%" }} />;
}

/** The channels that are installed. */
export function useChannels() {
  const [{ data }] = useQuery({ query: Channels });
  return data?.settlementChannels ?? NONE;
}

/** What a channel is called. */
export function useChannelName() {
  const channels = useChannels();
  return useCallback((key: string) => channels.find((channel) => channel.key === key)?.name ?? key, [channels]);
}

interface Chosen<Value> {
  id?: string;
  value?: Value;
  onChange?: (value: Value) => void;
}

/** A currency that some channel pays in. */
export function CurrencySelect(props: Chosen<string>) {
  const currencies = [...new Set(["CNY", ...useChannels().flatMap((channel) => channel.currencies)])];
  return <Select {...props} showSearch options={currencies.map((value) => ({ value, label: value }))} />;
}

export function ChannelFilter({ value, onChange }: Chosen<string | undefined>) {
  const { t } = useTranslation("staff");
  return (
    <Filter
      value={value}
      label={t("channel")}
      style={{ minWidth: 160 }}
      options={useChannels().map(({ key, name }) => ({ value: key, label: name ?? key }))}
      onChange={onChange}
    />
  );
}

/** An instant, in the browser's time zone. */
export function InstantInput(props: DatePickerProps) {
  return <DatePicker {...props} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" style={{ width: "100%" }} />;
}

export const dayOf = (day: Dayjs) => day.format("YYYY-MM-DD");
export const instantOf = (at: Dayjs | null | undefined) => at?.toISOString() ?? null;
