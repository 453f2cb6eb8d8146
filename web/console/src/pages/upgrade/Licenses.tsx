/** The license and the AK/SK pair that the Launcher is given. */
import { Button, Flex, Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { CreateAccessKey, CreateLicense } from "./keys";
import type { MadeKey, UpgradeAccount } from "./Upgrade";

export function Licenses({ account, onKey }: { account: UpgradeAccount; onKey: (made: MadeKey) => void }) {
  const { t } = useTranslation(["upgrade", "common"]);
  const [form] = Form.useForm<{ label: string }>();
  const [createKey, creatingKey] = useAction(CreateAccessKey);
  const [createLicense, creating] = useAction(CreateLicense);
  const needsLicense = account.nextSteps.some(({ action }) => action === "CREATE_LICENSE");

  async function create({ label }: { label: string }) {
    const key = await createKey({ accountId: account.id, label }, { form });
    if (!key) return;
    onKey({ ak: key.accessKey.ak, sk: key.sk });
    if (needsLicense) await createLicense({ accountId: account.id, label }, { form });
  }
  return (
    <Flex vertical gap="middle">
      <Typography.Text type="secondary">{t("licenseAbout")}</Typography.Text>
      <Form form={form} layout="vertical" onFinish={create} style={{ maxWidth: 520 }} requiredMark={false}>
        <Form.Item name="label" label={t("label")} extra={t("labelHelp")} rules={[{ required: true, message: t("common:required") }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={creating || creatingKey}>{t("createLicense")}</Button>
      </Form>
    </Flex>
  );
}
