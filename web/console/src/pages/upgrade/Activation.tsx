/** What is pasted into the Launcher, how, and waiting for it: the page follows the account's events. */
import { LoadingOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Result, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { freeDaysLeft, pathOf } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Copied } from "@/parts/Copied";
import { formatDay } from "@/parts/values";
import { CreateAccessKey } from "./keys";
import type { MadeKey, UpgradeAccount } from "./Upgrade";

const ActivateInSandbox = graphql(`
  mutation ActivateInSandbox($license: String!, $ak: String!, $sk: String!, $gateway: String!, $fingerprint: String!) {
    activateLicense(license: $license, ak: $ak, sk: $sk, dataGatewayUrl: $gateway, fingerprint: $fingerprint) {
      ... on ActivateLicenseSuccess { deployment { id } }
      ... on Error { code message path }
    }
  }
`);

interface Props {
  account: UpgradeAccount;
  made?: MadeKey;
  onKey: (made: MadeKey) => void;
}

export function Activation({ account, made, onKey }: Props) {
  const { t } = useTranslation("upgrade");
  const [createKey, creating] = useAction(CreateAccessKey);
  const license = account.licenses.nodes[0];
  if (license?.state === "ACTIVE") return <Activated account={account} fingerprint={license.deployment?.fingerprint ?? ""} />;

  async function newKey() {
    const key = await createKey({ accountId: account.id, label: license?.label ?? "launcher" });
    return key && { ak: key.accessKey.ak, sk: key.sk };
  }
  return (
    <Flex vertical gap="middle">
      {account.upgrade?.state === "LAPSED" && <Alert type="warning" showIcon title={t("lapsed")} />}
      <FreeDays account={account} />
      {license && <Copied label={t("license")} text={license.text} rows={8} />}
      {made ? (
        <>
          <Copied label={t("ak")} text={made.ak} />
          <Copied label={t("sk")} text={made.sk} />
          <Alert type="warning" showIcon title={t("skOnce")} />
        </>
      ) : (
        <Button loading={creating} style={{ alignSelf: "start" }} onClick={async () => { const key = await newKey(); if (key) onKey(key); }}>
          {t("newKey")}
        </Button>
      )}
      <Guide />
      <Flex align="center" gap="small" role="status">
        <LoadingOutlined /> <Typography.Text>{t("waiting")}</Typography.Text>
      </Flex>
      {account.sandbox && license && <Simulated license={license.text} made={made} newKey={newKey} />}
    </Flex>
  );
}

function FreeDays({ account }: { account: UpgradeAccount }) {
  const { t } = useTranslation("upgrade");
  const days = freeDaysLeft(account.upgrade?.freePeriodEndsAt, account.clock);
  return days > 0 && <Alert type="success" showIcon title={t("freeLeft", { count: days })} />;
}

function Guide() {
  const { t } = useTranslation("upgrade");
  return (
    <div>
      <Typography.Title level={2} style={{ fontSize: 16 }}>{t("guideTitle")}</Typography.Title>
      <ol style={{ margin: 0, paddingInlineStart: 20, lineHeight: 1.9 }}>
        <li>{t("guide1")}</li>
        <li>{t("guide2")}</li>
        <li>{t("guide3")}<code className="code" style={{ display: "block" }}>{t("gatewayHint")}</code></li>
        <li>{t("guide4")}</li>
      </ol>
    </div>
  );
}

/** A sandbox account has no installation whose Launcher would activate: this sends what a Launcher would. */
function Simulated({ license, made, newKey }: { license: string; made?: MadeKey; newKey: () => Promise<MadeKey | undefined> }) {
  const { t } = useTranslation("upgrade");
  const [activate, activating] = useAction(ActivateInSandbox);
  async function simulate() {
    const key = made ?? (await newKey());
    if (!key) return;
    const fingerprint = `sandbox-${crypto.randomUUID().slice(0, 8)}`;
    await activate({ license, ...key, gateway: "https://gateway.example.com?token={}", fingerprint });
  }
  return (
    <Alert
      type="info"
      title={t("sandboxActivateHelp")}
      action={<Button type="primary" loading={activating} onClick={simulate}>{t("sandboxActivate")}</Button>}
    />
  );
}

function Activated({ account, fingerprint }: { account: UpgradeAccount; fingerprint: string }) {
  const { t, i18n } = useTranslation("upgrade");
  const day = account.upgrade?.firstBilledDay ? formatDay(account.upgrade.firstBilledDay, i18n.language) : "";
  const days = freeDaysLeft(account.upgrade?.freePeriodEndsAt, account.clock);
  return (
    <Result
      status="success"
      title={t("activated")}
      subTitle={days > 0 ? t("activatedText", { fingerprint, days, day }) : t("noFreeText", { fingerprint, day })}
      extra={<Link to={pathOf(account.id)}><Button type="primary">{t("toHome")}</Button></Link>}
    />
  );
}
