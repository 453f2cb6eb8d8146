/** Accepting an invitation: by its link, or by the code that was mailed. */
import { Button, Card, Form, Input, Result } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { pathOf } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Page } from "@/parts/Page";

const AcceptInvitation = graphql(`
  mutation AcceptInvitation($code: String!) {
    acceptInvitation(code: $code) {
      ... on AcceptInvitationSuccess { membership { id role account { id name } } staffRole }
      ... on Error { code message path }
    }
  }
`);

export default function Invitations() {
  const { t } = useTranslation(["me", "common"]);
  const [asked] = useSearchParams();
  const [form] = Form.useForm<{ code: string }>();
  const [accept, accepting] = useAction(AcceptInvitation);
  const [joined, setJoined] = useState<{ path: string; text: string }>();
  async function send(entered: { code: string }) {
    const done = await accept(entered, { form });
    if (done?.membership) {
      const { account, role } = done.membership;
      setJoined({ path: pathOf(account.id), text: t("joined", { name: account.name, role: t(`common:role.${role}`) }) });
    } else if (done?.staffRole) setJoined({ path: "/staff", text: t("joinedStaff", { role: t(`common:staffRole.${done.staffRole}`) }) });
  }
  return (
    <Page title={t("invitation")} about={t("invitationAbout")}>
      <Card style={{ maxWidth: 560 }}>
        {joined ? (
          <Result status="success" title={joined.text} extra={<Link to={joined.path}><Button type="primary">{t("enter")}</Button></Link>} />
        ) : (
          <Form form={form} layout="vertical" onFinish={send} initialValues={{ code: asked.get("code") ?? undefined }}>
            <Form.Item name="code" label={t("invitationCode")} rules={[{ required: true, message: t("common:required") }]}>
              <Input autoComplete="off" />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={accepting}>{t("accept")}</Button>
          </Form>
        )}
      </Card>
    </Page>
  );
}
