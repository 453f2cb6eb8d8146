/** Deployments without a network: a challenge or a usage file is carried here, and the receipt back. */
import { App, Button, Flex, Form, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Copied } from "@/parts/Copied";
import { FormButton } from "@/parts/FormButton";
import { save } from "@/parts/files";
import { TextFile } from "@/parts/TextFile";
import { Instant } from "@/parts/values";

const ActivateOfflineDocument = graphql(`
  mutation ActivateOffline($challenge: String!, $idempotencyKey: String) {
    activateOffline(challenge: $challenge, idempotencyKey: $idempotencyKey) {
      ... on ActivateOfflineSuccess { deployment { id fingerprint } receipt { text validUntil } }
      ... on Error { code message path }
    }
  }
`);

const ImportUsageDocument = graphql(`
  mutation ImportUsage($file: String!, $idempotencyKey: String) {
    importUsageFile(file: $file, idempotencyKey: $idempotencyKey) {
      ... on ImportUsageFileSuccess { deployment { id fingerprint } hours receipt { text validUntil } }
      ... on Error { code message path }
    }
  }
`);

interface Receipt {
  text: string;
  validUntil: string;
}

/** Shows a receipt, to be carried back; where the deployment gets none, as while it is suspended, it says so. */
function useReceipt() {
  const { modal } = App.useApp();
  const { t } = useTranslation("licenses");
  return (title: string, receipt: Receipt | null) =>
    modal.success({
      title,
      width: 560,
      content: receipt ? (
        <Flex vertical gap="middle">
          <Typography.Text>{t("receiptText")}</Typography.Text>
          <Copied label={t("receipt")} text={receipt.text} rows={5} />
          <Typography.Text type="secondary">{t("validUntil")} <Instant at={receipt.validUntil} /></Typography.Text>
          <Button onClick={() => save(new Blob([receipt.text], { type: "text/plain" }), "receipt.txt")}>{t("saveReceipt")}</Button>
        </Flex>
      ) : (
        t("noReceipt")
      ),
    });
}

export function ActivateOffline() {
  const { t } = useTranslation(["licenses", "common"]);
  const [activate] = useAction(ActivateOfflineDocument);
  const show = useReceipt();
  return (
    <FormButton<{ challenge: string }>
      label={t("activateOffline")}
      send={async (entered, form) => {
        const done = await activate(entered, { form });
        if (done) show(t("activated", { fingerprint: done.deployment.fingerprint }), done.receipt);
        return done;
      }}
    >
      <Form.Item name="challenge" label={t("challenge")} extra={t("challengeHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <TextFile />
      </Form.Item>
    </FormButton>
  );
}

export function ImportUsage() {
  const { t } = useTranslation(["licenses", "common"]);
  const [take] = useAction(ImportUsageDocument);
  const show = useReceipt();
  return (
    <FormButton<{ file: string }>
      label={t("importUsage")}
      send={async (entered, form) => {
        const done = await take(entered, { form });
        if (done) show(t("imported", { count: done.hours, fingerprint: done.deployment.fingerprint }), done.receipt);
        return done;
      }}
    >
      <Form.Item name="file" label={t("usageFile")} extra={t("usageFileHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <TextFile />
      </Form.Item>
    </FormButton>
  );
}
