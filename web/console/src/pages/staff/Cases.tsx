/** Differences between what providers collected and what is known here: found by comparing, closed with a note. */
import { App, DatePicker, Flex, Form, Input, Segmented, Select, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { CaseKind, CasesPageQuery } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { ChannelFilter, useChannelName, useChannels, useRequired } from "./inputs";

const CasesPage = graphql(`
  query CasesPage($state: CaseState, $channel: String, $sandboxes: Boolean!, $first: Int, $after: String) {
    reconciliationCases(state: $state, channel: $channel, sandboxes: $sandboxes, first: $first, after: $after, order: NEWEST_FIRST) {
      nodes { id channel chargeReference kind details openedAt resolvedAt resolvedBy note account { id name sandbox } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const ResolveCase = graphql(`
  mutation ResolveCase($id: ID!, $note: String!, $idempotencyKey: String) {
    resolveReconciliationCase(caseId: $id, note: $note, idempotencyKey: $idempotencyKey) {
      ... on ResolveReconciliationCaseSuccess { case { id resolvedAt } }
      ... on Error { code message path }
    }
  }
`);

const Reconcile = graphql(`
  mutation ReconcileChannel($channel: String!, $since: DateTime!, $until: DateTime!, $sandboxes: Boolean!, $idempotencyKey: String) {
    reconcileChannel(channel: $channel, since: $since, until: $until, sandboxes: $sandboxes, idempotencyKey: $idempotencyKey) {
      ... on ReconcileChannelSuccess { compared opened closed }
      ... on Error { code message path }
    }
  }
`);

type Case = CasesPageQuery["reconciliationCases"]["nodes"][number];

export default function Cases() {
  const { t } = useTranslation(["finance", "staff"]);
  const { may, sandboxes } = useStaff();
  const channelName = useChannelName();
  const [open, setOpen] = useState(true);
  const [channel, setChannel] = useState<string>();
  return (
    <Page title={t("cases")} about={t("casesAbout")} actions={<Flex gap="middle" align="center" wrap><Sandboxes />{may("FINANCE") && <Compare />}</Flex>}>
      <Flex gap="small" wrap>
        <Segmented
          aria-label={t("state")}
          value={open}
          onChange={setOpen}
          options={[{ value: true, label: t("openCases") }, { value: false, label: t("allCases") }]}
        />
        <ChannelFilter value={channel} onChange={setChannel} />
      </Flex>
      <Pages
        document={CasesPage}
        variables={{ state: open ? ("OPEN" as const) : null, channel, sandboxes }}
        pick={(data) => data.reconciliationCases}
        label={t("cases")}
        empty={t("noCases")}
        expandable={{
          expandedRowRender: (each: Case) => (
            <div className="expanded">
              <pre className="code" tabIndex={0} aria-label={t("records")}>{JSON.stringify(each.details, null, 2)}</pre>
            </div>
          ),
        }}
        columns={[
          { title: t("account"), dataIndex: "account", render: (account: Case["account"]) => (account ? <AccountLink account={account} /> : t("unknownAccount")) },
          { title: t("channel"), dataIndex: "channel", render: channelName },
          { title: t("kind"), dataIndex: "kind", render: (kind: CaseKind) => t(`staff:caseKind.${kind}`) },
          { title: t("chargeReference"), dataIndex: "chargeReference" },
          { title: t("openedAt"), dataIndex: "openedAt", render: (at) => <Instant at={at} /> },
          ...(open
            ? []
            : [{
                title: t("state"),
                key: "resolved",
                render: (_: unknown, each: Case) =>
                  each.resolvedAt ? <><Tag color="success">{t("resolved")}</Tag> {each.resolvedBy} · {each.note}</> : <Tag color="error">{t("open")}</Tag>,
              }]),
          ...(may("FINANCE")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Case) => !each.resolvedAt && <Resolve id={each.id} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Resolve({ id }: { id: string }) {
  const { t } = useTranslation("finance");
  const [resolve] = useAction(ResolveCase);
  return (
    <FormButton<{ note: string }> size="small" label={t("resolve")} send={({ note }, form) => resolve({ id, note }, { form, success: t("resolved") })}>
      <Form.Item name="note" label={t("found")} extra={t("foundHelp")} rules={useRequired()}>
        <Input.TextArea maxLength={500} showCount rows={2} />
      </Form.Item>
    </FormButton>
  );
}

interface Asked {
  channel: string;
  days: [Dayjs, Dayjs];
}

function Compare() {
  const { t } = useTranslation("finance");
  const { message } = App.useApp();
  const { sandboxes } = useStaff();
  const rules = useRequired();
  const [reconcile] = useAction(Reconcile);
  const able = useChannels().filter(({ capabilities }) => capabilities.includes("RECONCILIATION"));
  return (
    <FormButton<Asked>
      type="primary"
      label={t("compare")}
      send={async ({ channel, days: [since, until] }, form) => {
        const done = await reconcile(
          { channel, since: since.startOf("day").toISOString(), until: until.add(1, "day").startOf("day").toISOString(), sandboxes },
          { form },
        );
        if (done) message.success(t("comparedText", { compared: done.compared, opened: done.opened, closed: done.closed }), 6);
        return done;
      }}
    >
      <p>{t("compareHelp")}</p>
      <Form.Item name="channel" label={t("channel")} rules={rules}>
        <Select options={able.map(({ key, name }) => ({ value: key, label: name ?? key }))} notFoundContent={t("noneReconciles")} />
      </Form.Item>
      <Form.Item name="days" label={t("days")} rules={rules}><DatePicker.RangePicker style={{ width: "100%" }} /></Form.Item>
    </FormButton>
  );
}
