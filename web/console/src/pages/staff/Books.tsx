/** The books: what every ledger account turned over, and whether anything in them is wrong. */
import { Alert, Card, DatePicker, Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { TrialBalanceQuery } from "@/gql/graphql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Money } from "@/parts/values";
import { useChannelName } from "./inputs";

const TrialBalance = graphql(`
  query TrialBalance($until: DateTime, $sandboxes: Boolean!) {
    trialBalance(until: $until, sandboxes: $sandboxes) {
      kind channel debit { amount currency } credit { amount currency } balance { amount currency }
    }
  }
`);

const LedgerDifferences = graphql(`
  query LedgerDifferences {
    ledgerDifferences
  }
`);

type Line = TrialBalanceQuery["trialBalance"][number];

export default function Books() {
  const { t } = useTranslation("finance");
  const { sandboxes } = useStaff();
  const [until, setUntil] = useState<string>();
  const name = useLedgerName();
  return (
    <Page title={t("books")} about={t("booksAbout")} actions={<Sandboxes />}>
      <Loaded document={LedgerDifferences} variables={{}}>
        {({ ledgerDifferences }) =>
          ledgerDifferences.length === 0 ? (
            <Alert type="success" showIcon title={t("booksRight")} description={t("booksRightText")} />
          ) : (
            <Alert
              type="error"
              showIcon
              title={t("booksWrong", { count: ledgerDifferences.length })}
              description={<ul style={{ paddingInlineStart: 20, margin: 0 }}>{ledgerDifferences.map((text) => <li key={text}>{text}</li>)}</ul>}
            />
          )
        }
      </Loaded>
      <Card
        size="small"
        title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("trialBalance")}</h2>}
        extra={
          <DatePicker
            aria-label={t("until")}
            placeholder={t("until")}
            onChange={(day) => setUntil(day?.add(1, "day").startOf("day").toISOString())}
          />
        }
      >
        <Flex vertical gap="small">
          <Typography.Text type="secondary">{t("trialBalanceHelp")}</Typography.Text>
          <Loaded document={TrialBalance} variables={{ until: until ?? null, sandboxes }}>
            {({ trialBalance }) => (
              <Table
                aria-label={t("trialBalance")}
                size="small"
                rowKey={(line) => `${line.kind} ${line.channel} ${line.balance.currency}`}
                dataSource={trialBalance}
                pagination={false}
                locale={{ emptyText: t("noLedger") }}
                columns={[
                  { title: t("ledgerAccount"), key: "ledgerAccount", render: (_, line) => name(line) },
                  { title: t("debit"), dataIndex: "debit", align: "right", render: (amount: Line["debit"]) => <Money of={amount} /> },
                  { title: t("credit"), dataIndex: "credit", align: "right", render: (amount: Line["debit"]) => <Money of={amount} /> },
                  { title: t("ledgerBalance"), dataIndex: "balance", align: "right", render: (amount: Line["debit"]) => <Money of={amount} /> },
                ]}
              />
            )}
          </Loaded>
        </Flex>
      </Card>
    </Page>
  );
}

/** What a ledger account is called: its kind, and the channel that it is of. */
function useLedgerName() {
  const { t } = useTranslation("finance");
  const channelName = useChannelName();
  return ({ kind, channel }: Pick<Line, "kind" | "channel">) =>
    channel ? `${t(`ledger.${kind}`)} · ${channelName(channel)}` : t(`ledger.${kind}`);
}
