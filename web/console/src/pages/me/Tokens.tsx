/** Bearer tokens by which a person's own scripts call the API. */
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { PersonalTokensQuery, TokenScope } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Scopes, TokenFields, type TokenTerms, termsOf } from "@/parts/TokenFields";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";
import { useRecently } from "./useRecently";

const PersonalTokens = graphql(`
  query PersonalTokens($first: Int, $after: String) {
    viewer {
      personalAccessTokens(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id name scopes createdAt lastUsedAt expiresAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const StaffScope = graphql(`
  query StaffScope { viewer { staffRoles } }
`);

const CreatePersonalToken = graphql(`
  mutation CreatePersonalToken($name: String!, $scopes: [TokenScope!], $expiresAt: DateTime, $idempotencyKey: String) {
    createPersonalAccessToken(name: $name, scopes: $scopes, expiresAt: $expiresAt, idempotencyKey: $idempotencyKey) {
      ... on CreatePersonalAccessTokenSuccess { personalAccessToken { id } token }
      ... on Error { code message path }
    }
  }
`);

const RevokePersonalToken = graphql(`
  mutation RevokePersonalToken($id: ID!) {
    revokePersonalAccessToken(personalAccessTokenId: $id) {
      ... on RevokePersonalAccessTokenSuccess { personalAccessToken { id } }
      ... on Error { code message path }
    }
  }
`);

type Token = NonNullable<PersonalTokensQuery["viewer"]>["personalAccessTokens"]["nodes"][number];

export default function Tokens() {
  const { t } = useTranslation(["tokens", "me", "common"]);
  const [revoke] = useAction(RevokePersonalToken);
  return (
    <Page title={t("me:tokens")} about={t("me:tokensAbout")} actions={<Create />}>
      <Pages
        document={PersonalTokens}
        variables={{}}
        pick={(data) => data.viewer?.personalAccessTokens}
        label={t("me:tokens")}
        empty={t("me:noTokens")}
        columns={[
          { title: t("name"), dataIndex: "name" },
          { title: t("rights"), dataIndex: "scopes", render: (scopes: Token["scopes"]) => <Scopes of={scopes} /> },
          { title: t("createdAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("lastUsedAt"), dataIndex: "lastUsedAt", render: (at) => (at ? <Instant at={at} /> : t("neverUsed")) },
          { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => (at ? <Instant at={at} /> : t("never")) },
          {
            title: t("common:actions"),
            render: (_, token: Token) => (
              <ConfirmButton
                size="small"
                danger
                label={t("revoke")}
                question={t("revokeQuestion", { name: token.name })}
                consequence={t("revokeText")}
                act={() => revoke({ id: token.id }, { success: t("revoked") })}
              />
            ),
          },
        ]}
      />
    </Page>
  );
}

function Create() {
  const { t } = useTranslation(["tokens", "me"]);
  const [{ data }] = useQuery({ query: StaffScope });
  const [create] = useAction(CreatePersonalToken);
  const showOnce = useShownOnce();
  const refused = useRecently();
  const scopes: TokenScope[] = ["ACCOUNT", "MONEY", "MEMBERS", ...(data?.viewer?.staffRoles.length ? (["STAFF"] as const) : [])];
  return (
    <FormButton<TokenTerms>
      type="primary"
      label={t("me:createToken")}
      send={async (terms, form) => {
        const made = await create(termsOf(terms), { form, refused });
        if (made) showOnce({ title: t("created"), secrets: [{ label: t("token"), text: made.token, rows: 2 }] });
        return made;
      }}
    >
      <TokenFields scopes={scopes} />
    </FormButton>
  );
}
