/** An account's charges, each of which finance staff may give back by a credit note. */
import { Form, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AccountChargesQuery, ChargeKind, SettlementState } from "@/gql/graphql";
import { COLOURS } from "@/pages/billing/Charges";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Count, Day, Money } from "@/parts/values";
import { AmountInput, Reason, useChannelName, useRequired } from "./inputs";

const AccountChargesList = graphql(`
  query AccountCharges($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      charges(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes {
          id day kind billedQuantity amount { amount currency }
          settlement { id channel state }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const CreditNote = graphql(`
  mutation IssueCreditNote($chargeId: ID!, $amount: Decimal!, $reason: String!, $idempotencyKey: String) {
    issueCreditNote(chargeId: $chargeId, amount: $amount, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on IssueCreditNoteSuccess { creditNote { id } }
      ... on Error { code message path }
    }
  }
`);

type Charge = NonNullable<AccountChargesQuery["account"]>["charges"]["nodes"][number];

export function AccountCharges({ id }: { id: string }) {
  const { t } = useTranslation(["staff", "billing", "common"]);
  const { may } = useStaff();
  const channelName = useChannelName();
  return (
    <Pages
      document={AccountChargesList}
      variables={{ id }}
      pick={(data) => data.account?.charges}
      label={t("charges")}
      empty={t("noCharges")}
      columns={[
        { title: t("billing:day"), dataIndex: "day", render: (day) => <Day of={day} /> },
        { title: t("billing:kind"), dataIndex: "kind", render: (kind: ChargeKind) => t(`common:chargeKind.${kind}`) },
        { title: t("billing:billed"), dataIndex: "billedQuantity", align: "right", render: (count) => <Count of={count} /> },
        { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
        { title: t("channel"), dataIndex: ["settlement", "channel"], render: channelName },
        {
          title: t("state"),
          dataIndex: ["settlement", "state"],
          render: (state: SettlementState) => <Tag color={COLOURS[state]}>{t(`common:settlementState.${state}`)}</Tag>,
        },
        ...(may("FINANCE")
          ? [{
              title: t("actions"),
              key: "actions",
              render: (_: unknown, charge: Charge) => !charge.amount.amount.startsWith("-") && Number(charge.amount.amount) > 0 && <Credit charge={charge} />,
            }]
          : []),
      ]}
    />
  );
}

function Credit({ charge }: { charge: Charge }) {
  const { t } = useTranslation("staff");
  const [credit] = useAction(CreditNote);
  return (
    <FormButton<{ amount: string; reason: string }>
      size="small"
      label={t("credit")}
      title={t("creditTitle", { day: charge.day })}
      initialValues={{ amount: charge.amount.amount }}
      send={(values, form) => credit({ chargeId: charge.id, ...values }, { form, success: t("credited") })}
    >
      <p>{t("creditHelp")}</p>
      <Form.Item name="amount" label={t("amount")} rules={useRequired()}>
        <AmountInput max={charge.amount.amount} suffix={charge.amount.currency} />
      </Form.Item>
      <Reason help={t("customerReads")} />
    </FormButton>
  );
}
