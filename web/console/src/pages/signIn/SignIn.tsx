/** Signing in: by password and code, by passkey, or by one of the operator's providers. */
import { Button, Divider, Flex, Form, Input, Typography } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { useQuery } from "urql";
import { session } from "@/app/session";
import { type Refusal, useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { AWAY, isInvited, within } from "./away";
import { answered, offered } from "./credential";
import { Guests } from "./Guests";

const SignInPage = graphql(`
  query SignInPage { signInProviders { key name } }
`);

const SignInByPassword = graphql(`
  mutation SignInByPassword($email: String!, $password: String!, $secondFactor: String) {
    signIn(email: $email, password: $password, secondFactor: $secondFactor) {
      ... on SignInSuccess { token }
      ... on Error { code message path }
    }
  }
`);

const BeginPasskey = graphql(`
  mutation BeginPasskey {
    beginPasskeySignIn { ... on BeginPasskeySignInSuccess { options } ... on Error { code message path } }
  }
`);

const CompletePasskey = graphql(`
  mutation CompletePasskey($credential: JSON!) {
    completePasskeySignIn(credential: $credential) {
      ... on CompletePasskeySignInSuccess { token }
      ... on Error { code message path }
    }
  }
`);

const BeginProvider = graphql(`
  mutation BeginProvider($provider: String!) {
    beginSignIn(provider: $provider) {
      ... on BeginSignInSuccess { authorizationUrl secret }
      ... on Error { code message path }
    }
  }
`);

const CompleteProvider = graphql(`
  mutation CompleteProvider($state: String!, $secret: String!, $code: String!, $iss: String, $secondFactor: String) {
    completeSignIn(state: $state, secret: $secret, code: $code, iss: $iss, secondFactor: $secondFactor) {
      ... on CompleteSignInSuccess { token }
      ... on Error { code message path }
    }
  }
`);

const CompleteLink = graphql(`
  mutation CompleteLink($state: String!, $secret: String!, $code: String!, $iss: String) {
    completeIdentityLink(state: $state, secret: $secret, code: $code, iss: $iss) {
      ... on CompleteIdentityLinkSuccess { identity { id } }
      ... on Error { code message path }
    }
  }
`);

interface Entered {
  email: string;
  password: string;
  secondFactor?: string;
}

export default function SignIn() {
  const { t } = useTranslation(["signIn", "common"]);
  const [form] = Form.useForm<Entered>();
  const [asked] = useSearchParams();
  const navigate = useNavigate();
  const { search } = useLocation();
  const [needsCode, setNeedsCode] = useState(false);
  const [signIn, signingIn] = useAction(SignInByPassword);
  const [beginPasskey] = useAction(BeginPasskey);
  const [completePasskey] = useAction(CompletePasskey);
  const [beginProvider] = useAction(BeginProvider);
  const [completeProvider, completing] = useAction(CompleteProvider);
  const [completeLink] = useAction(CompleteLink);
  const [{ data }] = useQuery({ query: SignInPage });

  const away = asked.has("state") ? AWAY.kept : null;
  const next = within(away?.next ?? asked.get("next"));
  function enter(token: string) {
    session.begin(token);
    navigate(next, { replace: true });
  }
  /** A second factor is asked for when the first was right, not before. */
  function askForCode({ code }: Refusal) {
    const first = code === "SECOND_FACTOR_REQUIRED" && !needsCode;
    if (first) setNeedsCode(true);
    return first;
  }
  async function byPassword(entered: Entered) {
    const done = await signIn(entered, { form, refused: askForCode });
    if (done) enter(done.token);
  }
  async function byPasskey() {
    const begun = await beginPasskey({});
    const credential = begun && (await offered(begun.options));
    const done = credential && (await completePasskey({ credential: answered(credential) }));
    if (done) enter(done.token);
  }
  async function byProvider(provider: string) {
    const begun = await beginProvider({ provider });
    if (!begun) return;
    AWAY.keep({ secret: begun.secret, next });
    location.assign(begun.authorizationUrl);
  }

  async function fromProvider(secondFactor?: string) {
    const state = asked.get("state");
    const code = asked.get("code");
    if (!state || !code || !away) return;
    const answer = { state, code, secret: away.secret, iss: asked.get("iss") };
    if (away.links) {
      if (await completeLink(answer)) navigate(away.next, { replace: true });
      return;
    }
    const done = await completeProvider({ ...answer, secondFactor }, { form, refused: askForCode });
    if (done) enter(done.token);
  }
  useEffect(() => void fromProvider(), []);

  if (away)
    return (
      <Guests title={needsCode ? t("secondFactor") : t("confirming")}>
        {needsCode && (
          <Form form={form} layout="vertical" onFinish={({ secondFactor }) => fromProvider(secondFactor)} requiredMark={false}>
            <CodeField />
            <Button type="primary" htmlType="submit" block loading={completing}>{t("signIn")}</Button>
          </Form>
        )}
        <Link to="/sign-in" reloadDocument>{t("common:back")}</Link>
      </Guests>
    );
  return (
    <Guests title={t("welcome")} about={isInvited(next) ? t("invited") : undefined}>
      <Form form={form} layout="vertical" onFinish={byPassword} requiredMark={false}>
        <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("common:required") }]}>
          <Input type="email" autoComplete="username" autoFocus />
        </Form.Item>
        <Form.Item name="password" label={t("password")} rules={[{ required: true, message: t("common:required") }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        {needsCode && <CodeField />}
        <Button type="primary" htmlType="submit" block loading={signingIn}>{t("signIn")}</Button>
      </Form>
      <Divider plain style={{ margin: 0 }}>{t("or")}</Divider>
      <Flex vertical gap="small">
        {data?.signInProviders.map(({ key, name }) => (
          <Button key={key} block onClick={() => byProvider(key)}>{t("by", { name })}</Button>
        ))}
        <Button block onClick={byPasskey}>{t("passkey")}</Button>
      </Flex>
      <Flex justify="space-between" align="center" wrap>
        <Typography.Text>{t("noAccount")} <Link to={`/register${search}`} className="thumb">{t("register")}</Link></Typography.Text>
        <Link to="/reset-password" className="thumb">{t("forgot")}</Link>
      </Flex>
    </Guests>
  );
}

function CodeField() {
  const { t } = useTranslation(["signIn", "common"]);
  return (
    <Form.Item
      name="secondFactor"
      label={t("secondFactor")}
      extra={t("secondFactorHelp")}
      rules={[{ required: true, message: t("common:required") }]}
    >
      <Input autoComplete="one-time-code" autoFocus />
    </Form.Item>
  );
}
