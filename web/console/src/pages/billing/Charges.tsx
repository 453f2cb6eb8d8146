/** Bills: every charge with its arithmetic and how it was paid. */
import { DatePicker, Flex, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccountId } from "@/app/account";
import { graphql } from "@/gql";
import type { ChargeKind, ChargesPageQuery, SettlementState } from "@/gql/graphql";
import { negated } from "@/parts/amounts";
import { Filter } from "@/parts/Filter";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Count, Day, formatMoney, Money } from "@/parts/values";

const ChargesPage = graphql(`
  query ChargesPage(
    $id: ID!, $first: Int, $after: String, $since: Date, $until: Date, $kind: ChargeKind, $state: SettlementState
  ) {
    account(id: $id) {
      id
      charges(
        first: $first, after: $after, order: NEWEST_FIRST, since: $since, until: $until, kind: $kind, state: $state
      ) {
        nodes {
          id day kind quantity billedQuantity amount { amount currency }
          lines { kind quantity amount { amount currency } discount { id } }
          pricePlan { id unitPrice { amount currency } }
          settlement { id channel state reason settledAt paidFrom { source amount { amount currency } } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Charge = NonNullable<ChargesPageQuery["account"]>["charges"]["nodes"][number];

const KINDS: ChargeKind[] = ["DAILY", "INSTALMENT", "ADJUSTMENT", "CREDIT_NOTE"];
const STATES: SettlementState[] = ["PENDING", "ACCEPTED", "SETTLED", "NEEDS_ATTENTION"];
export const COLOURS: Record<SettlementState, string> = {
  PENDING: "default",
  ACCEPTED: "processing",
  SETTLED: "success",
  NEEDS_ATTENTION: "error",
};

export default function Charges() {
  const { t } = useTranslation(["billing", "common"]);
  const id = useAccountId();
  const [filters, setFilters] = useState<{ since?: string; until?: string; kind?: ChargeKind; state?: SettlementState }>({});
  const set = (changed: typeof filters) => setFilters({ ...filters, ...changed });
  return (
    <Page title={t("charges")} about={t("chargesAbout")}>
      <Flex gap="small" wrap>
        <DatePicker.RangePicker
          aria-label={t("days")}
          onChange={(days) => set({ since: days?.[0]?.format("YYYY-MM-DD"), until: days?.[1]?.format("YYYY-MM-DD") })}
        />
        <Filter
          label={t("kind")}
          options={KINDS.map((kind) => ({ value: kind, label: t(`common:chargeKind.${kind}`) }))}
          onChange={(kind) => set({ kind })}
        />
        <Filter
          label={t("state")}
          options={STATES.map((state) => ({ value: state, label: t(`common:settlementState.${state}`) }))}
          onChange={(state) => set({ state })}
        />
      </Flex>
      <Pages
        document={ChargesPage}
        variables={{ id, ...filters }}
        pick={(data) => data.account?.charges}
        label={t("charges")}
        empty={t("noCharges")}
        expandable={{ expandedRowRender: (charge: Charge) => <Arithmetic charge={charge} /> }}
        columns={[
          { title: t("day"), dataIndex: "day", render: (day) => <Day of={day} /> },
          { title: t("kind"), dataIndex: "kind", render: (kind: ChargeKind) => t(`common:chargeKind.${kind}`) },
          { title: t("quantity"), dataIndex: "quantity", align: "right", render: counted },
          { title: t("billed"), dataIndex: "billedQuantity", align: "right", render: counted },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          {
            title: t("state"),
            dataIndex: ["settlement", "state"],
            render: (state: SettlementState) => <Tag color={COLOURS[state]}>{t(`common:settlementState.${state}`)}</Tag>,
          },
        ]}
      />
    </Page>
  );
}

/** What was counted; an instalment of a contract counts nothing. */
const counted = (quantity: string, { kind }: Charge) => (kind === "INSTALMENT" ? "—" : <Count of={quantity} />);

/** "12 DK, counted as 20 × 5.00 = 100.00", what was taken off, and from what it was paid. */
function Arithmetic({ charge }: { charge: Charge }) {
  const { t, i18n } = useTranslation("billing");
  const money = (of: { amount: string; currency: string }) => formatMoney(of, i18n.language);
  return (
    <Flex vertical gap={4}>
      {charge.kind === "DAILY" && charge.quantity !== charge.billedQuantity && (
        <Typography.Text>{t("countedAs", { quantity: charge.quantity, billed: charge.billedQuantity })}</Typography.Text>
      )}
      {charge.lines.map((line, index) => (
        <Flex key={index} justify="space-between" style={{ maxWidth: 560 }}>
          <Typography.Text>{t(`line.${line.kind}`, { quantity: line.quantity, price: money(charge.pricePlan.unitPrice) })}</Typography.Text>
          <Money of={line.amount} />
        </Flex>
      ))}
      {/* What paid it went out: the balance's change is the other way round. */}
      {charge.settlement.paidFrom.map((part, index) => (
        <Typography.Text key={index} type="secondary">
          {t("paidFrom", { source: t(`source.${part.source}`), amount: money(negated(part.amount)) })}
        </Typography.Text>
      ))}
      {charge.settlement.reason && <Typography.Text type="danger">{charge.settlement.reason}</Typography.Text>}
    </Flex>
  );
}
