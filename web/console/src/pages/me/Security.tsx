/** The ways to sign in: password, second factor, passkeys, providers; and where one is signed in. */
import { App, Card, Flex, Form, type FormInstance, Input, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { session } from "@/app/session";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { IdentitiesQuery, PasskeysQuery, SessionsQuery } from "@/gql/graphql";
import { AWAY } from "@/pages/signIn/away";
import { answered, made } from "@/pages/signIn/credential";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { ME } from "./MeLayout";
import { SecondFactor } from "./SecondFactor";
import { useRecently } from "./useRecently";

const SecurityPage = graphql(`
  query SecurityPage { viewer { hasSecondFactor user { id email } } signInProviders { key name } }
`);

const Passkeys = graphql(`
  query Passkeys($first: Int, $after: String) {
    viewer {
      passkeys(first: $first, after: $after) {
        nodes { id name createdAt lastUsedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const Identities = graphql(`
  query Identities($first: Int, $after: String) {
    viewer {
      identities(first: $first, after: $after) {
        nodes { id issuer subject email createdAt lastUsedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const Sessions = graphql(`
  query Sessions($first: Int, $after: String) {
    viewer {
      sessions(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id createdAt lastUsedAt expiresAt current }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const ChangePassword = graphql(`
  mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
    changePassword(currentPassword: $currentPassword, newPassword: $newPassword) {
      ... on ChangePasswordSuccess { user { id } }
      ... on Error { code message path }
    }
  }
`);

const BeginPasskeyRegistration = graphql(`
  mutation BeginPasskeyRegistration {
    beginPasskeyRegistration {
      ... on BeginPasskeyRegistrationSuccess { options }
      ... on Error { code message path }
    }
  }
`);

const CompletePasskeyRegistration = graphql(`
  mutation CompletePasskeyRegistration($credential: JSON!, $name: String!) {
    completePasskeyRegistration(credential: $credential, name: $name) {
      ... on CompletePasskeyRegistrationSuccess { passkey { id } }
      ... on Error { code message path }
    }
  }
`);

const RenamePasskey = graphql(`
  mutation RenamePasskey($id: ID!, $name: String!) {
    renamePasskey(passkeyId: $id, name: $name) {
      ... on RenamePasskeySuccess { passkey { id name } }
      ... on Error { code message path }
    }
  }
`);

const RemovePasskey = graphql(`
  mutation RemovePasskey($id: ID!) {
    removePasskey(passkeyId: $id) { ... on RemovePasskeySuccess { passkey { id } } ... on Error { code message path } }
  }
`);

const BeginIdentityLink = graphql(`
  mutation BeginIdentityLink($provider: String!) {
    beginIdentityLink(provider: $provider) {
      ... on BeginIdentityLinkSuccess { authorizationUrl secret }
      ... on Error { code message path }
    }
  }
`);

const UnlinkIdentity = graphql(`
  mutation UnlinkIdentity($id: ID!) {
    unlinkIdentity(identityId: $id) { ... on UnlinkIdentitySuccess { identity { id } } ... on Error { code message path } }
  }
`);

const EndSession = graphql(`
  mutation EndSession($id: ID!) {
    endSession(sessionId: $id) { ... on EndSessionSuccess { session { id } } ... on Error { code message path } }
  }
`);

type Passkey = NonNullable<PasskeysQuery["viewer"]>["passkeys"]["nodes"][number];
type Identity = NonNullable<IdentitiesQuery["viewer"]>["identities"]["nodes"][number];
type Session = NonNullable<SessionsQuery["viewer"]>["sessions"]["nodes"][number];

export default function Security() {
  const { t } = useTranslation("me");
  return (
    <Page title={t("security")}>
      <Loaded document={SecurityPage} variables={{}}>
        {({ viewer, signInProviders }) =>
          viewer && (
            <>
              <Password />
              <SecondFactor on={viewer.hasSecondFactor} />
              <PasskeyList />
              {signInProviders.length > 0 && <IdentityList providers={signInProviders} />}
              <SessionList />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Password() {
  const { t } = useTranslation(["me", "common"]);
  const [change] = useAction(ChangePassword);
  const required = [{ required: true, message: t("common:required") }];
  return (
    <Card
      title={t("password")}
      extra={
        <FormButton<{ currentPassword: string; newPassword: string }>
          label={t("changePassword")}
          send={(entered, form) => change(entered, { form, success: t("passwordChanged") })}
        >
          <Form.Item name="currentPassword" label={t("currentPassword")} rules={required}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="newPassword" label={t("newPassword")} extra={t("newPasswordHelp")} rules={required}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        </FormButton>
      }
    >
      <Typography.Text type="secondary">{t("passwordText")}</Typography.Text>{" "}
      <Link to="/reset-password">{t("noPassword")}</Link>
    </Card>
  );
}

function PasskeyList() {
  const { t } = useTranslation(["me", "common"]);
  const { message } = App.useApp();
  const [begin] = useAction(BeginPasskeyRegistration);
  const [complete] = useAction(CompletePasskeyRegistration);
  const [rename] = useAction(RenamePasskey);
  const [remove] = useAction(RemovePasskey);
  const refused = useRecently();
  const name = (
    <Form.Item name="name" label={t("name")} extra={t("passkeyNameHelp")} rules={[{ required: true, message: t("common:required") }]}>
      <Input maxLength={100} />
    </Form.Item>
  );
  async function add(entered: { name: string }, form: FormInstance) {
    const begun = await begin({}, { refused });
    if (!begun) return undefined;
    const credential = await made(begun.options);
    if (credential) return complete({ credential: answered(credential), ...entered }, { form, success: t("passkeyAdded") });
    message.warning(t("passkeyNotMade"));
    return undefined;
  }
  return (
    <Card title={t("passkeys")} extra={<FormButton<{ name: string }> label={t("addPasskey")} send={add}>{name}</FormButton>}>
      <Pages
        document={Passkeys}
        variables={{}}
        pick={(data) => data.viewer?.passkeys}
        label={t("passkeys")}
        empty={t("noPasskeys")}
        columns={[
          { title: t("name"), dataIndex: "name" },
          { title: t("createdAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("lastUsedAt"), dataIndex: "lastUsedAt", render: (at) => <Instant at={at} /> },
          {
            title: t("common:actions"),
            render: (_, passkey: Passkey) => (
              <Flex gap="small">
                <FormButton<{ name: string }>
                  size="small"
                  label={t("rename")}
                  initialValues={{ name: passkey.name }}
                  send={(entered, form) => rename({ id: passkey.id, ...entered }, { form, success: t("common:saved") })}
                >
                  {name}
                </FormButton>
                <ConfirmButton
                  size="small"
                  danger
                  label={t("common:remove")}
                  question={t("removeQuestion", { name: passkey.name })}
                  consequence={t("removePasskeyText")}
                  act={() => remove({ id: passkey.id })}
                />
              </Flex>
            ),
          },
        ]}
      />
    </Card>
  );
}

function IdentityList({ providers }: { providers: { key: string; name: string }[] }) {
  const { t } = useTranslation(["me", "common"]);
  const [begin] = useAction(BeginIdentityLink);
  const [unlink] = useAction(UnlinkIdentity);
  const refused = useRecently();
  async function link(provider: string) {
    const begun = await begin({ provider }, { refused });
    if (!begun) return;
    AWAY.keep({ secret: begun.secret, next: ME.security, links: true });
    location.assign(begun.authorizationUrl);
  }
  return (
    <Card
      title={t("identities")}
      extra={
        <Flex gap="small" wrap>
          {providers.map(({ key, name }) => (
            <ConfirmButton key={key} label={t("link", { name })} question={t("linkQuestion", { name })} act={() => link(key)} />
          ))}
        </Flex>
      }
    >
      <Pages
        document={Identities}
        variables={{}}
        pick={(data) => data.viewer?.identities}
        label={t("identities")}
        empty={t("noIdentities")}
        columns={[
          { title: t("issuer"), dataIndex: "issuer" },
          { title: t("email"), render: (_, identity: Identity) => identity.email ?? identity.subject },
          { title: t("linkedAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("lastUsedAt"), dataIndex: "lastUsedAt", render: (at) => <Instant at={at} /> },
          {
            title: t("common:actions"),
            render: (_, identity: Identity) => (
              <ConfirmButton
                size="small"
                danger
                label={t("unlink")}
                question={t("removeQuestion", { name: identity.email ?? identity.issuer })}
                consequence={t("unlinkText")}
                act={() => unlink({ id: identity.id })}
              />
            ),
          },
        ]}
      />
    </Card>
  );
}

function SessionList() {
  const { t } = useTranslation(["me", "common"]);
  const [end] = useAction(EndSession);
  return (
    <Card title={t("sessions")}>
      <Pages
        document={Sessions}
        variables={{}}
        pick={(data) => data.viewer?.sessions}
        label={t("sessions")}
        empty={t("noSessions")}
        columns={[
          { title: t("signedInAt"), render: (_, { createdAt, current }: Session) => <><Instant at={createdAt} /> {current && <Tag color="blue">{t("current")}</Tag>}</> },
          { title: t("lastUsedAt"), dataIndex: "lastUsedAt", render: (at) => <Instant at={at} /> },
          { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => <Instant at={at} /> },
          {
            title: t("common:actions"),
            render: (_, { id, current }: Session) => (
              <ConfirmButton
                size="small"
                danger
                label={t("endSession")}
                question={t(current ? "endCurrentQuestion" : "endQuestion")}
                act={async () => {
                  if ((await end({ id })) && current) session.end();
                }}
              />
            ),
          },
        ]}
      />
    </Card>
  );
}
