/** A month's revenue: by edition, by channel, by customer, month after month; and what contracts charged ahead. */
import { Card, Col, DatePicker, Flex, Row, Segmented, Skeleton, Statistic, Typography } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { Sandboxes, useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { EditionKey, RevenuePageQuery } from "@/gql/graphql";
import { Table } from "@/parts/Table";
import { sums } from "@/parts/amounts";
import { Chart } from "@/parts/Chart";
import { Download } from "@/parts/Download";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { type Amount, Day, formatMoney, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { useChannelName } from "./inputs";

const RevenuePage = graphql(`
  query RevenuePage($month: String!, $sandboxes: Boolean!) {
    revenueReport(month: $month, sandboxes: $sandboxes, first: 100) {
      nodes {
        edition account { id name } channel
        revenue { amount currency } discounts { amount currency } net { amount currency }
      }
    }
  }
`);

const DeferredRevenue = graphql(`
  query DeferredRevenue($month: String!, $sandboxes: Boolean!) {
    deferredRevenue(month: $month, sandboxes: $sandboxes, first: 100) {
      nodes {
        contractId account { id name } edition startsOn endsOn
        charged { amount currency } earnedInMonth { amount currency } earned { amount currency }
        deferred { amount currency }
      }
    }
  }
`);

type Line = RevenuePageQuery["revenueReport"]["nodes"][number];

/** How many months the chart looks back. */
const MONTHS = 6;
/** How many months ahead of the real one the clocks of sandboxes are looked for. */
const AHEAD = 2;

export default function Revenue() {
  const { t } = useTranslation("finance");
  const { sandboxes } = useStaff();
  const [chosen, setMonth] = useState<string>();
  const latest = useLatest();
  const month = chosen ?? latest;
  if (!month) return <Page title={t("revenue")} about={t("revenueAbout")}><Skeleton active /></Page>;
  const file = (name: string) => `/reports/${name}.csv?month=${month}&bom${sandboxes ? "&sandboxes" : ""}`;
  return (
    <Page
      title={t("revenue")}
      about={t("revenueAbout")}
      actions={
        <Flex gap="middle" align="center" wrap>
          <Sandboxes />
          <DatePicker
            picker="month"
            aria-label={t("month")}
            allowClear={false}
            value={dayjs(`${month}-01`)}
            onChange={(picked) => picked && setMonth(picked.format("YYYY-MM"))}
          />
        </Flex>
      }
    >
      <Flex gap="small" wrap>
        <Download path={file("revenue")} label={t("csv.revenue")} />
        <Download path={file("deferred")} label={t("csv.deferred")} />
        <Download path={file("charges")} label={t("csv.charges")} />
        <Download path={file("focus")} label={t("csv.focus")} />
      </Flex>
      <Loaded document={RevenuePage} variables={{ month, sandboxes }}>
        {({ revenueReport }) => <Report lines={revenueReport.nodes} month={month} />}
      </Loaded>
      <Card size="small" title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("deferred")}</h2>}>
        <Deferred month={month} />
      </Card>
    </Page>
  );
}

function Report({ lines, month }: { lines: Line[]; month: string }) {
  const { t, i18n } = useTranslation(["finance", "common"]);
  const channelName = useChannelName();
  const currencies = [...new Set(lines.map(({ net }) => net.currency))].sort();
  const [chosen, setChosen] = useState<string>();
  const currency = chosen && currencies.includes(chosen) ? chosen : (currencies[0] ?? "CNY");
  const shown = useMemo(() => lines.filter(({ net }) => net.currency === currency), [lines, currency]);
  const total = (pick: (line: Line) => Amount) => formatMoney(sums(shown.map(pick))[0] ?? { amount: "0", currency }, i18n.language);
  const figures = [
    { title: t("revenueTotal"), value: total(({ revenue }) => revenue) },
    { title: t("discountsTotal"), value: total(({ discounts }) => discounts) },
    { title: t("netTotal"), value: total(({ net }) => net) },
    { title: t("customers"), value: String(new Set(shown.map(({ account }) => account.id)).size) },
  ];
  const byEdition = useMemo(() => pie(shown, ({ edition }) => t(`common:edition.${edition}`)), [shown, t]);
  const byChannel = useMemo(() => pie(shown, ({ channel }) => (channel ? channelName(channel) : t("noChannel"))), [shown, t, channelName]);
  return (
    <Flex vertical gap="middle">
      {currencies.length > 1 && (
        <div><Segmented aria-label={t("currency")} value={currency} options={currencies} onChange={setChosen} /></div>
      )}
      <Row gutter={[16, 16]}>
        {figures.map(({ title, value }) => (
          <Col key={title} xs={12} xl={6}>
            <Card size="small" style={{ height: "100%" }}><Statistic title={title} formatter={() => value} styles={{ content: { fontSize: 20 } }} /></Card>
          </Col>
        ))}
        <Col xs={24} xl={12}>
          <Card size="small" title={t("byMonth", { count: MONTHS })}><ByMonth until={month} currency={currency} /></Card>
        </Col>
        <Col xs={24} md={12} xl={6}>
          <Card size="small" title={t("byEdition")}>{shown.length ? <Chart option={byEdition} label={t("byEdition")} /> : <Nothing />}</Card>
        </Col>
        <Col xs={24} md={12} xl={6}>
          <Card size="small" title={t("byChannel")}>{shown.length ? <Chart option={byChannel} label={t("byChannel")} /> : <Nothing />}</Card>
        </Col>
      </Row>
      <Table
        aria-label={t("revenue")}
        size="middle"
        rowKey={(line) => `${line.account.id} ${line.edition} ${line.channel}`}
        dataSource={shown}
        pagination={{ hideOnSinglePage: true, pageSize: 20, showSizeChanger: false }}
        locale={{ emptyText: t("noRevenue") }}
        columns={[
          { title: t("account"), key: "account", render: (_, line) => <AccountLink account={line.account} /> },
          { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
          { title: t("channel"), dataIndex: "channel", render: (channel: string | null) => (channel ? channelName(channel) : t("noChannel")) },
          { title: t("revenueTotal"), dataIndex: "revenue", align: "right", sorter: by(({ revenue }) => revenue), render: (amount) => <Money of={amount} /> },
          { title: t("discountsTotal"), dataIndex: "discounts", align: "right", sorter: by(({ discounts }) => discounts), render: (amount) => <Money of={amount} /> },
          { title: t("netTotal"), dataIndex: "net", align: "right", sorter: by(({ net }) => net), defaultSortOrder: "descend", render: (amount) => <Money of={amount} /> },
        ]}
      />
    </Flex>
  );
}

const by = (pick: (line: Line) => Amount) => (one: Line, other: Line) => Number(pick(one).amount) - Number(pick(other).amount);

function Nothing() {
  const { t } = useTranslation("finance");
  return <Typography.Text type="secondary">{t("noRevenue")}</Typography.Text>;
}

function pie(lines: Line[], name: (line: Line) => string) {
  const found = new Map<string, number>();
  for (const line of lines) found.set(name(line), (found.get(name(line)) ?? 0) + Number(line.net.amount));
  const data = [...found].map(([key, value]) => ({ name: key, value: Math.round(value * 100) / 100 })).filter(({ value }) => value > 0);
  return {
    tooltip: { trigger: "item" },
    legend: { bottom: 0, type: "plain" },
    series: [{ type: "pie", radius: ["42%", "66%"], center: ["50%", "42%"], label: { formatter: "{d}%" }, data }],
  };
}

/** What was earned in each of the last months, the chosen one the last. */
function ByMonth({ until, currency }: { until: string; currency: string }) {
  const { t } = useTranslation("finance");
  const months = useMemo(
    () => Array.from({ length: MONTHS }, (_, index) => dayjs(`${until}-01`).subtract(MONTHS - 1 - index, "month").format("YYYY-MM")),
    [until],
  );
  // As many queries as there are months, always the same number, each kept by itself.
  const answers = [
    useNet(months[0]!, currency), useNet(months[1]!, currency), useNet(months[2]!, currency),
    useNet(months[3]!, currency), useNet(months[4]!, currency), useNet(months[5]!, currency),
  ];
  const values = answers.join(" ");
  const option = useMemo(
    () => ({
      grid: { left: 64, right: 16, top: 24, bottom: 28 },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: months },
      yAxis: { type: "value", name: currency },
      series: [{ type: "bar", name: t("netTotal"), data: values.split(" ").map(Number), itemStyle: { color: "#1668dc" }, barMaxWidth: 48 }],
    }),
    [months, values, currency, t],
  );
  return <Chart option={option} label={t("byMonth", { count: MONTHS })} />;
}

/** The last month that has revenue, or else the present one; undefined until that is known. */
function useLatest(): string | undefined {
  const { sandboxes } = useStaff();
  const [present] = useState(() => dayjs());
  const format = (ahead: number) => present.add(ahead, "month").format("YYYY-MM");
  // Always the same number of queries; the chart asks for most of them, too.
  const answers = Array.from({ length: AHEAD + MONTHS }, (_, index) => AHEAD - index).map((ahead) => {
    const month = format(ahead);
    const pause = ahead > 0 && !sandboxes;
    const [{ data, error }] = useQuery({ query: RevenuePage, variables: { month, sandboxes }, requestPolicy: "cache-first", pause });
    return { month, known: pause || !!data || !!error, some: !pause && !!data?.revenueReport.nodes.length };
  });
  const last = answers.findIndex(({ some }) => some);
  if (answers.slice(0, last < 0 ? undefined : last).some(({ known }) => !known)) return undefined;
  return answers[last]?.month ?? format(0);
}

function useNet(month: string, currency: string): number {
  const { sandboxes } = useStaff();
  const [{ data }] = useQuery({ query: RevenuePage, variables: { month, sandboxes }, requestPolicy: "cache-first" });
  const nets = (data?.revenueReport.nodes ?? []).map(({ net }) => net).filter((net) => net.currency === currency);
  return Number(sums(nets)[0]?.amount ?? 0);
}

function Deferred({ month }: { month: string }) {
  const { t } = useTranslation(["finance", "common"]);
  const { sandboxes } = useStaff();
  return (
    <Flex vertical gap="small">
      <Typography.Text type="secondary">{t("deferredHelp")}</Typography.Text>
      <Loaded document={DeferredRevenue} variables={{ month, sandboxes }}>
        {({ deferredRevenue }) => (
          <Table
            aria-label={t("deferred")}
            size="small"
            rowKey="contractId"
            dataSource={deferredRevenue.nodes}
            pagination={{ hideOnSinglePage: true, pageSize: 20, showSizeChanger: false }}
            locale={{ emptyText: t("noDeferred") }}
            columns={[
              { title: t("account"), key: "account", render: (_, line) => <AccountLink account={line.account} /> },
              { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
              { title: t("term"), key: "term", render: (_, line) => <><Day of={line.startsOn} /> – <Day of={line.endsOn} /></> },
              { title: t("chargedAhead"), dataIndex: "charged", align: "right", render: (amount) => <Money of={amount} /> },
              { title: t("earnedInMonth"), dataIndex: "earnedInMonth", align: "right", render: (amount) => <Money of={amount} /> },
              { title: t("earned"), dataIndex: "earned", align: "right", render: (amount) => <Money of={amount} /> },
              { title: t("toEarn"), dataIndex: "deferred", align: "right", render: (amount) => <Money of={amount} /> },
            ]}
          />
        )}
      </Loaded>
    </Flex>
  );
}
