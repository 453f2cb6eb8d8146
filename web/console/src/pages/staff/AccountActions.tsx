/** What staff do to an account: suspend it, warn it, end its service, let its channel change, set its prices. */
import { Checkbox, Flex, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import type { StaffAccount } from "./Account";
import { Reason } from "./inputs";
import { SuspendButton } from "./SuspendButton";

const FinalNotice = graphql(`
  mutation FinalNotice($accountId: ID!, $reason: String!, $idempotencyKey: String) {
    sendFinalNotice(accountId: $accountId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on SendFinalNoticeSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const EndService = graphql(`
  mutation EndService($accountId: ID!, $reason: String!, $idempotencyKey: String) {
    endService(accountId: $accountId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on EndServiceSuccess { account { id edition } }
      ... on Error { code message path }
    }
  }
`);

const AllowChange = graphql(`
  mutation AllowChannelChange($accountId: ID!, $idempotencyKey: String) {
    allowChannelChange(accountId: $accountId, idempotencyKey: $idempotencyKey) {
      ... on AllowChannelChangeSuccess { binding { id } }
      ... on Error { code message path }
    }
  }
`);

const GroupsToChoose = graphql(`
  query GroupsToChoose {
    priceGroups(first: 100) { nodes { key name } }
  }
`);

const SetGroup = graphql(`
  mutation SetPriceGroup($accountId: ID!, $group: String, $despiteChannels: Boolean!, $idempotencyKey: String) {
    setPriceGroup(accountId: $accountId, group: $group, despiteChannels: $despiteChannels, idempotencyKey: $idempotencyKey) {
      ... on SetPriceGroupSuccess { account { id } priceGroup { key } }
      ... on Error { code message path }
    }
  }
`);

export function AccountActions({ account }: { account: StaffAccount }) {
  const { t } = useTranslation("staff");
  const { may } = useStaff();
  const [notice] = useAction(FinalNotice);
  const [end] = useAction(EndService);
  const [allow] = useAction(AllowChange);
  const accountId = account.id;
  const overdue = account.standing.state === "IN_ARREARS" || account.lock !== null;
  const noticed = account.standing.finalNoticeAt ?? account.lock?.finalNoticeAt;
  if (!may("ACCOUNT_MANAGER", "FINANCE", "OPERATOR")) return null;
  return (
    <Flex gap="small" wrap>
      {may("ACCOUNT_MANAGER", "OPERATOR") && <SuspendButton subjectId={accountId} suspended={account.suspension !== null} help={t("suspendAccountHelp")} />}
      {may("ACCOUNT_MANAGER", "FINANCE") && overdue && (
        <>
          <FormButton<{ reason: string }>
            label={t("finalNotice")}
            send={({ reason }, form) => notice({ accountId, reason }, { form, success: t("noticeSent") })}
          >
            <Reason help={t("customerReads")} />
          </FormButton>
          <FormButton<{ reason: string }>
            label={t("endService")}
            danger
            disabled={!noticed}
            send={({ reason }, form) => end({ accountId, reason }, { form, success: t("serviceEnded") })}
          >
            <p>{t("endServiceHelp")}</p>
            <Reason help={t("customerReads")} />
          </FormButton>
        </>
      )}
      {may("ACCOUNT_MANAGER") && account.channelChangeableFrom && (
        <ConfirmButton
          label={t("allowChange")}
          question={t("allowChangeQuestion")}
          consequence={t("allowChangeHelp")}
          act={() => allow({ accountId }, { success: t("changeAllowed") })}
        />
      )}
      {may("OPERATOR") && <GroupButton accountId={accountId} group={account.priceGroup?.key} />}
    </Flex>
  );
}

function GroupButton({ accountId, group }: { accountId: string; group?: string }) {
  const { t } = useTranslation("staff");
  const [{ data }] = useQuery({ query: GroupsToChoose });
  const [set] = useAction(SetGroup);
  return (
    <FormButton<{ group?: string; despiteChannels: boolean }>
      label={t("setGroup")}
      initialValues={{ group, despiteChannels: false }}
      send={(values, form) => set({ accountId, ...values, group: values.group ?? null }, { form, success: t("groupSet") })}
    >
      <Form.Item name="group" label={t("priceGroup")} extra={t("setGroupHelp")}>
        <Select
          allowClear
          placeholder={t("catalogPrice")}
          options={(data?.priceGroups.nodes ?? []).map(({ key, name }) => ({ value: key, label: name }))}
          notFoundContent={t("noGroups")}
        />
      </Form.Item>
      <Form.Item name="despiteChannels" valuePropName="checked" extra={t("despiteChannelsHelp")}>
        <Checkbox>{t("despiteChannels")}</Checkbox>
      </Form.Item>
    </FormButton>
  );
}
