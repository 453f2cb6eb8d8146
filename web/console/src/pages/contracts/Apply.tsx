/** Applying for an edition: remarks are all that is needed; the rest is known where the account has said it. */
import { Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ContractsPageQuery, EditionKey } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";

const ApplyForEdition = graphql(`
  mutation ApplyForEdition(
    $accountId: ID!, $edition: EditionKey!, $remarks: String!, $expectedDataKits: Int, $termMonths: Int,
    $contactName: String!, $contactPhone: String!, $contactEmail: String!, $idempotencyKey: String
  ) {
    applyForEdition(
      accountId: $accountId, edition: $edition, remarks: $remarks, expectedDataKits: $expectedDataKits
      termMonths: $termMonths, contactName: $contactName, contactPhone: $contactPhone, contactEmail: $contactEmail
      idempotencyKey: $idempotencyKey
    ) {
      ... on ApplyForEditionSuccess { application { id } }
      ... on Error { code message path }
    }
  }
`);

type Edition = ContractsPageQuery["editions"][number];

interface Entered {
  edition: EditionKey;
  remarks?: string;
  expectedDataKits?: number;
  termMonths?: number;
  contactName?: string;
  contactPhone?: string;
  contactEmail?: string;
}

interface Props {
  account: NonNullable<ContractsPageQuery["account"]>;
  editions: Edition[];
  /** For which of them an application is open already. */
  open: EditionKey[];
}

const LONGEST = 60;

/** The terms that can be asked for, in months. */
function terms({ leastTermMonths, termStepMonths }: Edition): number[] {
  const step = termStepMonths || 12;
  const found = [];
  for (let months = leastTermMonths || step; months <= LONGEST; months += step) found.push(months);
  return found;
}

export function Apply({ account, editions, open }: Props) {
  const { t } = useTranslation(["contracts", "common"]);
  const [asked, setAsked] = useSearchParams();
  const [apply] = useAction(ApplyForEdition);
  const wanted = editions.find(({ key }) => key === asked.get("apply") && !open.includes(key));
  const initial = wanted ?? editions.find(({ key }) => !open.includes(key));
  if (!initial) return null;

  const term = (months: number) =>
    months % 12 ? t("months", { count: months }) : t("years", { count: months / 12 });
  return (
    <FormButton<Entered>
      type="primary"
      label={t("apply")}
      opened={!!wanted}
      initialValues={{ edition: initial.key, contactName: account.contactName ?? undefined, contactPhone: account.contactPhone ?? undefined }}
      send={async ({ edition, remarks = "", contactName = "", contactPhone = "", contactEmail = "", ...rest }, form) => {
        const sent = await apply(
          { accountId: account.id, edition, remarks, contactName, contactPhone, contactEmail, ...rest },
          { form, success: t("applied") },
        );
        if (sent) setAsked({}, { replace: true });
        return sent;
      }}
    >
      <Form.Item name="edition" label={t("edition")} required>
        <Radio.Group
          options={editions.map(({ key, name }) => ({ value: key, label: name, disabled: open.includes(key) }))}
        />
      </Form.Item>
      <Form.Item name="remarks" label={t("remarks")} extra={t("remarksHelp")}>
        <Input.TextArea rows={4} maxLength={5000} />
      </Form.Item>
      <Form.Item name="expectedDataKits" label={t("expectedDataKits")} extra={t("expectedDataKitsHelp")}>
        <InputNumber min={1} max={10_000_000} precision={0} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item noStyle dependencies={["edition"]}>
        {({ getFieldValue }) => {
          const edition = editions.find(({ key }) => key === getFieldValue("edition")) ?? initial;
          return (
            <Form.Item name="termMonths" label={t(edition.perpetual ? "maintenanceTerm" : "wantedTerm")} extra={edition.perpetual && t("perpetualHelp")}>
              <Select allowClear placeholder={t("leastTerm")} options={terms(edition).map((months) => ({ value: months, label: term(months) }))} />
            </Form.Item>
          );
        }}
      </Form.Item>
      <Form.Item name="contactName" label={t("contactName")} extra={t("contactHelp")}>
        <Input maxLength={100} autoComplete="name" />
      </Form.Item>
      <Form.Item name="contactPhone" label={t("contactPhone")}>
        <Input autoComplete="tel" />
      </Form.Item>
      <Form.Item name="contactEmail" label={t("contactEmail")}>
        <Input type="email" autoComplete="email" />
      </Form.Item>
    </FormButton>
  );
}
