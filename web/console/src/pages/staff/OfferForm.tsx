/** Offering terms for an application: price, limit, term, and what is due when. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Checkbox, DatePicker, Flex, Form, type FormInstance, InputNumber, Select, Typography } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { split, sums } from "@/parts/amounts";
import { Instant, Money } from "@/parts/values";
import type { OfferChoices, OpenApplication } from "./ApplicationDrawer";
import { FormDrawer } from "./FormDrawer";
import { AmountInput, CurrencySelect, dayOf, InstantInput, useRequired } from "./inputs";

const MakeOffer = graphql(`
  mutation MakeOffer(
    $id: ID!, $price: Decimal!, $currency: String!, $dkLimit: Int!, $startsOn: Date!, $endsOn: Date!,
    $schedule: [ScheduledPaymentInput!]!, $validUntil: DateTime!, $productVersion: String, $idempotencyKey: String
  ) {
    makeOffer(
      applicationId: $id, price: $price, currency: $currency, dkLimit: $dkLimit, startsOn: $startsOn, endsOn: $endsOn,
      schedule: $schedule, validUntil: $validUntil, productVersion: $productVersion, idempotencyKey: $idempotencyKey
    ) {
      ... on MakeOfferSuccess { application { id state } offer { id } }
      ... on Error { code message path }
    }
  }
`);

interface Terms {
  price: string;
  currency: string;
  unlimited: boolean;
  dkLimit?: number;
  startsOn: Dayjs;
  endsOn: Dayjs;
  schedule: { dueOn: Dayjs; amount: string }[];
  validUntil: Dayjs;
  productVersion?: string;
}

export function OfferForm({ application, choices }: { application: OpenApplication; choices: OfferChoices }) {
  const { t } = useTranslation("staff");
  const [offer] = useAction(MakeOffer);
  const today = dayjs(application.account.clock);
  const begins = today.startOf("day").add(1, "day");
  const send = ({ unlimited, dkLimit, schedule, ...terms }: Terms, form: FormInstance<Terms>) =>
    offer(
      {
        id: application.id,
        ...terms,
        dkLimit: unlimited ? -1 : (dkLimit ?? 0),
        startsOn: dayOf(terms.startsOn),
        endsOn: dayOf(terms.endsOn),
        validUntil: terms.validUntil.toISOString(),
        schedule: schedule.map(({ dueOn, amount }) => ({ dueOn: dayOf(dueOn), amount })),
      },
      { form, success: t("offerMade") },
    );
  const ends = (from: Dayjs) => from.add(application.termMonths || 12, "month").subtract(1, "day");
  return (
    <FormDrawer<Terms>
      type="primary"
      label={t("makeOffer")}
      width={600}
      initialValues={{
        currency: "CNY",
        unlimited: false,
        dkLimit: application.expectedDataKits || undefined,
        startsOn: begins,
        endsOn: ends(begins),
        validUntil: today.add(14, "day"),
        schedule: [{ dueOn: begins }],
      }}
      onValuesChange={(changed, _, form) => {
        if (changed.startsOn) form.setFieldValue("endsOn", ends(changed.startsOn));
      }}
      send={send}
    >
      {application.account.sandbox && (
        <Alert type="info" showIcon style={{ marginBottom: 16 }} title={<>{t("sandboxClock")} <Instant at={application.account.clock} /></>} />
      )}
      <Fields application={application} choices={choices} />
    </FormDrawer>
  );
}

function Fields({ application, choices }: { application: OpenApplication; choices: OfferChoices }) {
  const { t } = useTranslation("staff");
  const rules = useRequired();
  const unlimited = Form.useWatch("unlimited");
  const perpetual = choices.editions.find(({ key }) => key === application.edition)?.perpetual;
  const released = choices.releases.nodes.filter(({ releasedAt }) => Date.parse(releasedAt) <= Date.parse(application.account.clock));
  return (
    <>
      <Flex gap="middle">
        <Form.Item name="price" label={t("wholePrice")} rules={rules} style={{ flex: 2 }}><AmountInput /></Form.Item>
        <Form.Item name="currency" label={t("currency")} rules={rules} style={{ flex: 1 }}><CurrencySelect /></Form.Item>
      </Flex>
      <Flex gap="middle" align="center">
        <Form.Item name="dkLimit" label={t("dkLimit")} rules={unlimited ? [] : rules} style={{ flex: 2 }}>
          <InputNumber min={1} max={10_000_000} disabled={unlimited} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="unlimited" valuePropName="checked" label=" " style={{ flex: 1 }}><Checkbox>{t("noLimit")}</Checkbox></Form.Item>
      </Flex>
      <Flex gap="middle">
        <Form.Item name="startsOn" label={t("startsOn")} rules={rules} style={{ flex: 1 }}><DatePicker style={{ width: "100%" }} /></Form.Item>
        <Form.Item name="endsOn" label={t("endsOn")} extra={perpetual && t("maintenanceHelp")} rules={rules} style={{ flex: 1 }}>
          <DatePicker style={{ width: "100%" }} />
        </Form.Item>
      </Flex>
      {perpetual && (
        <Form.Item name="productVersion" label={t("productVersion")} extra={t("productVersionHelp")} rules={rules}>
          <Select options={released.toReversed().map(({ version }) => ({ value: version, label: version }))} notFoundContent={t("noReleases")} />
        </Form.Item>
      )}
      <Form.Item name="validUntil" label={t("validUntil")} extra={t("validUntilHelp")} rules={rules}><InstantInput /></Form.Item>
      <Schedule />
    </>
  );
}

/** What is due when; the amounts are to sum up to the price. */
function Schedule() {
  const { t } = useTranslation("staff");
  const rules = useRequired();
  const form = Form.useFormInstance<Terms>();
  const { price, currency, schedule = [], startsOn } = Form.useWatch((values: Terms) => values) ?? {};
  const [parts, setParts] = useState(4);
  const [step, setStep] = useState(3);
  const given = currency ? sums(schedule.filter((due) => due?.amount).map((due) => ({ amount: due.amount, currency }))) : [];
  const spread = () => {
    if (!price || !currency || !startsOn) return;
    form.setFieldValue(
      "schedule",
      split({ amount: price, currency }, parts).map(({ amount }, index) => ({ amount, dueOn: startsOn.add(index * step, "month") })),
    );
  };
  return (
    <Form.List name="schedule">
      {(rows, { add, remove }, { errors }) => (
        <Flex vertical gap={4}>
          <Typography.Text strong>{t("schedule")}</Typography.Text>
          <Typography.Text type="secondary">{t("scheduleHelp")}</Typography.Text>
          <Flex gap="small" align="center" wrap style={{ marginBottom: 8 }}>
            <InputNumber min={1} max={120} value={parts} onChange={(value) => setParts(value ?? 1)} aria-label={t("instalments")} suffix={t("instalmentsUnit")} style={{ width: 110 }} />
            <Select
              aria-label={t("every")}
              value={step}
              onChange={setStep}
              options={[1, 3, 6, 12].map((value) => ({ value, label: t("everyMonths", { count: value }) }))}
              style={{ minWidth: 110 }}
            />
            <Button onClick={spread} disabled={!price || !startsOn}>{t("spread")}</Button>
          </Flex>
          {rows.map(({ key, name }, index) => (
            <Flex key={key} gap="small" align="start">
              <Form.Item name={[name, "dueOn"]} rules={rules} style={{ flex: 1, marginBottom: 8 }}>
                <DatePicker aria-label={`${t("dueOn")} ${index + 1}`} placeholder={t("dueOn")} style={{ width: "100%" }} />
              </Form.Item>
              <Form.Item name={[name, "amount"]} rules={rules} style={{ flex: 1, marginBottom: 8 }}>
                <AmountInput aria-label={`${t("amount")} ${index + 1}`} placeholder={t("amount")} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={`${t("removeRow")} ${index + 1}`} disabled={rows.length === 1} onClick={() => remove(name)} />
            </Flex>
          ))}
          <Flex justify="space-between" align="center" wrap gap="small">
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add()}>{t("addRow")}</Button>
            {given[0] && <Typography.Text type="secondary">{t("sum")} <Money of={given[0]} /></Typography.Text>}
          </Flex>
          <Form.ErrorList errors={errors} />
        </Flex>
      )}
    </Form.List>
  );
}
