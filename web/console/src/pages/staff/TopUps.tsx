/** Top-ups of all accounts: confirmed when the money arrives, and noted when it goes back. */
import { Flex, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { TopUpsPageQuery, TopUpState } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Page } from "@/parts/Page";
import { formatMoney, Instant, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { AmountInput, Reason, useRequired } from "./inputs";

const TopUpsPage = graphql(`
  query TopUpsPage($state: TopUpState, $sandboxes: Boolean!, $first: Int, $after: String) {
    topUps(state: $state, sandboxes: $sandboxes, first: $first, after: $after, order: NEWEST_FIRST) {
      nodes {
        id state reference bankReference requestedAt confirmedAt payUrl
        amount { amount currency } received { amount currency } refunded { amount currency }
        account { id name sandbox }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const ConfirmTopUp = graphql(`
  mutation ConfirmTopUp($id: ID!, $bankReference: String!, $receivedAmount: Decimal!, $idempotencyKey: String) {
    confirmTopUp(topUpId: $id, bankReference: $bankReference, receivedAmount: $receivedAmount, idempotencyKey: $idempotencyKey) {
      ... on ConfirmTopUpSuccess { topUp { id state } }
      ... on Error { code message path }
    }
  }
`);

const RefundTopUp = graphql(`
  mutation RefundTopUp($id: ID!, $amount: Decimal!, $reference: String!, $reason: String!, $idempotencyKey: String) {
    refundTopUp(topUpId: $id, amount: $amount, reference: $reference, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on RefundTopUpSuccess { topUp { id state } }
      ... on Error { code message path }
    }
  }
`);

type TopUp = TopUpsPageQuery["topUps"]["nodes"][number];
const STATES: TopUpState[] = ["REQUESTED", "CONFIRMED", "CANCELLED"];

export default function TopUps() {
  const { t } = useTranslation("finance");
  const { may, sandboxes } = useStaff();
  const [state, setState] = useState<TopUpState>("REQUESTED");
  return (
    <Page title={t("topUps")} about={t("topUpsAbout")} actions={<Sandboxes />}>
      <Flex>
        <Segmented
          aria-label={t("state")}
          value={state}
          onChange={setState}
          options={STATES.map((value) => ({ value, label: t(`topUpState.${value}`) }))}
        />
      </Flex>
      <Pages
        document={TopUpsPage}
        variables={{ state, sandboxes }}
        pick={(data) => data.topUps}
        label={t("topUps")}
        empty={t("noTopUps")}
        columns={[
          { title: t("account"), dataIndex: "account", render: (account) => <AccountLink account={account} /> },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          { title: t("reference"), dataIndex: "reference" },
          { title: t("by"), key: "by", render: (_, each: TopUp) => t(each.payUrl ? "online" : "transfer") },
          { title: t("requestedAt"), dataIndex: "requestedAt", render: (at) => <Instant at={at} /> },
          ...(state === "CONFIRMED"
            ? [
                { title: t("received"), dataIndex: "received", align: "right" as const, render: (amount: TopUp["received"]) => amount && <Money of={amount} /> },
                { title: t("refunded"), dataIndex: "refunded", align: "right" as const, render: (amount: TopUp["refunded"]) => (amount && Number(amount.amount) ? <Money of={amount} /> : "—") },
                { title: t("bankReference"), dataIndex: "bankReference" },
                { title: t("confirmedAt"), dataIndex: "confirmedAt", render: (at: string) => <Instant at={at} /> },
              ]
            : []),
          ...(may("FINANCE") && state !== "CANCELLED"
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: TopUp) => (each.state === "CONFIRMED" ? <Refund topUp={each} /> : <Confirm topUp={each} />) }]
            : []),
        ]}
      />
    </Page>
  );
}

function Confirm({ topUp }: { topUp: TopUp }) {
  const { t, i18n } = useTranslation("finance");
  const rules = useRequired();
  const [confirm] = useAction(ConfirmTopUp);
  return (
    <FormButton<{ bankReference: string; receivedAmount: string }>
      size="small"
      type="primary"
      label={t("confirmTopUp")}
      title={t("confirmTopUpTitle", { account: topUp.account.name, amount: formatMoney(topUp.amount, i18n.language) })}
      initialValues={{ receivedAmount: topUp.amount.amount }}
      send={(values, form) => confirm({ id: topUp.id, ...values }, { form, success: t("topUpConfirmed") })}
    >
      <p>{t("confirmTopUpHelp", { reference: topUp.reference })}</p>
      <Form.Item name="bankReference" label={t("bankReference")} extra={t("bankReferenceHelp")} rules={rules}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="receivedAmount" label={t("received")} extra={t("receivedHelp")} rules={rules}>
        <AmountInput suffix={topUp.amount.currency} />
      </Form.Item>
    </FormButton>
  );
}

function Refund({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation("finance");
  const rules = useRequired();
  const [refund] = useAction(RefundTopUp);
  return (
    <FormButton<{ amount: string; reference: string; reason: string }>
      size="small"
      label={t("refundTopUp")}
      send={(values, form) => refund({ id: topUp.id, ...values }, { form, success: t("topUpRefunded") })}
    >
      <p>{t("refundTopUpHelp")}</p>
      <Form.Item name="amount" label={t("amount")} rules={rules}>
        <AmountInput max={topUp.received?.amount} suffix={topUp.amount.currency} />
      </Form.Item>
      <Form.Item name="reference" label={t("refundReference")} extra={t("bankReferenceHelp")} rules={rules}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Reason />
    </FormButton>
  );
}
