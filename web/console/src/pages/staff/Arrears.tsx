/** What is owed: accounts that are suspended or in arrears, and charges that are not collected, by their age. */
import { Card, Col, Flex, Row, Segmented, Tag, Typography } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { AccrualsQuery, ArrearsPageQuery, StandingState } from "@/gql/graphql";
import { Chart } from "@/parts/Chart";
import { Download } from "@/parts/Download";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Count, Instant, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { STANDING_COLOURS } from "./Accounts";
import { useChannelName } from "./inputs";

const ArrearsPage = graphql(`
  query ArrearsPage($sandboxes: Boolean!) {
    arrearsReport(sandboxes: $sandboxes, first: 100) {
      nodes { account { id name } state since deadline finalNoticeAt owed { amount currency } }
    }
  }
`);

const Accruals = graphql(`
  query Accruals($sandboxes: Boolean!) {
    accruals(sandboxes: $sandboxes) { fromDays toDays channel charges amount { amount currency } }
  }
`);

type Line = ArrearsPageQuery["arrearsReport"]["nodes"][number];
type Accrual = AccrualsQuery["accruals"][number];

/** How many accounts the chart has at the most. */
const MOST = 10;

export default function Arrears() {
  const { t } = useTranslation("finance");
  const { sandboxes } = useStaff();
  return (
    <Page
      title={t("arrears")}
      about={t("arrearsAbout")}
      actions={
        <Flex gap="middle" align="center" wrap>
          <Sandboxes />
          <Download path={`/reports/arrears.csv?bom${sandboxes ? "&sandboxes" : ""}`} label={t("csv.arrears")} />
        </Flex>
      }
    >
      <Loaded document={ArrearsPage} variables={{ sandboxes }}>
        {({ arrearsReport }) => <Owing lines={arrearsReport.nodes} />}
      </Loaded>
      <Loaded document={Accruals} variables={{ sandboxes }}>{({ accruals }) => <Ages lines={accruals} />}</Loaded>
    </Page>
  );
}

function useCurrency(found: string[]) {
  const currencies = [...new Set(found)].sort();
  const [chosen, choose] = useState<string>();
  const currency = chosen && currencies.includes(chosen) ? chosen : (currencies[0] ?? "CNY");
  return { currency, currencies, choose };
}

function Owing({ lines }: { lines: Line[] }) {
  const { t } = useTranslation(["finance", "common"]);
  const { currency, currencies, choose } = useCurrency(lines.map(({ owed }) => owed.currency));
  const option = useMemo(() => {
    const most = lines
      .filter(({ owed }) => owed.currency === currency)
      .sort((one, other) => Number(other.owed.amount) - Number(one.owed.amount))
      .slice(0, MOST)
      .reverse();
    return {
      grid: { left: 8, right: 24, top: 24, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      xAxis: { type: "value", name: currency, axisLabel: { hideOverlap: true } },
      yAxis: { type: "category", data: most.map(({ account }) => account.name), axisLabel: { width: 120, overflow: "truncate" } },
      series: [{ type: "bar", name: t("owed"), data: most.map(({ owed }) => Number(owed.amount)), itemStyle: { color: "#d4380d" }, barMaxWidth: 24 }],
    };
  }, [lines, currency, t]);
  return (
    <Row gutter={[16, 16]}>
      {lines.length > 0 && (
        <Col xs={24} xl={9}>
          <Card
            size="small"
            title={t("owesMost")}
            extra={currencies.length > 1 && <Segmented size="small" aria-label={t("currency")} value={currency} options={currencies} onChange={choose} />}
          >
            <Chart option={option} label={t("owesMost")} height={Math.max(160, Math.min(MOST, lines.length) * 30 + 60)} />
          </Card>
        </Col>
      )}
      <Col xs={24} xl={lines.length ? 15 : 24}>
        <Table
          aria-label={t("arrears")}
          size="middle"
          rowKey={(line) => `${line.account.id} ${line.owed.currency}`}
          dataSource={lines}
          pagination={{ hideOnSinglePage: true, pageSize: 20, showSizeChanger: false }}
          locale={{ emptyText: t("nobodyOwes") }}
          columns={[
            { title: t("account"), key: "account", render: (_, line) => <AccountLink account={line.account} /> },
            { title: t("state"), dataIndex: "state", render: (state: StandingState) => <Tag color={STANDING_COLOURS[state]}>{t(`common:standing.${state}`)}</Tag> },
            { title: t("owed"), dataIndex: "owed", align: "right", render: (amount) => <Money of={amount} /> },
            { title: t("since"), dataIndex: "since", render: (at) => <Instant at={at} /> },
            { title: t("deadline"), dataIndex: "deadline", render: (at) => <Instant at={at} /> },
            { title: t("finalNoticeAt"), dataIndex: "finalNoticeAt", render: (at) => <Instant at={at} /> },
          ]}
        />
      </Col>
    </Row>
  );
}

function Ages({ lines }: { lines: Accrual[] }) {
  const { t } = useTranslation("finance");
  const channelName = useChannelName();
  const { currency, currencies, choose } = useCurrency(lines.map(({ amount }) => amount.currency));
  const age = ({ fromDays, toDays }: Accrual) => (toDays === null ? t("olderThan", { from: fromDays }) : t("age", { from: fromDays, to: toDays }));
  const option = useMemo(() => {
    const shown = lines.filter(({ amount }) => amount.currency === currency);
    const ages = [...new Map(shown.toSorted((one, other) => one.fromDays - other.fromDays).map((line) => [line.fromDays, age(line)]))];
    const channels = [...new Set(shown.map(({ channel }) => channel))];
    return {
      grid: { left: 64, right: 16, top: 40, bottom: 28 },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      legend: { top: 0 },
      xAxis: { type: "category", data: ages.map(([, name]) => name) },
      yAxis: { type: "value", name: currency },
      series: channels.map((channel) => ({
        type: "bar",
        stack: "age",
        barMaxWidth: 48,
        name: channelName(channel),
        data: ages.map(([from]) => Number(shown.find((line) => line.fromDays === from && line.channel === channel)?.amount.amount ?? 0)),
      })),
    };
  }, [lines, currency, t, channelName]);
  return (
    <Card
      size="small"
      title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("accruals")}</h2>}
      extra={currencies.length > 1 && <Segmented size="small" aria-label={t("currency")} value={currency} options={currencies} onChange={choose} />}
    >
      <Flex vertical gap="small">
        <Typography.Text type="secondary">{t("accrualsHelp")}</Typography.Text>
        {lines.length > 0 && <Chart option={option} label={t("accruals")} />}
        <Table
          aria-label={t("accruals")}
          size="small"
          rowKey={(line) => `${line.fromDays} ${line.channel} ${line.amount.currency}`}
          dataSource={lines}
          pagination={false}
          locale={{ emptyText: t("noAccruals") }}
          columns={[
            { title: t("ageLabel"), key: "age", render: (_, line) => age(line) },
            { title: t("channel"), dataIndex: "channel", render: channelName },
            { title: t("charges"), dataIndex: "charges", align: "right", render: (count) => <Count of={count} /> },
            { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          ]}
        />
      </Flex>
    </Card>
  );
}
