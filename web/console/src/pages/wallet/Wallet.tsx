/** The prepaid balance: what is left, paying in, vouchers and cards, every movement, and whom it pays for. */
import { Card, Flex, Statistic, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { graphql } from "@/gql";
import type { WalletPageQuery } from "@/gql/graphql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { formatMoney } from "@/parts/values";
import { Funds } from "./Funds";
import { Movements } from "./Movements";
import { PayIn, TopUps } from "./TopUps";
import { Shares } from "./Shares";

const WalletPage = graphql(`
  query WalletPage($id: ID!) {
    account(id: $id) {
      id
      wallet {
        takesOnlinePayments
        balance { amount currency } available { amount currency } owed { amount currency }
      }
      forecast { balanceLastsDays }
    }
  }
`);

export type WalletData = NonNullable<NonNullable<WalletPageQuery["account"]>["wallet"]>;

export default function Wallet() {
  const { t } = useTranslation("wallet");
  const id = useAccountId();
  const { seesToMoney } = useRights();
  return (
    <Loaded document={WalletPage} variables={{ id }}>
      {({ account }) => {
        const wallet = account?.wallet;
        if (!wallet)
          return (
            <Page title={t("title")} about={t("about")}>
              <Card><Typography.Text type="secondary">{t("none")}</Typography.Text></Card>
            </Page>
          );
        return (
          <Page title={t("title")} about={t("about")} actions={seesToMoney && <PayIn online={wallet.takesOnlinePayments} />}>
            <Balance wallet={wallet} days={account.forecast?.balanceLastsDays ?? null} />
            <PageTabs
              tabs={[
                { key: "movements", label: t("movements"), children: <Movements /> },
                { key: "topUps", label: t("topUps"), children: <TopUps /> },
                { key: "vouchers", label: t("vouchers"), children: <Funds kind="vouchers" /> },
                { key: "cards", label: t("cards"), children: <Funds kind="cards" /> },
                { key: "shares", label: t("shares"), children: <Shares /> },
              ]}
            />
          </Page>
        );
      }}
    </Loaded>
  );
}

function Balance({ wallet, days }: { wallet: WalletData; days: number | null }) {
  const { t, i18n } = useTranslation(["wallet", "account"]);
  const figures = [
    { title: t("balance"), of: wallet.balance, note: days !== null && t("account:lasts", { count: days }) },
    { title: t("available"), of: wallet.available, note: t("availableHelp") },
    { title: t("owed"), of: wallet.owed, note: Number(wallet.owed.amount) > 0 && t("owedHelp") },
  ];
  return (
    <Card size="small">
      <Flex gap={48} wrap>
        {figures.map(({ title, of, note }) => (
          <div key={title}>
            <Statistic title={title} formatter={() => formatMoney(of, i18n.language)} />
            {note && <Typography.Text type="secondary">{note}</Typography.Text>}
          </div>
        ))}
      </Flex>
    </Card>
  );
}
