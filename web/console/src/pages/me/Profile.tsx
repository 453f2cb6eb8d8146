/** Who one is, in which accounts, the e-mail address, and what is kept: to take along, or to be erased. */
import { Alert, App, Button, Card, Flex, Form, Input, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { pathOf } from "@/app/account";
import { session } from "@/app/session";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ProfilePageQuery } from "@/gql/graphql";
import { Download } from "@/parts/Download";
import { Facts } from "@/parts/Facts";
import { FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Instant } from "@/parts/values";
import { useRecently } from "./useRecently";

const ProfilePage = graphql(`
  query ProfilePage {
    viewer {
      staffRoles
      user { id name email confirmedAt createdAt }
      memberships(first: 100) { nodes { id role createdAt account { id name edition sandbox } } }
    }
  }
`);

const RequestEmailChange = graphql(`
  mutation RequestEmailChange($email: String!) {
    requestEmailChange(email: $email) {
      ... on RequestEmailChangeSuccess { email }
      ... on Error { code message path }
    }
  }
`);

const ConfirmEmailChange = graphql(`
  mutation ConfirmEmailChange($oldCode: String!, $newCode: String!) {
    confirmEmailChange(oldCode: $oldCode, newCode: $newCode) {
      ... on ConfirmEmailChangeSuccess { user { id email confirmedAt } }
      ... on Error { code message path }
    }
  }
`);

const EraseMyself = graphql(`
  mutation EraseMyself($password: String) {
    eraseMyself(password: $password) {
      ... on EraseMyselfSuccess { erased }
      ... on Error { code message path }
    }
  }
`);

type Viewer = NonNullable<ProfilePageQuery["viewer"]>;
type Membership = Viewer["memberships"]["nodes"][number];

export default function Profile() {
  const { t } = useTranslation("me");
  return (
    <Page title={t("profile")}>
      <Loaded document={ProfilePage} variables={{}}>
        {({ viewer }) =>
          viewer && (
            <>
              <Person viewer={viewer} />
              <Accounts memberships={viewer.memberships} />
              <Data email={viewer.user.email} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Person({ viewer: { user, staffRoles } }: { viewer: Viewer }) {
  const { t } = useTranslation(["me", "common"]);
  const [changing, setChanging] = useState<string>();
  return (
    <Card title={t("person")}>
      <Flex vertical gap="middle">
        <Facts
          column={2}
          facts={[
            [t("name"), user.name],
            [t("email"), <>{user.email} <Tag color={user.confirmedAt ? "success" : "warning"}>{t(user.confirmedAt ? "confirmed" : "unconfirmed")}</Tag></>],
            [t("since"), <Instant at={user.createdAt} />],
            [t("staffRoles"), staffRoles.length > 0 && staffRoles.map((role) => <Tag key={role}>{t(`common:staffRole.${role}`)}</Tag>)],
          ]}
        />
        {changing ? (
          <ConfirmCodes old={user.email} fresh={changing} done={() => setChanging(undefined)} />
        ) : (
          <div><ChangeEmail asked={setChanging} /></div>
        )}
      </Flex>
    </Card>
  );
}

function ChangeEmail({ asked }: { asked: (email: string) => void }) {
  const { t } = useTranslation(["me", "common"]);
  const [request] = useAction(RequestEmailChange);
  return (
    <FormButton<{ email: string }>
      label={t("changeEmail")}
      send={async (entered, form) => {
        const sent = await request(entered, { form });
        if (sent) asked(sent.email);
        return sent;
      }}
    >
      <Form.Item name="email" label={t("newEmail")} extra={t("changeEmailHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input type="email" autoComplete="email" />
      </Form.Item>
    </FormButton>
  );
}

/** Both addresses were mailed a code: who enters them has both. */
function ConfirmCodes({ old, fresh, done }: { old: string; fresh: string; done: () => void }) {
  const { t } = useTranslation(["me", "common"]);
  const [form] = Form.useForm<{ oldCode: string; newCode: string }>();
  const [confirm, confirming] = useAction(ConfirmEmailChange);
  const required = [{ required: true, message: t("common:required") }];
  async function send(entered: { oldCode: string; newCode: string }) {
    if (await confirm(entered, { form, success: t("emailChanged") })) done();
  }
  return (
    <Form form={form} layout="vertical" onFinish={send} style={{ maxWidth: 420 }}>
      <Form.Item name="oldCode" label={t("codeSentTo", { email: old })} rules={required}>
        <Input autoComplete="one-time-code" />
      </Form.Item>
      <Form.Item name="newCode" label={t("codeSentTo", { email: fresh })} rules={required}>
        <Input autoComplete="one-time-code" />
      </Form.Item>
      <Flex gap="small">
        <Button type="primary" htmlType="submit" loading={confirming}>{t("changeEmail")}</Button>
        <Button onClick={done}>{t("common:cancel")}</Button>
      </Flex>
    </Form>
  );
}

function Accounts({ memberships }: { memberships: Viewer["memberships"] }) {
  const { t } = useTranslation(["me", "common"]);
  return (
    <Card title={t("accounts")} extra={<Link to="/?new">{t("newAccount")}</Link>}>
      <Rows
        rows={memberships.nodes}
        label={t("accounts")}
        empty={t("noAccounts")}
        columns={[
          {
            title: t("account"),
            render: (_, { account }: Membership) => (
              <><Link to={pathOf(account.id)}>{account.name}</Link> {account.sandbox && <Tag>{t("sandbox")}</Tag>}</>
            ),
          },
          { title: t("edition"), render: (_, { account }: Membership) => t(`common:edition.${account.edition}`) },
          { title: t("role"), dataIndex: "role", render: (role: Membership["role"]) => t(`common:role.${role}`) },
          { title: t("memberSince"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
        ]}
      />
    </Card>
  );
}

function Data({ email }: { email: string }) {
  const { t } = useTranslation(["me", "common"]);
  const { message } = App.useApp();
  const [erase] = useAction(EraseMyself);
  const refused = useRecently();
  return (
    <Card title={t("data")}>
      <Flex vertical gap="middle" align="start">
        <Typography.Text>{t("exportText")}</Typography.Text>
        <Download path="/personal-data.ndjson" label={t("export")} />
        <Typography.Text>{t("eraseText")}</Typography.Text>
        <FormButton<{ email: string; password?: string }>
          danger
          label={t("erase")}
          send={async ({ password }, form) => {
            const done = await erase({ password: password || null }, { form, refused });
            if (!done) return undefined;
            message.success(t("erased"));
            session.end();
            return done;
          }}
        >
          <Alert type="error" showIcon title={t("eraseWarning")} style={{ marginBottom: 16 }} />
          <Form.Item
            name="email"
            label={t("typeEmail", { email })}
            rules={[{ required: true, message: t("common:required") }, { validator: (_, typed) => (typed && typed !== email ? Promise.reject(new Error(t("otherEmail"))) : Promise.resolve()) }]}
          >
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="password" label={t("password")} extra={t("erasePasswordHelp")}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
        </FormButton>
      </Flex>
    </Card>
  );
}
