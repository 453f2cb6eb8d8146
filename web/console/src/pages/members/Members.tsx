/** Who belongs to the account, who is invited to, and the tokens by which services act for it. */
import { Flex, Form, Input, Radio, Select, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAccount, useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { InvitationsQuery, MembersQuery, Role } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { PageTabs } from "@/parts/PageTabs";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";
import { ServiceTokens } from "./ServiceTokens";

const WhoAmI = graphql(`
  query WhoAmI { viewer { user { id email } } }
`);

const MembersDocument = graphql(`
  query Members($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      members(first: $first, after: $after) {
        nodes { id role createdAt user { id name email } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const InvitationsDocument = graphql(`
  query Invitations($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      invitations(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id email role invitedBy createdAt expiresAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const InviteMember = graphql(`
  mutation InviteMember($accountId: ID!, $email: String!, $role: Role!, $idempotencyKey: String) {
    inviteMember(accountId: $accountId, email: $email, role: $role, idempotencyKey: $idempotencyKey) {
      ... on InviteMemberSuccess { invitation { id } invitationCode }
      ... on Error { code message path }
    }
  }
`);

const RevokeInvitation = graphql(`
  mutation RevokeInvitation($invitationId: ID!) {
    revokeInvitation(invitationId: $invitationId) {
      ... on RevokeInvitationSuccess { invitation { id } }
      ... on Error { code message path }
    }
  }
`);

const ChangeMemberRole = graphql(`
  mutation ChangeMemberRole($membershipId: ID!, $role: Role!) {
    changeMemberRole(membershipId: $membershipId, role: $role) {
      ... on ChangeMemberRoleSuccess { membership { id role } }
      ... on Error { code message path }
    }
  }
`);

const RemoveMember = graphql(`
  mutation RemoveMember($membershipId: ID!) {
    removeMember(membershipId: $membershipId) {
      ... on RemoveMemberSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const LeaveAccount = graphql(`
  mutation LeaveAccount($accountId: ID!) {
    leaveAccount(accountId: $accountId) {
      ... on LeaveAccountSuccess { user { id } }
      ... on Error { code message path }
    }
  }
`);

type Member = NonNullable<MembersQuery["account"]>["members"]["nodes"][number];
type Invitation = NonNullable<InvitationsQuery["account"]>["invitations"]["nodes"][number];

const ROLES: Role[] = ["OWNER", "ADMIN", "FINANCE", "VIEWER"];

export default function Members() {
  const { t } = useTranslation("members");
  const { owns, administers } = useRights();
  return (
    <Page title={t("title")} about={t("about")} actions={owns && <Invite />}>
      <PageTabs
        tabs={[
          { key: "members", label: t("members"), children: <MemberList /> },
          administers && { key: "invitations", label: t("invitations"), children: <InvitationList /> },
          administers && { key: "tokens", label: t("tokens"), children: <ServiceTokens /> },
        ]}
      />
    </Page>
  );
}

/** A role with what it may do, to be picked. */
export function RoleField() {
  const { t } = useTranslation(["members", "common"]);
  return (
    <Form.Item name="role" label={t("role")} required>
      <Radio.Group
        style={{ display: "flex", flexDirection: "column", gap: 8 }}
        options={ROLES.map((role) => ({ value: role, label: `${t(`common:role.${role}`)}${t("colon")}${t(`may.${role}`)}` }))}
      />
    </Form.Item>
  );
}

function Invite() {
  const { t } = useTranslation(["members", "common"]);
  const accountId = useAccountId();
  const [invite] = useAction(InviteMember);
  const showOnce = useShownOnce();
  return (
    <FormButton<{ email: string; role: Role }>
      type="primary"
      label={t("invite")}
      initialValues={{ role: "VIEWER" }}
      send={async (entered, form) => {
        const made = await invite({ accountId, ...entered }, { form, success: t("invited", { email: entered.email }) });
        // Where the billing center sends no mails, the code is handed over by hand.
        if (made?.invitationCode)
          showOnce({
            title: t("handOver", { email: entered.email }),
            about: t("handOverText"),
            secrets: [{ label: t("link"), text: `${location.origin}/invitations?code=${made.invitationCode}`, rows: 2 }],
          });
        return made;
      }}
    >
      <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("common:required") }]}>
        <Input type="email" autoComplete="off" />
      </Form.Item>
      <RoleField />
    </FormButton>
  );
}

function MemberList() {
  const { t } = useTranslation(["members", "common"]);
  const id = useAccountId();
  const { viewerRole } = useAccount();
  const { owns } = useRights();
  return (
    <Loaded document={WhoAmI} variables={{}}>
      {({ viewer }) => (
        <Flex vertical gap="middle">
          <Pages
            document={MembersDocument}
            variables={{ id }}
            pick={(data) => data.account?.members}
            label={t("members")}
            columns={[
              {
                title: t("name"),
                render: (_, { user }: Member) => <>{user.name} {user.id === viewer?.user.id && <Tag color="blue">{t("me")}</Tag>}</>,
              },
              { title: t("email"), dataIndex: ["user", "email"] },
              { title: t("role"), render: (_, member: Member) => (owns ? <ChangeRole member={member} /> : t(`common:role.${member.role}`)) },
              { title: t("since"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
              ...(viewerRole
                ? [{
                    title: t("common:actions"),
                    render: (_: unknown, member: Member) =>
                      member.user.id === viewer?.user.id ? <Leave /> : owns && <Remove member={member} />,
                  }]
                : []),
            ]}
          />
        </Flex>
      )}
    </Loaded>
  );
}

function ChangeRole({ member }: { member: Member }) {
  const { t } = useTranslation(["members", "common"]);
  const [change, changing] = useAction(ChangeMemberRole);
  return (
    <Select
      aria-label={t("roleOf", { name: member.user.name })}
      value={member.role}
      loading={changing}
      style={{ minWidth: 130 }}
      options={ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
      onChange={(role) => change({ membershipId: member.id, role }, { success: t("common:saved") })}
    />
  );
}

function Remove({ member }: { member: Member }) {
  const { t } = useTranslation(["members", "common"]);
  const [remove] = useAction(RemoveMember);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("remove")}
      question={t("removeQuestion", { name: member.user.name })}
      consequence={t("removeText")}
      act={() => remove({ membershipId: member.id })}
    />
  );
}

function Leave() {
  const { t } = useTranslation("members");
  const accountId = useAccountId();
  const navigate = useNavigate();
  const [leave] = useAction(LeaveAccount);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("leave")}
      question={t("leaveQuestion")}
      consequence={t("leaveText")}
      act={async () => {
        if (await leave({ accountId })) navigate("/");
      }}
    />
  );
}

function InvitationList() {
  const { t } = useTranslation(["members", "common"]);
  const id = useAccountId();
  const { owns } = useRights();
  const [revoke] = useAction(RevokeInvitation);
  return (
    <Pages
      document={InvitationsDocument}
      variables={{ id }}
      pick={(data) => data.account?.invitations}
      label={t("invitations")}
      empty={t("noInvitations")}
      columns={[
        { title: t("email"), dataIndex: "email" },
        { title: t("role"), dataIndex: "role", render: (role: Role) => t(`common:role.${role}`) },
        { title: t("invitedBy"), dataIndex: "invitedBy" },
        { title: t("invitedAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
        { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => <Instant at={at} /> },
        ...(owns
          ? [{
              title: t("common:actions"),
              render: (_: unknown, invitation: Invitation) => (
                <ConfirmButton
                  size="small"
                  danger
                  label={t("revokeInvitation")}
                  question={t("revokeQuestion", { email: invitation.email })}
                  act={() => revoke({ invitationId: invitation.id })}
                />
              ),
            }]
          : []),
      ]}
    />
  );
}
