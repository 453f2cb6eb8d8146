/** What is offered, and accepting it: the agreement, a settlement channel where it costs something, then the contract. */
import { Alert, Button, Card, Drawer, Flex, Steps, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ContractsPageQuery } from "@/gql/graphql";
import { Agreement } from "@/pages/upgrade/Agreement";
import { Settlement } from "@/pages/upgrade/Settlement";
import { Facts } from "@/parts/Facts";
import { Rows } from "@/parts/Rows";
import { Day, Instant, Money } from "@/parts/values";
import type { Application, ContractsAccount } from "./Applications";
import { dataKits } from "./terms";

const AcceptOffer = graphql(`
  mutation AcceptOffer($offerId: ID!, $idempotencyKey: String) {
    acceptOffer(offerId: $offerId, idempotencyKey: $idempotencyKey) {
      ... on AcceptOfferSuccess { contract { id state } }
      ... on Error { code message path }
    }
  }
`);

interface Props {
  application: Application;
  offer: NonNullable<Application["offer"]>;
  account: ContractsAccount;
  settlementChannels: ContractsPageQuery["settlementChannels"];
}

const STEPS = ["agreement", "settlement", "contract"] as const;

/** Which step of accepting is next, by what the server says is to be done. */
function stepOf({ application, offer, account }: Props): number {
  const next = account.nextSteps;
  if (next.some(({ action, edition }) => action === "ACCEPT_AGREEMENT" && edition === application.edition)) return 0;
  const channel = next.some(({ action }) => action === "CHOOSE_SETTLEMENT_CHANNEL" || action === "CONFIRM_SETTLEMENT_CHANNEL");
  return channel && Number(offer.price.amount) > 0 ? 1 : 2;
}

export function Offer(props: Props) {
  const { t } = useTranslation(["contracts", "common"]);
  const { administers } = useRights();
  const [open, setOpen] = useState(false);
  const { offer } = props;
  return (
    <Card
      size="small"
      title={t("offer")}
      extra={administers && <Button type="primary" onClick={() => setOpen(true)}>{t("acceptOffer")}</Button>}
    >
      <Terms offer={offer} />
      <Drawer open={open} size={720} title={t("acceptOffer")} onClose={() => setOpen(false)} destroyOnHidden>
        <Accepting {...props} />
      </Drawer>
    </Card>
  );
}

function Terms({ offer }: Pick<Props, "offer">) {
  const { t } = useTranslation(["contracts", "common"]);
  return (
    <Flex vertical gap="middle">
      <Facts
        facts={[
          [t("price"), <Typography.Text strong><Money of={offer.price} /></Typography.Text>],
          [t("dataKitLimit"), dataKits(t, offer.dkLimit)],
          [t("validUntil"), <Instant at={offer.validUntil} />],
          [t(offer.productVersion ? "maintenanceTerm" : "term"), <><Day of={offer.startsOn} /> – <Day of={offer.endsOn} /></>],
          [t("productVersion"), offer.productVersion],
        ]}
      />
      <Rows
        rows={offer.schedule}
        label={t("schedule")}
        empty={t("noInstalments")}
        columns={[
          { title: t("dueOn"), dataIndex: "dueOn", render: (day) => <Day of={day} /> },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
        ]}
      />
    </Flex>
  );
}

function Accepting(props: Props) {
  const { t } = useTranslation("contracts");
  const [accept, accepting] = useAction(AcceptOffer);
  const { account, application, offer, settlementChannels } = props;
  const step = stepOf(props);
  return (
    <Flex vertical gap="large">
      <Steps size="small" current={step} items={STEPS.map((name) => ({ title: t(`steps.${name}`) }))} />
      {step === 0 && <Agreement account={account} edition={application.edition} />}
      {step === 1 && <Settlement data={{ settlementChannels }} account={account} />}
      {step === 2 && (
        <Flex vertical gap="middle" align="start">
          <Alert type="info" showIcon title={t("acceptText", { name: account.name })} style={{ width: "100%" }} />
          <Terms offer={offer} />
          <Button type="primary" loading={accepting} onClick={() => accept({ offerId: offer.id }, { success: t("accepted") })}>
            {t("acceptOffer")}
          </Button>
        </Flex>
      )}
    </Flex>
  );
}
