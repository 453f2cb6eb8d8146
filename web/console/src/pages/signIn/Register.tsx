/** Registering: a person and their first account, a sandbox to try things out or a real one. */
import { App, Button, Flex, Form, Input, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { pathOf } from "@/app/account";
import { session } from "@/app/session";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { isInvited, within } from "./away";
import { Guests } from "./Guests";

const RequestCode = graphql(`
  mutation RequestCode($email: String!) {
    requestRegistration(email: $email) {
      ... on RequestRegistrationSuccess { email }
      ... on Error { code message path }
    }
  }
`);

const RegisterPerson = graphql(`
  mutation RegisterPerson(
    $email: String!, $password: String!, $name: String!, $organizationName: String, $sandbox: Boolean!, $code: String
  ) {
    register(
      email: $email, password: $password, name: $name, organizationName: $organizationName, sandbox: $sandbox, code: $code
    ) {
      ... on RegisterSuccess { token account { id } }
      ... on Error { code message path }
    }
  }
`);

interface Entered {
  email: string;
  password: string;
  name: string;
  /** None of who is invited: the account to work in is another's. */
  organizationName?: string;
  code?: string;
}

export default function Register() {
  const { t } = useTranslation(["signIn", "common"]);
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const navigate = useNavigate();
  const { search } = useLocation();
  const [asked] = useSearchParams();
  const next = within(asked.get("next"));
  const invited = isInvited(next);
  const [needsCode, setNeedsCode] = useState(false);
  const [requestCode] = useAction(RequestCode);
  const [register, registering] = useAction(RegisterPerson);
  const required = [{ required: true, message: t("common:required") }];

  async function send() {
    const { email } = await form.validateFields(["email"]);
    const sent = await requestCode({ email }, { form });
    if (sent) message.success(t("codeSent", { email: sent.email }));
  }
  async function enter(sandbox: boolean) {
    const entered = await form.validateFields();
    const done = await register({ ...entered, sandbox }, {
      form,
      // Where mail can be sent, the server wants the address confirmed; where none can, it asks for no code.
      refused: ({ path }) => {
        const first = path.at(-1) === "code" && !needsCode;
        if (first) {
          setNeedsCode(true);
          void send();
        }
        return first;
      },
    });
    if (!done) return;
    session.begin(done.token);
    navigate(done.account && next === "/" ? pathOf(done.account.id) : next, { replace: true });
  }

  return (
    <Guests title={t("registerTitle")} about={t(invited ? "invited" : "registerAbout")}>
      <Form form={form} layout="vertical" onFinish={() => enter(false)} requiredMark={false}>
        {!invited && (
          <Form.Item name="organizationName" label={t("organization")} extra={t("organizationHelp")} rules={required}>
            <Input autoComplete="organization" maxLength={200} autoFocus />
          </Form.Item>
        )}
        <Form.Item name="name" label={t("name")} rules={required}>
          <Input autoComplete="name" maxLength={200} autoFocus={invited} />
        </Form.Item>
        <Form.Item name="email" label={t("email")} rules={required}>
          <Input type="email" autoComplete="username" />
        </Form.Item>
        <Form.Item name="password" label={t("password")} extra={t("passwordHelp")} rules={required}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {needsCode && (
          <Form.Item name="code" label={t("code")} rules={required}>
            <Input autoComplete="one-time-code" addonAfter={<a onClick={send}>{t("sendCode")}</a>} />
          </Form.Item>
        )}
        <Flex vertical gap="small">
          <Button type="primary" htmlType="submit" block loading={registering}>{t("register")}</Button>
          {!invited && (
            <>
              <Button block onClick={() => enter(true)} loading={registering}>{t("sandbox")}</Button>
              <Typography.Text type="secondary">{t("sandboxHelp")}</Typography.Text>
            </>
          )}
        </Flex>
      </Form>
      <Typography.Text>{t("haveAccount")} <Link to={`/sign-in${search}`} className="thumb">{t("signIn")}</Link></Typography.Text>
    </Guests>
  );
}
