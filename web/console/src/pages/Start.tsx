/** Where one begins: the first account, or opening one. */
import { Button, Card, Flex, Form, Input, Result } from "antd";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { useQuery } from "urql";
import { pathOf } from "@/app/account";
import { Frame } from "@/app/Frame";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Failure } from "@/parts/Failure";

const StartPage = graphql(`
  query StartPage {
    viewer { staffRoles user { id name email } accounts(first: 100) { nodes { id name } } }
  }
`);

const OpenAccount = graphql(`
  mutation OpenAccount($name: String!, $sandbox: Boolean!, $idempotencyKey: String) {
    createAccount(name: $name, sandbox: $sandbox, idempotencyKey: $idempotencyKey) {
      ... on CreateAccountSuccess { account { id name } }
      ... on Error { code message path }
    }
  }
`);

export default function Start() {
  const { t } = useTranslation(["account", "common"]);
  const [wanted] = useSearchParams();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ name: string }>();
  const [open, opening] = useAction(OpenAccount);
  const [{ data, error }, again] = useQuery({ query: StartPage });
  if (error) return <Failure error={error} again={again} />;
  if (!data?.viewer) return null;
  const { staffRoles, user } = data.viewer;
  const accounts = data.viewer.accounts.nodes;
  if (!wanted.has("new")) {
    if (accounts[0]) return <Navigate to={pathOf(accounts[0].id)} replace />;
    if (staffRoles.length) return <Navigate to="/staff" replace />;
  }
  async function create(sandbox: boolean) {
    const { name } = await form.validateFields();
    const made = await open({ name, sandbox }, { form });
    if (made) navigate(pathOf(made.account.id));
  }
  const page = (
    <Flex justify="center">
      <Card style={{ maxWidth: 560, width: "100%" }}>
        <Result
          status="info"
          title={accounts.length ? t("new") : t("noAccount")}
          subTitle={t("noAccountText")}
          style={{ padding: "8px 0 24px" }}
        />
        <Form form={form} layout="vertical" onFinish={() => create(false)}>
          <Form.Item name="name" label={t("newName")} rules={[{ required: true, message: t("common:required") }]}>
            <Input maxLength={200} />
          </Form.Item>
          <Flex gap="small" wrap>
            <Button type="primary" htmlType="submit" loading={opening}>{t("new")}</Button>
            <Button onClick={() => create(true)} loading={opening}>{t("newSandbox")}</Button>
          </Flex>
          <p style={{ marginBottom: 0 }}><Link to="/invitations">{t("invited")}</Link></p>
        </Form>
      </Card>
    </Flex>
  );
  const menu = accounts.map(({ id, name }) => ({ key: pathOf(id), label: name }));
  return <Frame menu={menu} person={user} staffRoles={staffRoles} heading={t("common:product")} outlet={page} />;
}
