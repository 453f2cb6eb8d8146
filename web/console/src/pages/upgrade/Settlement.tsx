/** How to pay: every channel that is installed, its form made from the schema of its plugin. */
import { Alert, Button, Card, Col, Flex, Form, Row, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { asksNothing, SchemaFields } from "@/parts/SchemaForm";
import type { UpgradeAccount, UpgradeData } from "./Upgrade";

const ChooseChannel = graphql(`
  mutation ChooseChannel($accountId: ID!, $channel: String!, $configuration: JSON) {
    chooseSettlementChannel(accountId: $accountId, channel: $channel, configuration: $configuration) {
      ... on ChooseSettlementChannelSuccess { account { id edition } binding { id state continueUrl } }
      ... on Error { code message path }
    }
  }
`);

type Channel = UpgradeData["settlementChannels"][number];

type Data = Pick<UpgradeData, "settlementChannels">;
type Account = Pick<UpgradeAccount, "id" | "settlementBinding">;

export function Settlement({ data, account }: { data: Data; account: Account }) {
  const { t } = useTranslation("upgrade");
  const [picked, setPicked] = useState<Channel>();
  const binding = account.settlementBinding;
  return (
    <Flex vertical gap="middle">
      <Typography.Text type="secondary">{t("settlementAbout")}</Typography.Text>
      {binding?.state === "PENDING" && (
        <Alert
          type="info"
          showIcon
          title={t("confirmChannel")}
          description={t("confirmChannelText")}
          action={binding.continueUrl && <Button type="primary" href={binding.continueUrl} target="_blank" rel="noreferrer">{t("continueAtProvider")}</Button>}
        />
      )}
      <Row gutter={[16, 16]}>
        {data.settlementChannels.map((channel) => {
          const usable = channel.health === "HEALTHY";
          return (
            <Col key={channel.key} xs={24} md={12} xl={8}>
              <Card
                size="small"
                title={channel.name ?? channel.key}
                extra={!usable && <Tag>{t("unavailable")}</Tag>}
                style={{ height: "100%", borderColor: picked?.key === channel.key ? "#1668dc" : undefined }}
              >
                {usable ? (
                  <Button
                    block
                    type={picked?.key === channel.key ? "primary" : "default"}
                    aria-label={`${t("pick")} ${channel.name ?? channel.key}`}
                    onClick={() => setPicked(channel)}
                  >
                    {t("pick")}
                  </Button>
                ) : (
                  <Typography.Text type="secondary">{t(channel.health === "NOT_CONFIGURED" ? "notSetUp" : "notWorking")}</Typography.Text>
                )}
              </Card>
            </Col>
          );
        })}
      </Row>
      {picked && <Configured key={picked.key} channel={picked} account={account} />}
    </Flex>
  );
}

function Configured({ channel, account }: { channel: Channel; account: Account }) {
  const { t } = useTranslation(["upgrade", "common"]);
  const [form] = Form.useForm<Record<string, unknown>>();
  const [choose, choosing] = useAction(ChooseChannel);
  const nothing = asksNothing(channel.configurationSchema);
  const use = (entered: Record<string, unknown>) => {
    const configuration = Object.fromEntries(Object.entries(entered).filter(([, value]) => value !== undefined && value !== ""));
    return choose({ accountId: account.id, channel: channel.key, configuration: nothing ? null : configuration }, { form });
  };
  return (
    <Form form={form} layout="vertical" onFinish={use} style={{ maxWidth: 520 }}>
      {channel.purchaseUrl && (
        <Alert
          type="info"
          showIcon
          title={t("subscribeFirst", { name: channel.name ?? channel.key })}
          action={<Button href={channel.purchaseUrl} target="_blank" rel="noreferrer">{t("subscribe")}</Button>}
          style={{ marginBottom: 16 }}
        />
      )}
      <SchemaFields schema={channel.configurationSchema} />
      <Button type="primary" htmlType="submit" loading={choosing}>{t("common:labelled", { what: t("useChannel"), value: channel.name ?? channel.key })}</Button>
    </Form>
  );
}
