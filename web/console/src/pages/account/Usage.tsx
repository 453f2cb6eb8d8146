/** What was reported: each meter by day and by hour, and what was corrected. */
import { Card, DatePicker, Empty, Flex, Statistic, Typography } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccount } from "@/app/account";
import { graphql } from "@/gql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Count, formatMoney, Instant } from "@/parts/values";
import { DataKits } from "./DataKits";

const UsagePage = graphql(`
  query UsagePage($id: ID!, $from: Date!, $to: Date!) {
    account(id: $id) {
      id
      upgrade { id pricePlan { id meter minimumQuantity } }
      forecast { monthToDate { amount currency } expected { amount currency } daily { amount currency } }
      usage(from: $from, to: $to) { meter { key name unit } days { day quantity hours { hour quantity } } }
    }
  }
`);

const Corrections = graphql(`
  query Corrections($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      usageCorrections(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id meter hour quantityBefore quantityAfter reason correctedBy correctedAt deployment { id fingerprint } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const FORM = "YYYY-MM-DD";
const MOST_DAYS = 62;

export default function Usage() {
  const { t, i18n } = useTranslation(["usage", "account"]);
  const account = useAccount();
  const now = dayjs(account.clock);
  const [days, setDays] = useState([now.subtract(30, "day"), now] as const);
  const [from, to] = days;
  return (
    <Page
      title={t("title")}
      about={t("about")}
      actions={
        <DatePicker.RangePicker
          aria-label={t("days")}
          allowClear={false}
          value={[from, to]}
          maxDate={now}
          disabledDate={(day, { from: first }) => first !== undefined && Math.abs(day.diff(first, "day")) > MOST_DAYS}
          onChange={(chosen) => chosen?.[0] && chosen[1] && setDays([chosen[0], chosen[1]])}
        />
      }
    >
      <Loaded document={UsagePage} variables={{ id: account.id, from: from.format(FORM), to: to.format(FORM) }}>
        {({ account: found }) => {
          const plan = found?.upgrade?.pricePlan;
          return (
            <Flex vertical gap="large">
              {found?.forecast && (
                <Card size="small">
                  <Flex gap={48} wrap>
                    <Statistic title={t("account:monthToDate")} formatter={() => formatMoney(found.forecast!.monthToDate, i18n.language)} />
                    <Statistic title={t("account:expected")} formatter={() => formatMoney(found.forecast!.expected, i18n.language)} />
                    <Statistic title={t("daily")} formatter={() => formatMoney(found.forecast!.daily, i18n.language)} />
                  </Flex>
                </Card>
              )}
              {found?.usage.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("none")} />}
              {found?.usage.map(({ meter, days: reported }) => (
                <section key={meter.key} aria-label={meter.name}>
                  {found.usage.length > 1 && <Typography.Title level={2} style={{ fontSize: 16 }}>{meter.name}</Typography.Title>}
                  <DataKits usage={reported} minimum={plan?.meter === meter.key ? Number(plan.minimumQuantity) : 0} />
                </section>
              ))}
            </Flex>
          );
        }}
      </Loaded>
      <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>{t("corrections")}</Typography.Title>
      <Pages
        document={Corrections}
        variables={{ id: account.id }}
        pick={(data) => data.account?.usageCorrections}
        label={t("corrections")}
        empty={t("noCorrections")}
        columns={[
          { title: t("hour"), dataIndex: "hour", render: (at) => <Instant at={at} /> },
          { title: t("deployment"), dataIndex: ["deployment", "fingerprint"] },
          { title: t("before"), dataIndex: "quantityBefore", align: "right", render: (of) => <Count of={of} /> },
          { title: t("after"), dataIndex: "quantityAfter", align: "right", render: (of) => <Count of={of} /> },
          { title: t("reason"), dataIndex: "reason" },
          { title: t("by"), dataIndex: "correctedBy" },
          { title: t("at"), dataIndex: "correctedAt", render: (at) => <Instant at={at} /> },
        ]}
      />
    </Page>
  );
}
