/** Bearer tokens of the account itself: they stay when who made them leaves. */
import { Flex } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { Role, ServiceTokensQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Scopes, TokenFields, type TokenTerms, termsOf } from "@/parts/TokenFields";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";
import { RoleField } from "./Members";

const ServiceTokensDocument = graphql(`
  query ServiceTokens($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      serviceTokens(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id name role scopes createdAt lastUsedAt expiresAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const CreateServiceToken = graphql(`
  mutation CreateServiceToken(
    $accountId: ID!, $name: String!, $role: Role!, $scopes: [TokenScope!], $expiresAt: DateTime, $idempotencyKey: String
  ) {
    createServiceToken(
      accountId: $accountId, name: $name, role: $role, scopes: $scopes, expiresAt: $expiresAt
      idempotencyKey: $idempotencyKey
    ) {
      ... on CreateServiceTokenSuccess { serviceToken { id } token }
      ... on Error { code message path }
    }
  }
`);

const RevokeServiceToken = graphql(`
  mutation RevokeServiceToken($id: ID!) {
    revokeServiceToken(serviceTokenId: $id) {
      ... on RevokeServiceTokenSuccess { serviceToken { id revokedAt } }
      ... on Error { code message path }
    }
  }
`);

type Token = NonNullable<ServiceTokensQuery["account"]>["serviceTokens"]["nodes"][number];

export function ServiceTokens() {
  const { t } = useTranslation(["members", "tokens", "common"]);
  const id = useAccountId();
  const { owns } = useRights();
  const [revoke] = useAction(RevokeServiceToken);
  return (
    <Flex vertical gap="middle">
      <Flex justify="space-between" align="center" gap="small" wrap>
        <span>{t("tokensAbout")}</span>
        {owns && <Create />}
      </Flex>
      <Pages
        document={ServiceTokensDocument}
        variables={{ id }}
        pick={(data) => data.account?.serviceTokens}
        label={t("tokens")}
        empty={t("noTokens")}
        columns={[
          { title: t("tokens:name"), dataIndex: "name" },
          { title: t("role"), dataIndex: "role", render: (role: Role) => t(`common:role.${role}`) },
          { title: t("tokens:rights"), dataIndex: "scopes", render: (scopes: Token["scopes"]) => <Scopes of={scopes} /> },
          { title: t("tokens:createdAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("tokens:lastUsedAt"), dataIndex: "lastUsedAt", render: (at) => (at ? <Instant at={at} /> : t("tokens:neverUsed")) },
          { title: t("tokens:expiresAt"), dataIndex: "expiresAt", render: (at) => (at ? <Instant at={at} /> : t("tokens:never")) },
          ...(owns
            ? [{
                title: t("common:actions"),
                render: (_: unknown, token: Token) => (
                  <ConfirmButton
                    size="small"
                    danger
                    label={t("tokens:revoke")}
                    question={t("tokens:revokeQuestion", { name: token.name })}
                    consequence={t("tokens:revokeText")}
                    act={() => revoke({ id: token.id }, { success: t("tokens:revoked") })}
                  />
                ),
              }]
            : []),
        ]}
      />
    </Flex>
  );
}

function Create() {
  const { t } = useTranslation(["members", "tokens"]);
  const accountId = useAccountId();
  const [create] = useAction(CreateServiceToken);
  const showOnce = useShownOnce();
  return (
    <FormButton<TokenTerms & { role: Role }>
      type="primary"
      label={t("createToken")}
      initialValues={{ role: "VIEWER" }}
      send={async ({ role, ...terms }, form) => {
        const made = await create({ accountId, role, ...termsOf(terms) }, { form });
        if (made) showOnce({ title: t("tokens:created"), secrets: [{ label: t("tokens:token"), text: made.token, rows: 2 }] });
        return made;
      }}
    >
      <TokenFields scopes={["ACCOUNT", "MONEY", "MEMBERS"]} />
      <RoleField />
    </FormButton>
  );
}
