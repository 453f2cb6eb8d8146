/** What the account wants to be told of: budgets, usage of a day, and a balance that is soon used up. */
import { Alert, Card, Flex, Form, InputNumber, Progress, Radio, Select, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AlertsPageQuery, BudgetPeriod } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Count, formatMoney, Money } from "@/parts/values";

const AlertsPage = graphql(`
  query AlertsPage($id: ID!) {
    meters { key name unit }
    settlementChannels { key currencies }
    account(id: $id) {
      id
      budgets { period meter amount { amount currency } thresholds }
      usageAlerts { meter thresholds }
      balanceAlert { days low }
      forecast { monthToDate { amount currency } expected { amount currency } balanceLastsDays }
      wallet { balance { amount currency } }
    }
  }
`);

const SetBudget = graphql(`
  mutation SetBudget(
    $accountId: ID!, $amount: Decimal!, $thresholds: [Int!]!, $currency: String!, $period: BudgetPeriod!, $meter: String
  ) {
    setBudget(
      accountId: $accountId, amount: $amount, thresholds: $thresholds, currency: $currency, period: $period, meter: $meter
    ) {
      ... on SetBudgetSuccess { budget { period } }
      ... on Error { code message path }
    }
  }
`);

const RemoveBudget = graphql(`
  mutation RemoveBudget($accountId: ID!, $period: BudgetPeriod!, $meter: String) {
    removeBudget(accountId: $accountId, period: $period, meter: $meter) {
      ... on RemoveBudgetSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const SetUsageAlert = graphql(`
  mutation SetUsageAlert($accountId: ID!, $thresholds: [BigInt!]!, $meter: String!) {
    setUsageAlert(accountId: $accountId, thresholds: $thresholds, meter: $meter) {
      ... on SetUsageAlertSuccess { usageAlert { meter } }
      ... on Error { code message path }
    }
  }
`);

const RemoveUsageAlert = graphql(`
  mutation RemoveUsageAlert($accountId: ID!, $meter: String!) {
    removeUsageAlert(accountId: $accountId, meter: $meter) {
      ... on RemoveUsageAlertSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const SetBalanceAlert = graphql(`
  mutation SetBalanceAlert($accountId: ID!, $days: Int!) {
    setBalanceAlert(accountId: $accountId, days: $days) {
      ... on SetBalanceAlertSuccess { balanceAlert { days } }
      ... on Error { code message path }
    }
  }
`);

const RemoveBalanceAlert = graphql(`
  mutation RemoveBalanceAlert($accountId: ID!) {
    removeBalanceAlert(accountId: $accountId) {
      ... on RemoveBalanceAlertSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

type Account = NonNullable<AlertsPageQuery["account"]>;
type Budget = Account["budgets"][number];
type UsageAlert = Account["usageAlerts"][number];

interface Props {
  data: AlertsPageQuery;
  account: Account;
}

export default function Alerts() {
  const { t } = useTranslation("alerts");
  const id = useAccountId();
  return (
    <Page title={t("title")} about={t("about")}>
      <Loaded document={AlertsPage} variables={{ id }}>
        {(data) =>
          data.account && (
            <>
              <Budgets data={data} account={data.account} />
              <UsageAlerts data={data} account={data.account} />
              <BalanceAlert account={data.account} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Numbers that are typed one after the other. */
function Thresholds({ label, help, suffix }: { label: string; help: string; suffix?: string }) {
  const { t } = useTranslation("common");
  return (
    <Form.Item
      name="thresholds"
      label={label}
      extra={help}
      rules={[{ required: true, message: t("required") }]}
      normalize={(values: string[]) => values.filter((value) => /^\d+$/.test(value)).sort((one, other) => Number(one) - Number(other))}
    >
      <Select mode="tags" open={false} suffixIcon={suffix} tokenSeparators={[",", " ", "，", "、"]} />
    </Form.Item>
  );
}

function useMeterName(meters: AlertsPageQuery["meters"]) {
  return (key: string) => meters.find((meter) => meter.key === key)?.name ?? key;
}

function Budgets({ data, account }: Props) {
  const { t } = useTranslation(["alerts", "common"]);
  const { seesToMoney } = useRights();
  const [set] = useAction(SetBudget);
  const [remove] = useAction(RemoveBudget);
  const meterName = useMeterName(data.meters);
  const accountId = account.id;
  const currencies = [...new Set(data.settlementChannels.flatMap((channel) => channel.currencies))];
  const required = [{ required: true, message: t("common:required") }];

  const what = ({ period, meter }: Budget) => (meter ? t(`ofMeter.${period}`, { meter: meterName(meter) }) : t(`period.${period}`));
  return (
    <Card
      size="small"
      title={t("budgets")}
      extra={
        seesToMoney && (
          <FormButton<{ period: BudgetPeriod; meter?: string; amount: string; currency: string; thresholds: string[] }>
            type="primary"
            size="small"
            label={t("setBudget")}
            initialValues={{ period: "MONTH", currency: "CNY", thresholds: ["50", "80", "100"] }}
            send={({ thresholds, meter, ...entered }, form) =>
              set({ accountId, ...entered, meter: meter ?? null, thresholds: thresholds.map(Number) }, { form, success: t("common:saved") })
            }
          >
            <Form.Item name="period" label={t("periodLabel")} required>
              <Radio.Group options={(["MONTH", "DAY"] as const).map((period) => ({ value: period, label: t(`period.${period}`) }))} />
            </Form.Item>
            <Form.Item name="meter" label={t("meter")} extra={t("meterHelp")}>
              <Select allowClear options={data.meters.map(({ key, name }) => ({ value: key, label: name }))} />
            </Form.Item>
            <Form.Item name="amount" label={t("amount")} rules={required}>
              <InputNumber stringMode min="0" style={{ width: "100%" }} />
            </Form.Item>
            <Form.Item name="currency" label={t("currency")} rules={required}>
              <Select options={currencies.map((currency) => ({ value: currency, label: currency }))} />
            </Form.Item>
            <Thresholds label={t("percents")} help={t("percentsHelp")} suffix="%" />
          </FormButton>
        )
      }
    >
      <Rows
        rows={account.budgets}
        label={t("budgets")}
        empty={t("noBudgets")}
        columns={[
          { title: t("budget"), render: (_, budget: Budget) => what(budget) },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          { title: t("percents"), dataIndex: "thresholds", render: (percents: number[]) => <Flex gap={4} wrap>{percents.map((percent) => <Tag key={percent}>{percent}%</Tag>)}</Flex> },
          { title: t("spent"), render: (_, budget: Budget) => <Spent budget={budget} account={account} /> },
          ...(seesToMoney
            ? [{
                title: t("common:actions"),
                render: (_: unknown, budget: Budget) => (
                  <ConfirmButton
                    size="small"
                    danger
                    label={t("common:remove")}
                    question={t("removeQuestion", { name: what(budget) })}
                    act={() => remove({ accountId, period: budget.period, meter: budget.meter })}
                  />
                ),
              }]
            : []),
        ]}
      />
    </Card>
  );
}

/** How much of a month's budget is spent; of other budgets, days come and go. */
function Spent({ budget, account }: { budget: Budget; account: Account }) {
  const { t, i18n } = useTranslation("alerts");
  const { forecast } = account;
  if (budget.period !== "MONTH" || budget.meter || forecast?.monthToDate.currency !== budget.amount.currency) return <>—</>;
  const percent = Math.round((Number(forecast.monthToDate.amount) / Number(budget.amount.amount)) * 100);
  return (
    <Flex vertical style={{ minWidth: 200 }}>
      <Typography.Text type={percent > 100 ? "danger" : undefined}>
        {t("spentOf", { spent: formatMoney(forecast.monthToDate, i18n.language), expected: formatMoney(forecast.expected, i18n.language) })}
      </Typography.Text>
      <Progress aria-label={t("spent")} percent={Math.min(100, percent)} status={percent > 100 ? "exception" : "normal"} format={() => `${percent}%`} size="small" />
    </Flex>
  );
}

function UsageAlerts({ data, account }: Props) {
  const { t } = useTranslation(["alerts", "common"]);
  const { seesToMoney } = useRights();
  const [set] = useAction(SetUsageAlert);
  const [remove] = useAction(RemoveUsageAlert);
  const meterName = useMeterName(data.meters);
  const accountId = account.id;
  return (
    <Card
      size="small"
      title={t("usageAlerts")}
      extra={
        seesToMoney && (
          <FormButton<{ meter: string; thresholds: string[] }>
            type="primary"
            size="small"
            label={t("setUsageAlert")}
            initialValues={{ meter: "datakit" }}
            send={(entered, form) => set({ accountId, ...entered }, { form, success: t("common:saved") })}
          >
            <Form.Item name="meter" label={t("meter")} required>
              <Select options={data.meters.map(({ key, name }) => ({ value: key, label: name }))} />
            </Form.Item>
            <Thresholds label={t("quantities")} help={t("quantitiesHelp")} />
          </FormButton>
        )
      }
    >
      <Rows
        rows={account.usageAlerts}
        label={t("usageAlerts")}
        empty={t("noUsageAlerts")}
        columns={[
          { title: t("meter"), dataIndex: "meter", render: meterName },
          { title: t("quantities"), dataIndex: "thresholds", render: (quantities: string[]) => <Flex gap={4} wrap>{quantities.map((quantity) => <Tag key={quantity}><Count of={quantity} /></Tag>)}</Flex> },
          ...(seesToMoney
            ? [{
                title: t("common:actions"),
                render: (_: unknown, { meter }: UsageAlert) => (
                  <ConfirmButton
                    size="small"
                    danger
                    label={t("common:remove")}
                    question={t("removeQuestion", { name: meterName(meter) })}
                    act={() => remove({ accountId, meter })}
                  />
                ),
              }]
            : []),
        ]}
      />
    </Card>
  );
}

function BalanceAlert({ account }: { account: Account }) {
  const { t } = useTranslation(["alerts", "common"]);
  const { seesToMoney } = useRights();
  const [set] = useAction(SetBalanceAlert);
  const [remove] = useAction(RemoveBalanceAlert);
  const { balanceAlert, forecast, wallet } = account;
  const accountId = account.id;
  return (
    <Card
      size="small"
      title={t("balanceAlert")}
      extra={
        seesToMoney && (
          <Flex gap="small">
            {balanceAlert && (
              <ConfirmButton size="small" danger label={t("common:remove")} question={t("removeQuestion", { name: t("balanceAlert") })} act={() => remove({ accountId })} />
            )}
            <FormButton<{ days: number }>
              type="primary"
              size="small"
              label={t("setBalanceAlert")}
              initialValues={{ days: balanceAlert?.days ?? 7 }}
              send={(entered, form) => set({ accountId, ...entered }, { form, success: t("common:saved") })}
            >
              <Form.Item name="days" label={t("days")} extra={t("daysHelp")} rules={[{ required: true, message: t("common:required") }]}>
                <InputNumber min={1} max={365} precision={0} style={{ width: "100%" }} />
              </Form.Item>
            </FormButton>
          </Flex>
        )
      }
    >
      <Flex vertical gap="small">
        <Typography.Text>{balanceAlert ? t("warnsBelow", { count: balanceAlert.days }) : t("noBalanceAlert")}</Typography.Text>
        {balanceAlert?.low && <Alert type="warning" showIcon title={t("low")} />}
        {wallet && (
          <Typography.Text type="secondary">
            {t("balance")} <Money of={wallet.balance} />
            {forecast?.balanceLastsDays != null && ` · ${t("lasts", { count: forecast.balanceLastsDays })}`}
          </Typography.Text>
        )}
      </Flex>
    </Card>
  );
}
