/** What became of the billing days: a calendar of a month, and closing the days that ended. */
import { App, Badge, Calendar, DatePicker, Flex, Form, Grid, Spin, Typography } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { DaysPageQuery } from "@/gql/graphql";
import { Failure } from "@/parts/Failure";
import { FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Count, Day } from "@/parts/values";
import { dayOf } from "./inputs";

const DaysPage = graphql(`
  query DaysPage($month: String!, $sandboxes: Boolean!) {
    dayStatus(month: $month, sandboxes: $sandboxes) { day open closed late adjusted unsettled }
  }
`);

const CloseDays = graphql(`
  mutation CloseDays($until: Date, $idempotencyKey: String) {
    closeDay(until: $until, idempotencyKey: $idempotencyKey) {
      ... on CloseDaySuccess { accounts charges }
      ... on Error { code message path }
    }
  }
`);

type Status = DaysPageQuery["dayStatus"][number];
const KINDS = ["closed", "open", "late", "adjusted", "unsettled"] as const;
const MARKS: Record<(typeof KINDS)[number], "success" | "processing" | "warning" | "default" | "error"> = {
  closed: "success",
  open: "processing",
  late: "warning",
  adjusted: "default",
  unsettled: "error",
};

export default function Days() {
  const { t } = useTranslation(["operations", "common"]);
  const { may, sandboxes } = useStaff();
  const wide = Grid.useBreakpoint().lg;
  const [shown, setShown] = useState<Dayjs>(() => dayjs());
  const month = shown.format("YYYY-MM");
  const [{ data, error, fetching }, again] = useQuery({ query: DaysPage, variables: { month, sandboxes } });
  const days = new Map((data?.dayStatus ?? []).map((status) => [status.day, status]));
  return (
    <Page
      title={t("days")}
      about={t("daysAbout")}
      actions={<Flex gap="middle" align="center" wrap><Sandboxes />{may("OPERATOR") && <Close />}</Flex>}
    >
      <Flex gap="middle" wrap>
        {KINDS.map((kind) => <Badge key={kind} status={MARKS[kind]} text={t("common:labelled", { what: t(`dayKind.${kind}`), value: t(`dayKindHelp.${kind}`) })} />)}
      </Flex>
      {error && !data && <Failure error={error} again={again} />}
      <Spin spinning={fetching} delay={300}>
        {wide ? (
          <Calendar
            value={shown}
            mode="month"
            validRange={[dayjs("2020-01-01"), dayjs().add(20, "year")]}
            onChange={setShown}
            headerRender={({ value, onChange }) => <MonthPicker value={value} onChange={onChange} />}
            fullCellRender={(day) => (
              <div className="ant-picker-cell-inner ant-picker-calendar-date">
                {day.isSame(shown, "month") && <Cell day={day.date()} status={days.get(dayOf(day))} />}
              </div>
            )}
          />
        ) : (
          <Flex vertical gap="small">
            <MonthPicker value={shown} onChange={setShown} />
            <Table
              aria-label={t("days")}
              size="small"
              rowKey="day"
              pagination={false}
              dataSource={[...days.values()].filter(happened)}
              locale={{ emptyText: t("noDays") }}
              columns={[
                { title: t("day"), dataIndex: "day", render: (day) => <Day of={day} /> },
                ...KINDS.map((kind) => ({ title: t(`dayKind.${kind}`), dataIndex: kind, align: "right" as const, render: (count: number) => <Count of={count} /> })),
              ]}
            />
          </Flex>
        )}
      </Spin>
    </Page>
  );
}

function MonthPicker({ value, onChange }: { value: Dayjs; onChange: (month: Dayjs) => void }) {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Flex justify="end" style={{ padding: 8 }}>
      <DatePicker picker="month" allowClear={false} aria-label={t("month")} value={value} onChange={(chosen) => chosen && onChange(chosen)} />
    </Flex>
  );
}

/** Of a day to come, only what sandboxes whose clocks are ahead have closed. */
const happened = (status: Status) => status.closed > 0 || (status.open > 0 && dayjs(status.day).isBefore(dayjs(), "day"));

function Cell({ day, status }: { day: number; status?: Status }) {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Flex vertical style={{ minHeight: 96, textAlign: "start" }}>
      <Typography.Text strong>{day}</Typography.Text>
      {status && happened(status) && KINDS.filter((kind) => status[kind] > 0).map((kind) => (
        <Badge key={kind} status={MARKS[kind]} text={<Typography.Text style={{ fontSize: 12 }}>{t(`dayKind.${kind}`)} <Count of={status[kind]} /></Typography.Text>} />
      ))}
    </Flex>
  );
}

function Close() {
  const { t } = useTranslation(["operations", "common"]);
  const { message } = App.useApp();
  const [close] = useAction(CloseDays);
  return (
    <FormButton<{ until?: Dayjs }>
      type="primary"
      label={t("closeDays")}
      send={async ({ until }, form) => {
        const done = await close({ until: until ? dayOf(until) : null }, { form });
        if (done) message.success(t("daysClosed", { accounts: done.accounts, charges: done.charges }), 6);
        return done;
      }}
    >
      <p>{t("closeDaysHelp")}</p>
      <Form.Item name="until" label={t("closeUntil")} extra={t("closeUntilHelp")}><DatePicker style={{ width: "100%" }} /></Form.Item>
    </FormButton>
  );
}
