/** Publishing the next version of a price, with what a month would have cost by it. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Alert, Button, Card, Checkbox, Col, DatePicker, Divider, Flex, Form, type FormInstance, InputNumber, Radio, Row, Select, Statistic } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useClient, useQuery } from "urql";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { EditionKey, PlanStartQuery, PricePreviewQuery, PriceTermsInput, TierMode } from "@/gql/graphql";
import { Table } from "@/parts/Table";
import { fromMinor, toMinor } from "@/parts/amounts";
import { Count, formatMoney, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { FormDrawer } from "./FormDrawer";
import { AmountInput, CurrencySelect, instantOf, useRequired } from "./inputs";
import { type Begins, ValidFrom } from "./PublishFields";

const PlanStart = graphql(`
  query PlanStart {
    editions {
      id key
      pricePlan {
        id meter currency unitsPerPrice tierMode freeQuantity minimumQuantity freePeriodSeconds timeZone
        unitPrice { amount currency } baseFee { amount currency }
        tiers { upTo unitPrice { amount currency } flat { amount currency } }
      }
    }
    meters { key name unit }
  }
`);

const Preview = graphql(`
  query PricePreview($edition: EditionKey!, $terms: PriceTermsInput!, $month: String!, $group: String, $sandboxes: Boolean!) {
    pricePreview(edition: $edition, terms: $terms, month: $month, group: $group, sandboxes: $sandboxes) {
      accounts days texts
      priced { amount currency } wouldCost { amount currency }
      largest { accountId accountName days priced { amount currency } wouldCost { amount currency } }
    }
  }
`);

const PublishPlan = graphql(`
  mutation PublishPricePlan(
    $edition: EditionKey!, $terms: PriceTermsInput!, $validFrom: DateTime, $group: String, $forExisting: Boolean!,
    $despiteChannels: Boolean!, $idempotencyKey: String
  ) {
    publishPricePlan(
      edition: $edition, terms: $terms, validFrom: $validFrom, group: $group, forExisting: $forExisting,
      despiteChannels: $despiteChannels, idempotencyKey: $idempotencyKey
    ) {
      ... on PublishPricePlanSuccess { pricePlan { id version } }
      ... on Error { code message path }
    }
  }
`);

interface Wanted extends Begins {
  edition: EditionKey;
  group?: string;
  forExisting: boolean;
  despiteChannels: boolean;
  by: "unit" | "tiers";
  meter: string;
  currency: string;
  unitPrice?: string;
  unitsPerPrice: number;
  tierMode: TierMode;
  tiers?: { upTo?: string | null; unitPrice: string; flat?: string }[];
  baseFee: string;
  freeQuantity: string;
  minimumQuantity: number;
  freeDays: number;
  timeZone: string;
}

const DAY = 24 * 60 * 60;

/** The terms as the API takes them. */
function termsOf(wanted: Wanted): PriceTermsInput {
  const tiers = (wanted.tiers ?? []).map(({ upTo, unitPrice, flat }) => ({ upTo: upTo ? Number(upTo) : null, unitPrice, flat: flat || "0" }));
  return {
    meter: wanted.meter,
    currency: wanted.currency,
    unitPrice: wanted.by === "unit" ? wanted.unitPrice : null,
    tiers: wanted.by === "tiers" ? tiers : null,
    tierMode: wanted.tierMode ?? "GRADUATED",
    unitsPerPrice: wanted.unitsPerPrice,
    baseFee: wanted.baseFee || "0",
    freeQuantity: Number(wanted.freeQuantity || 0),
    minimumQuantity: wanted.minimumQuantity,
    freePeriodSeconds: Math.round(wanted.freeDays * DAY),
    timeZone: wanted.timeZone,
  };
}

/** The form's values of an edition's present price, which the next one is made of. */
function startOf(edition: EditionKey, start: PlanStartQuery | undefined): Partial<Wanted> {
  const plan = start?.editions.find(({ key }) => key === edition)?.pricePlan;
  if (!plan)
    return {
      edition, by: "unit", meter: start?.meters[0]?.key, currency: "CNY", unitsPerPrice: 1, tierMode: "GRADUATED", baseFee: "0",
      freeQuantity: "0", minimumQuantity: 0, freeDays: 0, timeZone: "Asia/Shanghai",
    };
  return {
    edition,
    by: plan.tiers.length ? "tiers" : "unit",
    meter: plan.meter,
    currency: plan.currency,
    unitPrice: plan.unitPrice.amount,
    unitsPerPrice: plan.unitsPerPrice,
    tierMode: plan.tierMode,
    tiers: plan.tiers.map(({ upTo, unitPrice, flat }) => ({ upTo, unitPrice: unitPrice.amount, flat: flat.amount })),
    baseFee: plan.baseFee.amount,
    freeQuantity: plan.freeQuantity,
    minimumQuantity: Number(plan.minimumQuantity),
    freeDays: plan.freePeriodSeconds / DAY,
    timeZone: plan.timeZone,
  };
}

export function PlanForm({ groups }: { groups: { key: string; name: string }[] }) {
  const { t } = useTranslation("operations");
  const [{ data }] = useQuery({ query: PlanStart });
  const [publish] = useAction(PublishPlan);
  const send = ({ validFrom, edition, group, forExisting, despiteChannels, ...rest }: Wanted, form: FormInstance<Wanted>) =>
    publish(
      {
        edition,
        terms: termsOf({ ...rest, edition, forExisting, despiteChannels }),
        validFrom: instantOf(validFrom),
        group: group ?? null,
        forExisting,
        despiteChannels,
      },
      { form, success: t("planPublished") },
    );
  return (
    <FormDrawer<Wanted>
      type="primary"
      label={t("publishPlan")}
      width={720}
      disabled={!data}
      initialValues={{ ...startOf("PAY_AS_YOU_GO", data), forExisting: false, despiteChannels: false }}
      onValuesChange={(changed, _, form) => {
        if (changed.edition) form.setFieldsValue(startOf(changed.edition, data) as Wanted);
      }}
      send={send}
    >
      <Fields start={data} groups={groups} />
      <Previewed />
    </FormDrawer>
  );
}

const zones = Intl.supportedValuesOf("timeZone").map((value) => ({ value, label: value }));

function Fields({ start, groups }: { start?: PlanStartQuery; groups: { key: string; name: string }[] }) {
  const { t } = useTranslation(["operations", "common"]);
  const rules = useRequired();
  const by = Form.useWatch("by") ?? "unit";
  const meter = Form.useWatch("meter");
  const unit = start?.meters.find(({ key }) => key === meter)?.unit ?? "";
  const half = { flex: "1 1 200px" };
  return (
    <>
      <Flex gap="middle" wrap>
        <Form.Item name="edition" label={t("edition")} rules={rules} style={half}>
          <Select options={(start?.editions ?? []).map(({ key }) => ({ value: key, label: t(`common:edition.${key}`) }))} />
        </Form.Item>
        <Form.Item name="group" label={t("group")} extra={t("planGroupHelp")} style={half}>
          <Select allowClear placeholder={t("catalog")} options={groups.map(({ key, name }) => ({ value: key, label: name }))} notFoundContent={t("noGroups")} />
        </Form.Item>
      </Flex>
      <Flex gap="middle" wrap>
        <Form.Item name="meter" label={t("meter")} rules={rules} style={half}>
          <Select options={(start?.meters ?? []).map(({ key, name }) => ({ value: key, label: t("common:aside", { what: name, aside: key }) }))} />
        </Form.Item>
        <Form.Item name="currency" label={t("currency")} rules={rules} style={half}><CurrencySelect /></Form.Item>
      </Flex>
      <Form.Item name="by" label={t("pricing")}>
        <Radio.Group options={[{ value: "unit", label: t("byUnit") }, { value: "tiers", label: t("byTiers") }]} />
      </Form.Item>
      <Flex gap="middle" wrap>
        {by === "unit" && <Form.Item name="unitPrice" label={t("unitPrice")} rules={rules} style={half}><AmountInput /></Form.Item>}
        <Form.Item name="unitsPerPrice" label={t("unitsPerPrice")} extra={t("unitsPerPriceHelp")} rules={rules} style={half}>
          <InputNumber min={1} suffix={unit} style={{ width: "100%" }} />
        </Form.Item>
      </Flex>
      {by === "tiers" && <Tiers />}
      <Flex gap="middle" wrap>
        <Form.Item name="minimumQuantity" label={t("minimumQuantity")} extra={t("minimumQuantityHelp")} rules={rules} style={half}>
          <InputNumber min={0} suffix={unit} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="freeQuantity" label={t("freeQuantity")} rules={rules} style={half}>
          <InputNumber<string> stringMode min="0" precision={0} suffix={unit} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="baseFee" label={t("baseFee")} rules={rules} style={half}><AmountInput /></Form.Item>
      </Flex>
      <Flex gap="middle" wrap>
        <Form.Item name="freeDays" label={t("freePeriod")} extra={t("freePeriodHelp")} rules={rules} style={half}>
          <InputNumber min={0} suffix={t("daysUnit")} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="timeZone" label={t("timeZone")} rules={rules} style={half}><Select showSearch options={zones} /></Form.Item>
      </Flex>
      <ValidFrom />
      <Form.Item name="forExisting" valuePropName="checked" extra={t("forExistingHelp")}><Checkbox>{t("alsoExisting")}</Checkbox></Form.Item>
      <Form.Item name="despiteChannels" valuePropName="checked" extra={t("despiteChannelsHelp")}><Checkbox>{t("despiteChannels")}</Checkbox></Form.Item>
    </>
  );
}

function Tiers() {
  const { t } = useTranslation("operations");
  const rules = useRequired();
  return (
    <>
      <Form.Item name="tierMode" label={t("tierModeLabel")}>
        <Radio.Group options={(["GRADUATED", "VOLUME"] as const).map((value) => ({ value, label: t(`tierMode.${value}`) }))} />
      </Form.Item>
      <Form.List name="tiers">
        {(rows, { add, remove }) => (
          <Flex vertical style={{ marginBottom: 16 }}>
            {rows.map(({ key, name }, index) => (
              <Flex key={key} gap="small" align="start">
                <Form.Item name={[name, "upTo"]} style={{ flex: 1, marginBottom: 8 }}>
                  <InputNumber<string> stringMode min="1" precision={0} aria-label={`${t("upTo")} ${index + 1}`} placeholder={index === rows.length - 1 ? t("open") : t("upTo")} style={{ width: "100%" }} />
                </Form.Item>
                <Form.Item name={[name, "unitPrice"]} rules={rules} style={{ flex: 1, marginBottom: 8 }}>
                  <AmountInput aria-label={`${t("unitPrice")} ${index + 1}`} placeholder={t("unitPrice")} />
                </Form.Item>
                <Form.Item name={[name, "flat"]} style={{ flex: 1, marginBottom: 8 }}>
                  <AmountInput aria-label={`${t("flat")} ${index + 1}`} placeholder={t("flat")} />
                </Form.Item>
                <Button type="text" icon={<DeleteOutlined />} aria-label={`${t("removeTier")} ${index + 1}`} disabled={rows.length === 1} onClick={() => remove(name)} />
              </Flex>
            ))}
            <div><Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>{t("addTier")}</Button></div>
          </Flex>
        )}
      </Form.List>
    </>
  );
}

type Found = PricePreviewQuery["pricePreview"] & { month: string };

/** What the days of a month would have come to by what stands in the form. */
function Previewed() {
  const { t } = useTranslation(["operations", "common"]);
  const { message } = App.useApp();
  const { sandboxes } = useStaff();
  const form = Form.useFormInstance<Wanted>();
  const client = useClient();
  const [month, setMonth] = useState<Dayjs>(() => dayjs().subtract(1, "month"));
  const [found, setFound] = useState<Found>();
  const [asking, setAsking] = useState(false);
  async function ask() {
    const wanted = await form.validateFields().catch(() => undefined);
    if (!wanted) return;
    setAsking(true);
    const asked = { edition: wanted.edition, terms: termsOf(wanted), month: month.format("YYYY-MM"), group: wanted.group ?? null, sandboxes };
    const { data, error } = await client.query(Preview, asked, { requestPolicy: "network-only" });
    setAsking(false);
    if (data) setFound({ ...data.pricePreview, month: asked.month });
    else message.error(error?.graphQLErrors[0]?.message ?? t("common:unreachable"));
  }
  return (
    <>
      <Divider titlePlacement="start"><h3 style={{ fontSize: "inherit", margin: 0 }}>{t("preview")}</h3></Divider>
      <p>{t("previewHelp")}</p>
      <Flex gap="middle" align="center" wrap>
        <DatePicker picker="month" allowClear={false} aria-label={t("month")} value={month} onChange={(chosen) => chosen && setMonth(chosen)} />
        <Sandboxes />
        <Button loading={asking} onClick={ask}>{t("computePreview")}</Button>
      </Flex>
      {found && <Figures found={found} />}
    </>
  );
}

function Figures({ found }: { found: Found }) {
  const { t, i18n } = useTranslation("operations");
  const money = (of: { amount: string; currency: string }) => formatMoney(of, i18n.language);
  const difference = fromMinor(toMinor(found.wouldCost) - toMinor(found.priced), found.priced.currency);
  const percent = Number(found.priced.amount) ? ((Number(found.wouldCost.amount) / Number(found.priced.amount) - 1) * 100).toFixed(1) : null;
  return (
    <Flex vertical gap="middle" style={{ marginTop: 16 }} aria-live="polite">
      <div>{found.texts.map((text) => <div key={text}>{text}</div>)}</div>
      {found.days === 0 ? (
        <Alert type="info" showIcon title={t("previewNothing", { month: found.month })} />
      ) : (
        <>
          <Alert type="info" showIcon title={t("previewBasis", { month: found.month, accounts: found.accounts, days: found.days })} />
          <Row gutter={[12, 12]}>
            {[
              { title: t("pricedNow"), value: money(found.priced) },
              { title: t("wouldCost"), value: money(found.wouldCost) },
              { title: t("difference"), value: `${money(difference)}${percent === null ? "" : ` (${percent}%)`}` },
            ].map(({ title, value }) => (
              <Col key={title} xs={24} sm={8}>
                <Card size="small"><Statistic title={title} formatter={() => value} styles={{ content: { fontSize: 16 } }} /></Card>
              </Col>
            ))}
          </Row>
          <Table
            aria-label={t("previewAccounts")}
            size="small"
            rowKey="accountId"
            dataSource={found.largest}
            pagination={false}
            title={() => t("previewAccounts")}
            columns={[
              { title: t("account"), key: "account", render: (_, each) => <AccountLink account={{ id: each.accountId, name: each.accountName }} /> },
              { title: t("days"), dataIndex: "days", align: "right", render: (days) => <Count of={days} /> },
              { title: t("pricedNow"), dataIndex: "priced", align: "right", render: (amount) => <Money of={amount} /> },
              { title: t("wouldCost"), dataIndex: "wouldCost", align: "right", render: (amount) => <Money of={amount} /> },
            ]}
          />
        </>
      )}
    </Flex>
  );
}

