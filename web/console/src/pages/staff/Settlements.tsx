/** The collecting of charges: those that need attention, chosen and dealt with one by one or many at once. */
import { App, Checkbox, Flex, Form, Input, Select, Tag, Typography } from "antd";
import { type Key, useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { SettlementsPageQuery, SettlementState } from "@/gql/graphql";
import { COLOURS } from "@/pages/billing/Charges";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Day, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { ChannelFilter, Reason, useChannelName, useRequired } from "./inputs";

const SettlementsPage = graphql(`
  query SettlementsPage($state: SettlementState, $channel: String, $sandboxes: Boolean!, $first: Int, $after: String) {
    settlements(state: $state, channel: $channel, sandboxes: $sandboxes, first: $first, after: $after, order: OLDEST_FIRST) {
      totalCount
      nodes {
        id channel state attempts providerReference reason uncertain
        account { id name sandbox }
        charge { id day kind amount { amount currency } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const RetrySettlements = graphql(`
  mutation RetrySettlements($ids: [ID!]!, $idempotencyKey: String) {
    retrySettlements(settlementIds: $ids, idempotencyKey: $idempotencyKey) {
      ... on RetrySettlementsSuccess { outcomes { settlementId settlement { id state } error { code message } } }
      ... on Error { code message path }
    }
  }
`);

const MoveSettlements = graphql(`
  mutation MoveSettlements($ids: [ID!]!, $reason: String!, $confirmUncollected: Boolean!, $idempotencyKey: String) {
    moveSettlements(settlementIds: $ids, reason: $reason, confirmUncollected: $confirmUncollected, idempotencyKey: $idempotencyKey) {
      ... on MoveSettlementsSuccess { outcomes { settlementId settlement { id state } error { code message } } }
      ... on Error { code message path }
    }
  }
`);

const SettleByHand = graphql(`
  mutation SettleManyByHand($ids: [ID!]!, $providerReference: String!, $reason: String!, $idempotencyKey: String) {
    settleManyByHand(settlementIds: $ids, providerReference: $providerReference, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on SettleManyByHandSuccess { outcomes { settlementId settlement { id state } error { code message } } }
      ... on Error { code message path }
    }
  }
`);

type Settlement = SettlementsPageQuery["settlements"]["nodes"][number];
interface Outcome {
  settlementId: string;
  error: { message: string } | null;
}

const STATES: SettlementState[] = ["NEEDS_ATTENTION", "PENDING", "ACCEPTED", "SETTLED"];

export default function Settlements() {
  const { t } = useTranslation(["finance", "common"]);
  const { may, sandboxes } = useStaff();
  const channelName = useChannelName();
  const [state, setState] = useState<SettlementState>("NEEDS_ATTENTION");
  const [channel, setChannel] = useState<string>();
  const [chosen, setChosen] = useState<Settlement[]>([]);
  const selecting = may("FINANCE") && state === "NEEDS_ATTENTION";
  return (
    <Page title={t("settlements")} about={t("settlementsAbout")} actions={<Sandboxes />}>
      <Flex gap="small" wrap align="center">
        <Select
          aria-label={t("state")}
          value={state}
          style={{ minWidth: 140 }}
          options={STATES.map((value) => ({ value, label: t(`common:settlementState.${value}`) }))}
          onChange={(value) => {
            setState(value);
            setChosen([]);
          }}
        />
        <ChannelFilter value={channel} onChange={setChannel} />
        {selecting && <Bulk chosen={chosen} done={() => setChosen([])} />}
      </Flex>
      <Pages
        document={SettlementsPage}
        variables={{ state, channel, sandboxes }}
        pick={(data) => data.settlements}
        label={t("settlements")}
        empty={t(state === "NEEDS_ATTENTION" ? "noAttention" : "noSettlements")}
        rowSelection={
          selecting
            ? {
                preserveSelectedRowKeys: true,
                selectedRowKeys: chosen.map(({ id }): Key => id),
                onChange: (_, rows) => setChosen(rows.filter(Boolean)),
                getCheckboxProps: ({ account, charge }) => ({ "aria-label": `${account.name} ${charge.day}` }),
              }
            : undefined
        }
        columns={[
          { title: t("account"), dataIndex: "account", render: (account) => <AccountLink account={account} /> },
          { title: t("day"), dataIndex: ["charge", "day"], render: (day) => <Day of={day} /> },
          { title: t("kind"), key: "kind", render: (_, { charge }: Settlement) => t(`common:chargeKind.${charge.kind}`) },
          { title: t("amount"), dataIndex: ["charge", "amount"], align: "right", render: (amount) => <Money of={amount} /> },
          { title: t("channel"), dataIndex: "channel", render: channelName },
          {
            title: t("state"),
            dataIndex: "state",
            render: (value: SettlementState, each: Settlement) => (
              <>
                <Tag color={COLOURS[value]}>{t(`common:settlementState.${value}`)}</Tag>
                {each.uncertain && <Tag color="warning">{t("uncertain")}</Tag>}
              </>
            ),
          },
          { title: t("attempts"), dataIndex: "attempts", align: "right" },
          {
            title: t("why"),
            key: "why",
            render: (_, each: Settlement) => (
              <Typography.Text style={{ maxWidth: 320, display: "block", whiteSpace: "normal" }}>{each.reason ?? each.providerReference ?? "—"}</Typography.Text>
            ),
          },
        ]}
      />
    </Page>
  );
}

/** What is done about all that are chosen; what was refused is said of each. */
function Bulk({ chosen, done }: { chosen: Settlement[]; done: () => void }) {
  const { t } = useTranslation("finance");
  const { modal, message } = App.useApp();
  const rules = useRequired();
  const [retry] = useAction(RetrySettlements);
  const [move] = useAction(MoveSettlements);
  const [settle] = useAction(SettleByHand);
  const ids = chosen.map(({ id }) => id);
  const none = ids.length === 0;

  function tell(answer: { outcomes: Outcome[] } | undefined) {
    if (!answer) return undefined;
    const refused = answer.outcomes.filter(({ error }) => error);
    const count = answer.outcomes.length - refused.length;
    if (count) message.success(t("bulkDone", { count }));
    if (refused.length)
      modal.warning({
        title: t("bulkRefused", { count: refused.length }),
        width: 560,
        content: (
          <ul style={{ paddingInlineStart: 20 }}>
            {[...new Set(refused.map(({ error }) => error?.message))].map((text) => (
              <li key={text}>
                {text}
                <div>
                  {refused.filter(({ error }) => error?.message === text).map(({ settlementId }) => {
                    const found = chosen.find(({ id }) => id === settlementId);
                    return found && <Tag key={settlementId}>{found.account.name} {found.charge.day}</Tag>;
                  })}
                </div>
              </li>
            ))}
          </ul>
        ),
      });
    done();
    return answer;
  }
  return (
    <Flex gap="small" wrap align="center">
      <Typography.Text type="secondary" aria-live="polite">{t("chosen", { count: ids.length })}</Typography.Text>
      <ConfirmButton
        label={t("retry")}
        type="primary"
        disabled={none}
        question={t("retryQuestion", { count: ids.length })}
        consequence={t("retryHelp")}
        act={async () => tell(await retry({ ids }))}
      />
      <FormButton<{ reason: string; confirmUncollected: boolean }>
        label={t("move")}
        title={t("moveTitle", { count: ids.length })}
        disabled={none}
        initialValues={{ confirmUncollected: false }}
        send={async (values, form) => tell(await move({ ids, ...values }, { form }))}
      >
        <p>{t("moveHelp")}</p>
        {chosen.some(({ uncertain }) => uncertain) && (
          <Form.Item name="confirmUncollected" valuePropName="checked" extra={t("confirmUncollectedHelp")}>
            <Checkbox>{t("confirmUncollected")}</Checkbox>
          </Form.Item>
        )}
        <Reason />
      </FormButton>
      <FormButton<{ providerReference: string; reason: string }>
        label={t("byHand")}
        title={t("byHandTitle", { count: ids.length })}
        disabled={none}
        send={async (values, form) => tell(await settle({ ids, ...values }, { form }))}
      >
        <p>{t("byHandHelp")}</p>
        <Form.Item name="providerReference" label={t("providerReference")} extra={t("providerReferenceHelp")} rules={rules}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        <Reason />
      </FormButton>
    </Flex>
  );
}
