/** An account's vouchers: granted and taken back by finance staff. */
import { Flex, Form, Input, Select, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { FundState, Source } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Table } from "@/parts/Table";
import { Instant, Money } from "@/parts/values";
import type { StaffAccount } from "./Account";
import { AmountInput, InstantInput, Reason, useRequired } from "./inputs";

const AccountVouchersList = graphql(`
  query AccountVouchers($id: ID!) {
    account(id: $id) {
      id
      wallet {
        vouchers(first: 100) {
          nodes {
            id source state amount { amount currency } left { amount currency } issuedAt expiresAt issuedBy note voidReason
          }
        }
      }
    }
  }
`);

const IssueVoucher = graphql(`
  mutation IssueVoucher(
    $accountId: ID!, $amount: Decimal!, $expiresAt: DateTime!, $note: String!, $source: Source!, $idempotencyKey: String
  ) {
    issueVoucher(
      accountId: $accountId, amount: $amount, expiresAt: $expiresAt, note: $note, source: $source,
      idempotencyKey: $idempotencyKey
    ) {
      ... on IssueVoucherSuccess { voucher { id } }
      ... on Error { code message path }
    }
  }
`);

const VoidVoucher = graphql(`
  mutation VoidVoucher($voucherId: ID!, $reason: String!, $idempotencyKey: String) {
    voidVoucher(voucherId: $voucherId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on VoidVoucherSuccess { voucher { id state } }
      ... on Error { code message path }
    }
  }
`);

const COLOURS: Record<FundState, string> = { USABLE: "success", USED_UP: "default", EXPIRED: "default", VOIDED: "error" };
export const VOUCHER_SOURCES: Source[] = ["VOUCHER", "FULL_REDUCTION"];

export function AccountVouchers({ account }: { account: StaffAccount }) {
  const { t } = useTranslation("staff");
  const { may } = useStaff();
  return (
    <Flex vertical gap="middle">
      {may("FINANCE") && <Issue account={account} />}
      <Loaded document={AccountVouchersList} variables={{ id: account.id }}>
        {(data) => (
          <Table
            aria-label={t("vouchers")}
            size="middle"
            rowKey="id"
            dataSource={data.account?.wallet?.vouchers.nodes ?? []}
            pagination={{ hideOnSinglePage: true, pageSize: 20 }}
            locale={{ emptyText: t("noVouchers") }}
            columns={[
              { title: t("kind"), dataIndex: "source", render: (source: Source) => t(`source.${source}`) },
              { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
              { title: t("left"), dataIndex: "left", align: "right", render: (left) => <Money of={left} /> },
              { title: t("state"), dataIndex: "state", render: (state: FundState) => <Tag color={COLOURS[state]}>{t(`fundState.${state}`)}</Tag> },
              { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => <Instant at={at} /> },
              { title: t("note"), dataIndex: "note", render: (note, each) => each.voidReason ?? note },
              { title: t("issuedBy"), dataIndex: "issuedBy" },
              ...(may("FINANCE")
                ? [{
                    title: t("actions"),
                    key: "actions",
                    render: (_: unknown, each: { id: string; state: FundState }) => each.state === "USABLE" && <Void id={each.id} />,
                  }]
                : []),
            ]}
          />
        )}
      </Loaded>
    </Flex>
  );
}

interface Granted {
  amount: string;
  expiresAt: Dayjs;
  note: string;
  source: Source;
}

function Issue({ account }: { account: StaffAccount }) {
  const { t } = useTranslation("staff");
  const [issue] = useAction(IssueVoucher);
  return (
    <div>
      <FormButton<Granted>
        type="primary"
        label={t("issueVoucher")}
        initialValues={{ source: "VOUCHER" }}
        send={({ expiresAt, ...values }, form) =>
          issue({ accountId: account.id, ...values, expiresAt: expiresAt.toISOString() }, { form, success: t("voucherIssued") })
        }
      >
        <VoucherFields />
      </FormButton>
    </div>
  );
}

/** What a voucher is: of one account, or of a batch. */
export function VoucherFields() {
  const { t } = useTranslation("staff");
  const rules = useRequired();
  return (
    <>
      <Form.Item name="source" label={t("kind")} extra={t("sourceHelp")} rules={rules}>
        <Select options={VOUCHER_SOURCES.map((value) => ({ value, label: t(`source.${value}`) }))} />
      </Form.Item>
      <Form.Item name="amount" label={t("amountEach")} rules={rules}><AmountInput /></Form.Item>
      <Form.Item name="expiresAt" label={t("expiresAt")} extra={t("expiresHelp")} rules={rules}><InstantInput /></Form.Item>
      <Form.Item name="note" label={t("note")} extra={t("noteHelp")} rules={rules}><Input maxLength={500} /></Form.Item>
    </>
  );
}

function Void({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const [voided] = useAction(VoidVoucher);
  return (
    <FormButton<{ reason: string }>
      size="small"
      danger
      label={t("voidVoucher")}
      send={({ reason }, form) => voided({ voucherId: id, reason }, { form, success: t("voucherVoided") })}
    >
      <p>{t("voidHelp")}</p>
      <Reason />
    </FormButton>
  );
}
