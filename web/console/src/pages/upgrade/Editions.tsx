/** The editions as cards, with what they cost and have. */
import { CheckOutlined } from "@ant-design/icons";
import { Button, Card, Col, Flex, Row, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { pathOf } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { formatMoney } from "@/parts/values";
import type { UpgradeAccount, UpgradeData } from "./Upgrade";

const ChooseEdition = graphql(`
  mutation ChooseEdition($accountId: ID!, $edition: EditionKey!) {
    upgradeEdition(accountId: $accountId, edition: $edition) {
      ... on UpgradeEditionSuccess { account { id edition } }
      ... on Error { code message path }
    }
  }
`);

type Edition = UpgradeData["editions"][number];

export function Editions({ data, account, onChosen }: { data: UpgradeData; account: UpgradeAccount; onChosen: () => void }) {
  return (
    <Row gutter={[16, 16]}>
      {data.editions.map((edition) => (
        <Col key={edition.id} xs={24} md={12} xl={6}>
          <EditionCard edition={edition} account={account} onChosen={onChosen} />
        </Col>
      ))}
    </Row>
  );
}

function EditionCard({ edition, account, onChosen }: { edition: Edition; account: UpgradeAccount; onChosen: () => void }) {
  const { t } = useTranslation("upgrade");
  const navigate = useNavigate();
  const [choose, choosing] = useAction(ChooseEdition);
  const present = edition.key === account.edition;
  const apply = () => navigate(pathOf(account.id, `contracts?apply=${edition.key}`));
  const take = async () => {
    if (await choose({ accountId: account.id, edition: edition.key })) onChosen();
  };
  return (
    <Card
      title={edition.name}
      extra={present && <Tag color="blue">{t("current")}</Tag>}
      style={{ height: "100%", display: "flex", flexDirection: "column" }}
      styles={{ body: { flex: 1, display: "flex", flexDirection: "column", gap: 12 } }}
    >
      <Typography.Text type="secondary">{edition.description}</Typography.Text>
      <Price edition={edition} />
      <Flex vertical gap={4} flex={1} component="ul" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {edition.included.filter((item) => !edition.pricePlan?.texts.includes(item)).map((item) => (
          <Flex key={item} component="li" gap={6} align="baseline"><CheckOutlined style={{ color: "#389e0d" }} /> {item}</Flex>
        ))}
      </Flex>
      {edition.key !== "COMMUNITY" && !present && (
        <Button type={edition.byApplication ? "default" : "primary"} block loading={choosing} onClick={edition.byApplication ? apply : take}>
          {edition.byApplication ? t("apply") : t("choose")}
        </Button>
      )}
    </Card>
  );
}

function Price({ edition }: { edition: Edition }) {
  const { t, i18n } = useTranslation("upgrade");
  if (edition.byApplication) return <Typography.Text>{t("byApplication")}</Typography.Text>;
  if (!edition.pricePlan) return null;
  const { unitPrice, minimumQuantity, freePeriodSeconds } = edition.pricePlan;
  return (
    <div>
      <Typography.Text strong style={{ fontSize: 18 }}>
        {t("perDay", { price: formatMoney(unitPrice, i18n.language) })}
      </Typography.Text>
      <div>{t("minimum", { count: Number(minimumQuantity) })}</div>
      {freePeriodSeconds > 0 && <div>{t("free", { count: Math.round(freePeriodSeconds / 86400) })}</div>}
    </div>
  );
}
