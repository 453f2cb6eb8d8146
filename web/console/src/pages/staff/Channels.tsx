/** Settlement channels: which plugins are installed, what they can do, and whether they are well. */
import { Alert, Card, Col, Descriptions, Flex, Row, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";

const ChannelsPage = graphql(`
  query ChannelsPage {
    settlementChannels { key name version health reason capabilities currencies }
  }
`);

const COLOURS: Record<string, string> = { HEALTHY: "success", NOT_CONFIGURED: "default", UNHEALTHY: "error", FAILED: "error" };

const ALERTS: Record<string, "info" | "error"> = { HEALTHY: "info", NOT_CONFIGURED: "info" };

export default function Channels() {
  const { t } = useTranslation("operations");
  return (
    <Page title={t("channels")} about={t("channelsAbout")}>
      <Loaded document={ChannelsPage} variables={{}}>
        {({ settlementChannels }) => (
          <Row gutter={[16, 16]}>
            {settlementChannels.map((channel) => (
              <Col key={channel.key} xs={24} xl={12}>
                <Card
                  size="small"
                  style={{ height: "100%" }}
                  title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{channel.name ?? channel.key}</h2>}
                  extra={<Tag color={COLOURS[channel.health]}>{t(`health.${channel.health}` as "health.HEALTHY", { defaultValue: channel.health })}</Tag>}
                >
                  <Flex vertical gap="small">
                    {channel.reason && <Alert type={ALERTS[channel.health] ?? "error"} showIcon title={t("pluginSays")} description={<span lang="en">{channel.reason}</span>} />}
                    <Descriptions
                      size="small"
                      column={1}
                      items={[
                        { key: "key", label: t("key"), children: channel.key },
                        { key: "version", label: t("pluginVersion"), children: channel.version || "—" },
                        { key: "currencies", label: t("currencies"), children: channel.currencies.join(", ") || "—" },
                        {
                          key: "capabilities",
                          label: t("capabilities"),
                          children: channel.capabilities.length ? (
                            <Flex gap={4} wrap>{channel.capabilities.map((each) => <Tag key={each}>{t(`capability.${each}` as "capability.CREDIT", { defaultValue: each })}</Tag>)}</Flex>
                          ) : (
                            "—"
                          ),
                        },
                      ]}
                    />
                  </Flex>
                </Card>
              </Col>
            ))}
          </Row>
        )}
      </Loaded>
    </Page>
  );
}
