/** A new password by a code that is mailed. */
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Guests } from "./Guests";

const RequestReset = graphql(`
  mutation RequestReset($email: String!) {
    requestPasswordReset(email: $email) {
      ... on RequestPasswordResetSuccess { email }
      ... on Error { code message path }
    }
  }
`);

const Reset = graphql(`
  mutation Reset($code: String!, $newPassword: String!) {
    resetPassword(code: $code, newPassword: $newPassword) {
      ... on ResetPasswordSuccess { user { id } }
      ... on Error { code message path }
    }
  }
`);

export default function ResetPassword() {
  const { t } = useTranslation(["signIn", "common"]);
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [asked] = useSearchParams();
  const [sent, setSent] = useState(asked.has("code"));
  const [form] = Form.useForm<{ code: string; newPassword: string }>();
  const [request, requesting] = useAction(RequestReset);
  const [reset, resetting] = useAction(Reset);
  const required = [{ required: true, message: t("common:required") }];

  async function send({ email }: { email: string }) {
    const done = await request({ email });
    if (!done) return;
    message.success(t("resetSent", { email: done.email }));
    setSent(true);
  }
  async function change(entered: { code: string; newPassword: string }) {
    if (await reset(entered, { form, success: t("resetDone") })) navigate("/sign-in");
  }

  return (
    <Guests title={t("resetTitle")} about={t("resetAbout")}>
      {sent ? (
        <Form form={form} layout="vertical" onFinish={change} initialValues={{ code: asked.get("code") }} requiredMark={false}>
          <Form.Item name="code" label={t("resetCode")} rules={required}><Input autoComplete="one-time-code" /></Form.Item>
          <Form.Item name="newPassword" label={t("newPassword")} extra={t("passwordHelp")} rules={required}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={resetting}>{t("reset")}</Button>
        </Form>
      ) : (
        <Form layout="vertical" onFinish={send} requiredMark={false}>
          <Form.Item name="email" label={t("email")} rules={required}><Input type="email" autoComplete="username" autoFocus /></Form.Item>
          <Button type="primary" htmlType="submit" block loading={requesting}>{t("sendReset")}</Button>
        </Form>
      )}
      <Link to="/sign-in" className="thumb">{t("signIn")}</Link>
    </Guests>
  );
}
