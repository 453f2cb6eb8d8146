/** Whom the balance pays for, and whose balance pays for the account. */
import { Flex, Form, Input, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ShareState, SharesQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";

const ShareList = graphql(`
  query Shares($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      walletShares(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id state ownerId ownerName memberName invitedAt beganAt endedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const InviteToWallet = graphql(`
  mutation InviteToWallet($accountId: ID!) {
    inviteToWallet(accountId: $accountId) {
      ... on InviteToWalletSuccess { invitationCode }
      ... on Error { code message path }
    }
  }
`);

const JoinWallet = graphql(`
  mutation JoinWallet($accountId: ID!, $code: String!) {
    joinWallet(accountId: $accountId, code: $code) {
      ... on JoinWalletSuccess { share { id } }
      ... on Error { code message path }
    }
  }
`);

const EndShare = graphql(`
  mutation EndShare($id: ID!) {
    endWalletShare(shareId: $id) { ... on EndWalletShareSuccess { share { id } } ... on Error { code message path } }
  }
`);

type Share = NonNullable<SharesQuery["account"]>["walletShares"]["nodes"][number];

const COLOURS: Record<ShareState, string> = { INVITED: "processing", ACTIVE: "success", ENDED: "default" };

export function Shares() {
  const { t } = useTranslation(["wallet", "common"]);
  const accountId = useAccountId();
  const { seesToMoney } = useRights();
  const [invite] = useAction(InviteToWallet);
  const [join] = useAction(JoinWallet);
  const [end] = useAction(EndShare);
  const showOnce = useShownOnce();
  async function inviteOne() {
    const made = await invite({ accountId });
    if (made) showOnce({ title: t("invited"), about: t("invitedHelp"), secrets: [{ label: t("shareCode"), text: made.invitationCode }] });
  }
  return (
    <Flex vertical gap="middle">
      {seesToMoney && (
        <Flex gap="small" wrap justify="end">
          <ConfirmButton label={t("inviteToWallet")} question={t("inviteQuestion")} act={inviteOne} />
          <FormButton<{ code: string }> label={t("joinWallet")} send={(entered, form) => join({ accountId, ...entered }, { form, success: t("joined") })}>
            <Form.Item name="code" label={t("shareCode")} extra={t("joinHelp")} rules={[{ required: true, message: t("common:required") }]}>
              <Input autoComplete="off" />
            </Form.Item>
          </FormButton>
        </Flex>
      )}
      <Pages
        document={ShareList}
        variables={{ id: accountId }}
        pick={(data) => data.account?.walletShares}
        label={t("shares")}
        empty={t("noShares")}
        columns={[
          { title: t("payer"), dataIndex: "ownerName" },
          { title: t("payee"), dataIndex: "memberName", render: (name) => name ?? "—" },
          { title: t("state"), dataIndex: "state", render: (state: ShareState) => <Tag color={COLOURS[state]}>{t(`shareState.${state}`)}</Tag> },
          { title: t("invitedAt"), dataIndex: "invitedAt", render: (at) => <Instant at={at} /> },
          {
            title: t("actions"),
            key: "actions",
            render: (_, share: Share) =>
              seesToMoney && share.state !== "ENDED" && (
                <ConfirmButton size="small" danger label={t("endShare")} question={t("endShareQuestion")} act={() => end({ id: share.id })} />
              ),
          },
        ]}
      />
    </Flex>
  );
}
