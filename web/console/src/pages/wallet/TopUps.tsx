/** Paying in: online, or by a bank transfer that finance staff confirm. */
import { Alert, App, Descriptions, Form, Input, Space, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useAccount, useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { TopUpsQuery, TopUpState } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Instant, Money } from "@/parts/values";

const TopUpList = graphql(`
  query TopUps($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      topUps(first: $first, after: $after) {
        nodes {
          id state reference payUrl requestedAt confirmedAt amount { amount currency } received { amount currency }
          payee { name bank accountNumber bankCode }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const RequestTopUp = graphql(`
  mutation RequestTopUp($accountId: ID!, $amount: Decimal!, $idempotencyKey: String) {
    requestTopUp(accountId: $accountId, amount: $amount, idempotencyKey: $idempotencyKey) {
      ... on RequestTopUpSuccess {
        topUp { id reference amount { amount currency } payee { name bank accountNumber bankCode } }
      }
      ... on Error { code message path }
    }
  }
`);

const StartTopUp = graphql(`
  mutation StartTopUp($accountId: ID!, $amount: Decimal!, $idempotencyKey: String) {
    startOnlineTopUp(accountId: $accountId, amount: $amount, idempotencyKey: $idempotencyKey) {
      ... on StartOnlineTopUpSuccess { topUp { id payUrl } }
      ... on Error { code message path }
    }
  }
`);

const CancelTopUp = graphql(`
  mutation CancelTopUp($id: ID!) {
    cancelTopUp(topUpId: $id) { ... on CancelTopUpSuccess { topUp { id state } } ... on Error { code message path } }
  }
`);

const ReceiveTopUp = graphql(`
  mutation ReceiveTopUp($id: ID!) {
    receiveSandboxTopUp(topUpId: $id) {
      ... on ReceiveSandboxTopUpSuccess { topUp { id state account { id wallet { balance { amount currency } } } } }
      ... on Error { code message path }
    }
  }
`);

type TopUp = NonNullable<TopUpsQuery["account"]>["topUps"]["nodes"][number];
type Transfer = Pick<TopUp, "reference" | "amount" | "payee">;

const COLOURS: Record<TopUpState, string> = { REQUESTED: "processing", CONFIRMED: "success", CANCELLED: "default" };

export function PayIn({ online }: { online: boolean }) {
  const { t } = useTranslation("wallet");
  const accountId = useAccountId();
  const { modal } = App.useApp();
  const [request] = useAction(RequestTopUp);
  const [start] = useAction(StartTopUp);
  return (
    <>
      {online && (
        <FormButton<{ amount: string }>
          type="primary"
          label={t("payOnline")}
          send={async (entered, form) => {
            const made = await start({ accountId, ...entered }, { form });
            if (made?.topUp.payUrl) location.assign(made.topUp.payUrl);
            return made;
          }}
        >
          <AmountField />
        </FormButton>
      )}
      <FormButton<{ amount: string }>
        type={online ? "default" : "primary"}
        label={t("payByTransfer")}
        send={async (entered, form) => {
          const made = await request({ accountId, ...entered }, { form });
          if (made) modal.info({ title: t("transferTitle"), width: 520, content: <Told transfer={made.topUp} /> });
          return made;
        }}
      >
        <AmountField />
      </FormButton>
    </>
  );
}

function AmountField() {
  const { t } = useTranslation(["wallet", "common"]);
  return (
    <Form.Item name="amount" label={t("amount")} rules={[{ required: true, message: t("common:required") }]}>
      <Input inputMode="decimal" suffix="CNY" autoComplete="off" />
    </Form.Item>
  );
}

/** What a bank is told: whom to pay, how much, and the reference by which the transfer is found. */
function Told({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation("wallet");
  const { payee } = transfer;
  const lines = [
    { key: "amount", label: t("amount"), children: <Money of={transfer.amount} /> },
    { key: "reference", label: t("reference"), children: <strong>{transfer.reference}</strong> },
    ...(payee
      ? [
          { key: "payee", label: t("payee"), children: payee.name },
          { key: "bank", label: t("bank"), children: payee.bank },
          { key: "number", label: t("accountNumber"), children: payee.accountNumber },
          { key: "code", label: t("bankCode"), children: payee.bankCode ?? "—" },
        ]
      : []),
  ];
  return (
    <>
      <Descriptions column={1} size="small" items={lines} style={{ marginBottom: 12 }} />
      <Alert type="info" showIcon title={t("transferHelp")} description={!payee && t("payeeUnknown")} />
    </>
  );
}

export function TopUps() {
  const { t } = useTranslation("wallet");
  const id = useAccountId();
  const { seesToMoney } = useRights();
  const { sandbox } = useAccount();
  const [cancel] = useAction(CancelTopUp);
  const [receive] = useAction(ReceiveTopUp);
  return (
    <Pages
      document={TopUpList}
      variables={{ id }}
      pick={(data) => data.account?.topUps}
      label={t("topUps")}
      empty={t("noTopUps")}
      expandable={{ expandedRowRender: (topUp: TopUp) => <Told transfer={topUp} />, rowExpandable: ({ payUrl }) => payUrl === null }}
      columns={[
        { title: t("requestedAt"), dataIndex: "requestedAt", render: (at) => <Instant at={at} /> },
        { title: t("way"), key: "way", render: (_, each: TopUp) => t(each.payUrl ? "online" : "transfer") },
        { title: t("reference"), dataIndex: "reference", render: (text) => <span data-varies>{text}</span> },
        { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
        { title: t("state"), dataIndex: "state", render: (state: TopUpState) => <Tag color={COLOURS[state]}>{t(`topUpState.${state}`)}</Tag> },
        {
          title: t("actions"),
          key: "actions",
          render: (_, each: TopUp) =>
            seesToMoney && each.state === "REQUESTED" && (
              <Space wrap>
                {sandbox && each.payUrl === null && (
                  <ConfirmButton size="small" label={t("arrive")} question={t("arriveQuestion")} act={() => receive({ id: each.id })} />
                )}
                <ConfirmButton size="small" label={t("cancelTopUp")} question={t("cancelTopUpQuestion")} act={() => cancel({ id: each.id })} />
              </Space>
            ),
        },
      ]}
    />
  );
}
