/** A month's statements with their files, what was consumed day by day, and what came in and went out. */
import { Button, Card, Col, Drawer, Flex, Row, Statistic, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccount, useAccountId } from "@/app/account";
import { graphql } from "@/gql";
import type { CashFlowKind, DailyConsumptionQuery, IncomeAndExpenseQuery, MonthsQuery, StatementChargesQuery, StatementsQuery } from "@/gql/graphql";
import { ChannelName } from "@/parts/ChannelName";
import { Download } from "@/parts/Download";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { Pages } from "@/parts/Pages";
import { Count, Day, formatMonth, Instant, Money, Month, Moneys } from "@/parts/values";
import { COLOURS } from "./Charges";

const StatementsDocument = graphql(`
  query Statements($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      statements(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes {
          id month number issuedAt
          statement {
            month provisional total { amount currency } settled { amount currency }
            downloads { pdf csv dailyCsv incomeExpenseCsv focusCsv }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const MonthsDocument = graphql(`
  query Months($id: ID!, $present: String!, $former: String!) {
    account(id: $id) {
      id
      present: statement(month: $present) {
        month provisional total { amount currency } settled { amount currency }
        downloads { pdf csv dailyCsv incomeExpenseCsv focusCsv }
      }
      former: statement(month: $former) {
        month provisional total { amount currency } settled { amount currency }
        downloads { pdf csv dailyCsv incomeExpenseCsv focusCsv }
      }
    }
  }
`);

const StatementChargesDocument = graphql(`
  query StatementCharges($id: ID!, $month: String!, $first: Int, $after: String) {
    account(id: $id) {
      id
      statement(month: $month) {
        month
        charges(first: $first, after: $after) {
          nodes { id day kind quantity billedQuantity amount { amount currency } settlement { id state } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

const DailyConsumption = graphql(`
  query DailyConsumption($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      dailyConsumption(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { day amount { amount currency } charge { id quantity billedQuantity settlement { id state } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const IncomeAndExpense = graphql(`
  query IncomeAndExpense($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      incomeAndExpense(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id kind channel amount { amount currency } at charge { id day } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Issued = NonNullable<StatementsQuery["account"]>["statements"]["nodes"][number];
type MonthStatement = NonNullable<MonthsQuery["account"]>["present"];
type Charge = NonNullable<StatementChargesQuery["account"]>["statement"]["charges"]["nodes"][number];
type Consumption = NonNullable<DailyConsumptionQuery["account"]>["dailyConsumption"]["nodes"][number];
type Flow = NonNullable<IncomeAndExpenseQuery["account"]>["incomeAndExpense"]["nodes"][number];

/** The month of an instant, and the one before. */
function months(clock: string): { present: string; former: string } {
  const first = new Date(clock);
  const present = first.toISOString().slice(0, 7);
  first.setUTCDate(0);
  return { present, former: first.toISOString().slice(0, 7) };
}

export default function Statements() {
  const { t } = useTranslation("statements");
  return (
    <Page title={t("title")} about={t("about")}>
      <PageTabs
        tabs={[
          { key: "months", label: t("months"), children: <ByMonth /> },
          { key: "days", label: t("days"), children: <Days /> },
          { key: "flow", label: t("flow"), children: <Flows /> },
        ]}
      />
    </Page>
  );
}

function ByMonth() {
  const { t, i18n } = useTranslation("statements");
  const { id, clock } = useAccount();
  const [month, setMonth] = useState<string>();
  const open = (of: string) => <Button type="link" style={{ padding: 0 }} onClick={() => setMonth(of)}><Month of={of} /></Button>;
  return (
    <Flex vertical gap="large">
      <Loaded document={MonthsDocument} variables={{ id, ...months(clock) }}>
        {({ account }) =>
          account && (
            <Row gutter={[16, 16]}>
              <Col xs={24} xl={12}><Provisional statement={account.present} title={open(account.present.month)} /></Col>
              {account.former.provisional && account.former.total.length > 0 && (
                <Col xs={24} xl={12}><Provisional statement={account.former} title={open(account.former.month)} /></Col>
              )}
            </Row>
          )
        }
      </Loaded>
      <Pages
        document={StatementsDocument}
        variables={{ id }}
        pick={(data) => data.account?.statements}
        label={t("months")}
        empty={t("noStatements")}
        expandable={{ expandedRowRender: ({ statement }: Issued) => <Files statement={statement} /> }}
        columns={[
          { title: t("month"), dataIndex: "month", render: open },
          { title: t("number"), dataIndex: "number" },
          { title: t("issuedAt"), dataIndex: "issuedAt", render: (at) => <Instant at={at} /> },
          { title: t("total"), dataIndex: ["statement", "total"], align: "right", render: (total) => <Moneys of={total} /> },
          { title: t("settled"), dataIndex: ["statement", "settled"], align: "right", render: (settled) => <Moneys of={settled} /> },
          {
            title: t("file"),
            render: (_, { month: of, statement }) => <Download size="small" path={statement.downloads.pdf} label="PDF" about={formatMonth(of, i18n.language)} />,
          },
        ]}
      />
      <Drawer
        open={!!month}
        size={860}
        title={month && t("chargesOf", { month: formatMonth(month, i18n.language) })}
        onClose={() => setMonth(undefined)}
        destroyOnHidden
      >
        {month && <Charges month={month} />}
      </Drawer>
    </Flex>
  );
}

function Provisional({ statement, title }: { statement: MonthStatement; title: ReactNode }) {
  const { t } = useTranslation("statements");
  return (
    <Card size="small" title={title} extra={<Tag color="processing">{t("provisional")}</Tag>}>
      <Flex vertical gap="middle">
        <Flex gap={48} wrap>
          <Statistic title={t("total")} formatter={() => <Moneys of={statement.total} />} />
          <Statistic title={t("settled")} formatter={() => <Moneys of={statement.settled} />} />
        </Flex>
        <Files statement={statement} />
      </Flex>
    </Card>
  );
}

const FILES = ["pdf", "csv", "dailyCsv", "incomeExpenseCsv", "focusCsv"] as const;

function Files({ statement: { month, downloads } }: { statement: Pick<MonthStatement, "month" | "downloads"> }) {
  const { t, i18n } = useTranslation("statements");
  /** Spreadsheets read Chinese in a CSV file by its byte order mark alone; other programs take the file without. */
  const path = (form: (typeof FILES)[number]) =>
    form === "pdf" || form === "focusCsv" ? downloads[form] : `${downloads[form]}${downloads[form].includes("?") ? "&" : "?"}bom=1`;
  return (
    <Flex gap="small" wrap>
      {FILES.map((form) => (
        <Download key={form} size="small" path={path(form)} label={t(`form.${form}`)} about={formatMonth(month, i18n.language)} />
      ))}
    </Flex>
  );
}

function Charges({ month }: { month: string }) {
  const { t } = useTranslation(["statements", "common"]);
  const id = useAccountId();
  return (
    <Pages
      document={StatementChargesDocument}
      variables={{ id, month }}
      pick={(data) => data.account?.statement.charges}
      label={t("charges")}
      empty={t("noCharges")}
      columns={[
        { title: t("day"), dataIndex: "day", render: (day) => <Day of={day} /> },
        { title: t("kind"), dataIndex: "kind", render: (kind: Charge["kind"]) => t(`common:chargeKind.${kind}`) },
        { title: t("quantity"), dataIndex: "quantity", align: "right", render: (quantity) => <Count of={quantity} /> },
        { title: t("billed"), dataIndex: "billedQuantity", align: "right", render: (quantity) => <Count of={quantity} /> },
        { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
        { title: t("state"), render: (_, { settlement: { state } }) => <Tag color={COLOURS[state]}>{t(`common:settlementState.${state}`)}</Tag> },
      ]}
    />
  );
}

function Days() {
  const { t } = useTranslation(["statements", "common"]);
  const id = useAccountId();
  return (
    <Pages
      document={DailyConsumption}
      variables={{ id }}
      pick={(data) => data.account?.dailyConsumption}
      label={t("days")}
      empty={t("noCharges")}
      columns={[
        { title: t("day"), dataIndex: "day", render: (day) => <Day of={day} /> },
        { title: t("quantity"), dataIndex: ["charge", "quantity"], align: "right", render: (quantity) => <Count of={quantity} /> },
        { title: t("billed"), dataIndex: ["charge", "billedQuantity"], align: "right", render: (quantity) => <Count of={quantity} /> },
        { title: t("dayAmount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
        {
          title: t("state"),
          render: (_, { charge: { settlement } }: Consumption) => <Tag color={COLOURS[settlement.state]}>{t(`common:settlementState.${settlement.state}`)}</Tag>,
        },
      ]}
    />
  );
}

function Flows() {
  const { t } = useTranslation("statements");
  const id = useAccountId();
  return (
    <Pages
      document={IncomeAndExpense}
      variables={{ id }}
      pick={(data) => data.account?.incomeAndExpense}
      label={t("flow")}
      columns={[
        { title: t("at"), dataIndex: "at", render: (at) => <Instant at={at} /> },
        { title: t("kind"), dataIndex: "kind", render: (kind: CashFlowKind) => t(`flowKind.${kind}`) },
        { title: t("channel"), dataIndex: "channel", render: (channel) => <ChannelName of={channel} /> },
        { title: t("day"), render: (_, { charge }: Flow) => <Day of={charge?.day} /> },
        { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
      ]}
    />
  );
}
