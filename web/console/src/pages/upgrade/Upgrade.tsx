/** The upgrade, screen by screen: edition, agreement, settlement, license, activation. The server says which is next. */
import { Alert, Card, Flex, Steps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccount, useRights } from "@/app/account";
import { graphql } from "@/gql";
import type { UpgradePageQuery } from "@/gql/graphql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Activation } from "./Activation";
import { Agreement } from "./Agreement";
import { Editions } from "./Editions";
import { Licenses } from "./Licenses";
import { Settlement } from "./Settlement";

const UpgradePage = graphql(`
  query UpgradePage($id: ID!) {
    editions {
      id key name description included byApplication
      pricePlan { id unitPrice { amount currency } minimumQuantity freePeriodSeconds texts }
    }
    settlementChannels { key name health configurationSchema purchaseUrl }
    account(id: $id) {
      id name edition sandbox clock
      nextSteps { action reason edition }
      upgrade { id edition state freePeriodEndsAt firstBilledDay activatedAt }
      settlementBinding { id channel state continueUrl }
      licenses(first: 1, order: NEWEST_FIRST) {
        nodes { id text label state activatedAt deployment { id fingerprint } }
      }
    }
  }
`);

export type UpgradeData = UpgradePageQuery;
export type UpgradeAccount = NonNullable<UpgradePageQuery["account"]>;

/** What the person made just now: the SK is never shown again. */
export interface MadeKey {
  ak: string;
  sk: string;
}

const STEPS = ["edition", "agreement", "settlement", "license", "activation"] as const;

/** At which step the account is, by what the server says is next. */
function stepOf(account: UpgradeAccount): number {
  const next = new Set(account.nextSteps.map(({ action }) => action));
  if (next.has("CHOOSE_EDITION")) return 0;
  if (next.has("ACCEPT_AGREEMENT")) return 1;
  if (next.has("CHOOSE_SETTLEMENT_CHANNEL") || next.has("CONFIRM_SETTLEMENT_CHANNEL")) return 2;
  if (next.has("CREATE_LICENSE")) return 3;
  if (account.upgrade?.activatedAt || next.has("ACTIVATE_LICENSE")) return 4;
  return next.has("CREATE_ACCESS_KEY") ? 3 : account.upgrade ? 4 : 0;
}

/** Whose agreement is to be accepted: of what was chosen, or is offered. */
const editionOf = (account: UpgradeAccount) =>
  account.nextSteps.find(({ edition }) => edition)?.edition ?? account.upgrade?.edition ?? "PAY_AS_YOU_GO";

export default function Upgrade() {
  const { t } = useTranslation("upgrade");
  const { id } = useAccount();
  const { administers } = useRights();
  const [key, setKey] = useState<MadeKey>();
  const [again, setAgain] = useState(false);
  if (!administers) return <Page title={t("title")}><Alert type="info" showIcon title={t("byAdministrators")} /></Page>;
  return (
    <Page title={t("title")} about={t("about")}>
      <Loaded document={UpgradePage} variables={{ id }}>
        {(data) => {
          const { account } = data;
          if (!account) return null;
          const reached = stepOf(account);
          // Until the account is upgraded, another edition may be looked at and chosen.
          const mayGoBack = reached === 1 || reached === 2;
          const step = again && mayGoBack ? 0 : reached;
          const items = STEPS.map((name, index) => ({ title: t(`steps.${name}`), disabled: index !== 0 && index !== reached }));
          return (
            <Flex vertical gap="large">
              <Steps current={account.licenses.nodes[0]?.state === "ACTIVE" && step === 4 ? STEPS.length : step} size="small" responsive items={items} onChange={mayGoBack ? (to) => setAgain(to === 0) : undefined} />
              <Card>
                {step === 0 && <Editions data={data} account={account} onChosen={() => setAgain(false)} />}
                {step === 1 && <Agreement account={account} edition={editionOf(account)} />}
                {step === 2 && <Settlement data={data} account={account} />}
                {step === 3 && <Licenses account={account} onKey={setKey} />}
                {step === 4 && <Activation account={account} made={key} onKey={setKey} />}
              </Card>
            </Flex>
          );
        }}
      </Loaded>
    </Page>
  );
}
