/** Vouchers, redeemed by code, and stored-value cards, bought from cash. */
import { Flex, Form, Input, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { FundState, Source } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Instant, Money } from "@/parts/values";

const Vouchers = graphql(`
  query Vouchers($id: ID!, $state: FundState, $first: Int, $after: String) {
    account(id: $id) {
      id
      wallet {
        vouchers(state: $state, first: $first, after: $after) {
          nodes { id source state note issuedAt expiresAt amount { amount currency } left { amount currency } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

const Cards = graphql(`
  query Cards($id: ID!, $state: FundState, $first: Int, $after: String) {
    account(id: $id) {
      id
      wallet {
        cards(state: $state, first: $first, after: $after) {
          nodes { id source state note issuedAt expiresAt amount { amount currency } left { amount currency } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

const RedeemCode = graphql(`
  mutation RedeemCode($accountId: ID!, $code: String!) {
    redeemVoucherCode(accountId: $accountId, code: $code) {
      ... on RedeemVoucherCodeSuccess { voucher { id } }
      ... on Error { code message path }
    }
  }
`);

const BuyCard = graphql(`
  mutation BuyCard($accountId: ID!, $amount: Decimal!, $idempotencyKey: String) {
    purchaseCard(accountId: $accountId, amount: $amount, idempotencyKey: $idempotencyKey) {
      ... on PurchaseCardSuccess { card { id } }
      ... on Error { code message path }
    }
  }
`);

const STATES: FundState[] = ["USABLE", "USED_UP", "EXPIRED", "VOIDED"];
const COLOURS: Record<FundState, string> = { USABLE: "success", USED_UP: "default", EXPIRED: "default", VOIDED: "error" };

export function Funds({ kind }: { kind: "vouchers" | "cards" }) {
  const { t } = useTranslation(["wallet", "billing"]);
  const id = useAccountId();
  const { seesToMoney } = useRights();
  const [state, setState] = useState<FundState>();
  const shared = {
    variables: { id, state },
    label: t(kind),
    empty: t(kind === "vouchers" ? "noVouchers" : "noCards"),
    columns: [
      { title: t("kind"), dataIndex: "source", render: (source: Source) => t(`billing:source.${source}`) },
      { title: t("amount"), dataIndex: "amount", align: "right" as const, render: (amount: { amount: string; currency: string }) => <Money of={amount} /> },
      { title: t("left"), dataIndex: "left", align: "right" as const, render: (amount: { amount: string; currency: string }) => <Money of={amount} /> },
      { title: t("state"), dataIndex: "state", render: (each: FundState) => <Tag color={COLOURS[each]}>{t(`fundState.${each}`)}</Tag> },
      { title: t("issuedAt"), dataIndex: "issuedAt", render: (at: string) => <Instant at={at} /> },
      { title: t("expiresAt"), dataIndex: "expiresAt", render: (at: string) => <Instant at={at} /> },
      { title: t("note"), dataIndex: "note" },
    ],
  };
  return (
    <Flex vertical gap="middle">
      <Flex justify="space-between" gap="small" wrap>
        <Filter
          label={t("state")}
          options={STATES.map((value) => ({ value, label: t(`fundState.${value}`) }))}
          onChange={setState}
        />
        {seesToMoney && (kind === "vouchers" ? <Redeem /> : <Buy />)}
      </Flex>
      {kind === "vouchers" ? (
        <Pages document={Vouchers} pick={(data) => data.account?.wallet?.vouchers} {...shared} />
      ) : (
        <Pages document={Cards} pick={(data) => data.account?.wallet?.cards} {...shared} />
      )}
    </Flex>
  );
}

function Redeem() {
  const { t } = useTranslation(["wallet", "common"]);
  const accountId = useAccountId();
  const [redeem] = useAction(RedeemCode);
  return (
    <FormButton<{ code: string }>
      type="primary"
      label={t("redeem")}
      send={(entered, form) => redeem({ accountId, ...entered }, { form, success: t("redeemed") })}
    >
      <Form.Item name="code" label={t("code")} rules={[{ required: true, message: t("common:required") }]}>
        <Input autoComplete="off" />
      </Form.Item>
    </FormButton>
  );
}

function Buy() {
  const { t } = useTranslation(["wallet", "common"]);
  const accountId = useAccountId();
  const [buy] = useAction(BuyCard);
  return (
    <FormButton<{ amount: string }>
      type="primary"
      label={t("buyCard")}
      send={(entered, form) => buy({ accountId, ...entered }, { form, success: t("cardBought") })}
    >
      <Form.Item name="amount" label={t("amount")} extra={t("cardHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input inputMode="decimal" suffix="CNY" autoComplete="off" />
      </Form.Item>
    </FormButton>
  );
}
