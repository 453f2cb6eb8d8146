/** One-time codes of an authenticator: setting them up, the recovery codes that are shown once, removing them. */
import { Button, Card, Flex, Form, Input, Modal, QRCode, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Copied } from "@/parts/Copied";
import { FormButton } from "@/parts/FormButton";
import { useShownOnce } from "@/parts/useShownOnce";
import { useRecently } from "./useRecently";

const BeginSecondFactor = graphql(`
  mutation BeginSecondFactor {
    beginSecondFactor { ... on BeginSecondFactorSuccess { secret uri } ... on Error { code message path } }
  }
`);

const ConfirmSecondFactor = graphql(`
  mutation ConfirmSecondFactor($code: String!) {
    confirmSecondFactor(code: $code) {
      ... on ConfirmSecondFactorSuccess { recoveryCodes }
      ... on Error { code message path }
    }
  }
`);

const RemoveSecondFactor = graphql(`
  mutation RemoveSecondFactor($code: String!) {
    removeSecondFactor(code: $code) {
      ... on RemoveSecondFactorSuccess { user { id } }
      ... on Error { code message path }
    }
  }
`);

export function SecondFactor({ on }: { on: boolean }) {
  const { t } = useTranslation("me");
  return (
    <Card title={t("secondFactor")} extra={on ? <Remove /> : <SetUp />}>
      <Flex gap="small" align="center" wrap>
        <Tag color={on ? "success" : "default"}>{t(on ? "on" : "off")}</Tag>
        <Typography.Text type="secondary">{t("secondFactorText")}</Typography.Text>
      </Flex>
    </Card>
  );
}

function SetUp() {
  const { t } = useTranslation(["me", "common"]);
  const [form] = Form.useForm<{ code: string }>();
  const [begin, beginning] = useAction(BeginSecondFactor);
  const [confirm, confirming] = useAction(ConfirmSecondFactor);
  const [begun, setBegun] = useState<{ secret: string; uri: string }>();
  const showOnce = useShownOnce();
  const refused = useRecently();
  async function start() {
    const made = await begin({}, { refused });
    if (made) setBegun(made);
  }
  async function finish(entered: { code: string }) {
    const done = await confirm(entered, { form, refused });
    if (!done) return;
    setBegun(undefined);
    showOnce({
      title: t("recoveryCodes"),
      about: t("recoveryText"),
      secrets: [{ label: t("recoveryCodes"), text: done.recoveryCodes.join("\n"), rows: 10 }],
    });
  }
  return (
    <>
      <Button type="primary" loading={beginning} onClick={start}>{t("setUp")}</Button>
      <Modal
        open={!!begun}
        title={t("setUp")}
        okText={t("common:confirm")}
        confirmLoading={confirming}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => setBegun(undefined)}
      >
        {begun && (
          <Flex vertical gap="middle">
            <Typography.Text>{t("scan")}</Typography.Text>
            <Flex justify="center">
              <QRCode value={begun.uri} type="svg" size={200} color="#000000" bgColor="#ffffff" aria-label={t("qrCode")} />
            </Flex>
            <Copied label={t("secret")} text={begun.secret} />
            <Form form={form} layout="vertical" onFinish={finish} preserve={false}>
              <Form.Item name="code" label={t("code")} extra={t("codeHelp")} rules={[{ required: true, message: t("common:required") }]}>
                <Input autoComplete="one-time-code" inputMode="numeric" maxLength={8} />
              </Form.Item>
            </Form>
          </Flex>
        )}
      </Modal>
    </>
  );
}

function Remove() {
  const { t } = useTranslation(["me", "common"]);
  const [remove] = useAction(RemoveSecondFactor);
  const refused = useRecently();
  return (
    <FormButton<{ code: string }>
      danger
      label={t("removeSecondFactor")}
      send={(entered, form) => remove(entered, { form, refused, success: t("secondFactorRemoved") })}
    >
      <Form.Item name="code" label={t("code")} extra={t("removeCodeHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input autoComplete="one-time-code" />
      </Form.Item>
    </FormButton>
  );
}
