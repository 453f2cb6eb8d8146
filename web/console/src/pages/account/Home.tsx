/** An account's home: what is next, what is left, what the month costs, and how many DataKits there are. */
import { ArrowRightOutlined, CheckCircleTwoTone } from "@ant-design/icons";
import { Button, Card, Col, Flex, Row, Statistic, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { freeDaysLeft, pathOf, useAccount, useRights } from "@/app/account";
import { graphql } from "@/gql";
import type { HomePageQuery, NextAction } from "@/gql/graphql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { formatDay, formatInstant, formatMoney } from "@/parts/values";
import { DataKits } from "./DataKits";

const HomePage = graphql(`
  query HomePage($id: ID!, $from: Date!, $to: Date!) {
    account(id: $id) {
      id edition clock
      nextSteps { action reason deadline continueUrl edition }
      upgrade { id state freePeriodEndsAt firstBilledDay pricePlan { id minimumQuantity } }
      settlementBinding { id channel state }
      wallet { balance { amount currency } }
      standing { state owed { amount currency } }
      forecast { monthToDate { amount currency } expected { amount currency } daily { amount currency } balanceLastsDays }
      usage(from: $from, to: $to, meters: ["datakit"]) { days { day quantity hours { hour quantity } } }
    }
    settlementChannels { key name }
  }
`);

type Account = NonNullable<HomePageQuery["account"]>;

/** Where each next step is done, and by whom; by every member where nobody is named. */
const PLACES: Record<NextAction, [page: string, by?: keyof ReturnType<typeof useRights>]> = {
  CHOOSE_EDITION: ["upgrade", "administers"],
  ACCEPT_AGREEMENT: ["upgrade", "administers"],
  CHOOSE_SETTLEMENT_CHANNEL: ["upgrade", "administers"],
  CONFIRM_SETTLEMENT_CHANNEL: ["upgrade", "administers"],
  CREATE_LICENSE: ["upgrade", "administers"],
  CREATE_ACCESS_KEY: ["upgrade", "administers"],
  ACTIVATE_LICENSE: ["upgrade", "administers"],
  REPORT_USAGE: ["usage"],
  TOP_UP: ["wallet", "seesToMoney"],
  ACCEPT_OFFER: ["contracts", "administers"],
  WAIT_FOR_OFFER: ["contracts"],
  RAISE_DK_LIMIT: ["licenses", "administers"],
};

const DAY = 24 * 60 * 60 * 1000;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

export default function Home() {
  const { t } = useTranslation(["account", "common"]);
  const account = useAccount();
  const now = Date.parse(account.clock);
  return (
    <Page title={account.name} about={t(`common:edition.${account.edition}`)}>
      <Loaded document={HomePage} variables={{ id: account.id, from: dayOf(now - 30 * DAY), to: dayOf(now) }}>
        {(data) =>
          data.account && (
            <>
              <NextSteps account={data.account} />
              <Figures account={data.account} channels={data.settlementChannels} />
              <DataKits usage={data.account.usage[0]?.days ?? []} minimum={Number(data.account.upgrade?.pricePlan.minimumQuantity ?? 0)} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function NextSteps({ account }: { account: Account }) {
  const { t, i18n } = useTranslation("account");
  const rights = useRights();
  if (!account.nextSteps.length)
    return (
      <Card size="small">
        <CheckCircleTwoTone twoToneColor="#389e0d" /> {t("nothingToDo")}
      </Card>
    );
  return (
    <Card title={t("nextSteps")} size="small">
      <Flex vertical gap="middle">
        {account.nextSteps.map((step, index) => {
          const [usual, by] = PLACES[step.action];
          // The agreement of an edition by application is accepted with its offer.
          const page = step.edition && step.edition !== "PAY_AS_YOU_GO" ? "contracts" : usual;
          const waits = step.action === "WAIT_FOR_OFFER";
          return (
            <Flex key={step.action} justify="space-between" align="center" gap="middle" wrap>
              <div style={{ flex: "1 1 260px" }}>
                <Typography.Text strong>{t(`action.${step.action}`)}</Typography.Text>
                <div>
                  <Typography.Text type="secondary">
                    {step.reason}
                    {step.deadline && t("until", { at: formatInstant(step.deadline, i18n.language) })}
                  </Typography.Text>
                </div>
              </div>
              {(!by || rights[by]) && (
                <Link to={pathOf(account.id, page)}>
                  <Button type={index === 0 && !waits ? "primary" : "default"} icon={<ArrowRightOutlined />} iconPlacement="end">
                    {waits ? t("seeApplication") : t(`action.${step.action}`)}
                  </Button>
                </Link>
              )}
            </Flex>
          );
        })}
      </Flex>
    </Card>
  );
}

function Figures({ account, channels }: { account: Account; channels: { key: string; name: string | null }[] }) {
  const { t, i18n } = useTranslation("account");
  const { wallet, forecast, upgrade, settlementBinding: binding } = account;
  const money = (of: { amount: string; currency: string }) => formatMoney(of, i18n.language);
  const freeDays = freeDaysLeft(upgrade?.freePeriodEndsAt, account.clock);
  const figures = [
    freeDays > 0 && { title: t("freeDays"), value: t("days", { count: freeDays }), note: upgrade?.firstBilledDay && <BilledFrom day={upgrade.firstBilledDay} /> },
    binding && { title: t("paidBy"), value: channels.find(({ key }) => key === binding.channel)?.name ?? binding.channel },
    wallet && {
      title: t("balance"),
      value: money(wallet.balance),
      note: forecast?.balanceLastsDays != null && t("lasts", { count: forecast.balanceLastsDays }),
    },
    forecast && { title: t("monthToDate"), value: money(forecast.monthToDate), note: t("perDay", { amount: money(forecast.daily) }) },
    forecast && { title: t("expected"), value: money(forecast.expected) },
  ].filter((figure) => !!figure);
  if (!figures.length) return null;
  return (
    <Row gutter={[16, 16]}>
      {figures.map(({ title, value, note }) => (
        <Col key={title} xs={24} sm={12} xl={6}>
          <Card size="small" style={{ height: "100%" }}>
            <Statistic title={title} formatter={() => value} />
            {note && <Typography.Text type="secondary">{note}</Typography.Text>}
          </Card>
        </Col>
      ))}
    </Row>
  );
}

function BilledFrom({ day }: { day: string }) {
  const { t, i18n } = useTranslation("account");
  return <>{t("billedFrom", { day: formatDay(day, i18n.language) })}</>;
}
