/** The open applications with how far they have come, and the offer to be accepted; below them those that are over. */
import { Card, Empty, Flex, Steps, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ApplicationState, ApplicationsListQuery, ContractsPageQuery } from "@/gql/graphql";
import { Facts } from "@/parts/Facts";
import { ConfirmButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Count, Instant, Money } from "@/parts/values";
import { Offer } from "./Offer";

const ApplicationsList = graphql(`
  query ApplicationsList($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      applications(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id edition state remarks submittedAt closedAt reason manager offer { id price { amount currency } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const WithdrawApplication = graphql(`
  mutation WithdrawApplication($applicationId: ID!) {
    withdrawApplication(applicationId: $applicationId) {
      ... on WithdrawApplicationSuccess { application { id state } }
      ... on Error { code message path }
    }
  }
`);

type Row = NonNullable<ApplicationsListQuery["account"]>["applications"]["nodes"][number];
export type ContractsAccount = NonNullable<ContractsPageQuery["account"]>;
export type Application = ContractsAccount["applications"]["nodes"][number];
type Channels = ContractsPageQuery["settlementChannels"];

const COLOURS: Record<ApplicationState, string> = {
  SUBMITTED: "processing",
  IN_REVIEW: "processing",
  OFFERED: "warning",
  ACCEPTED: "success",
  DECLINED: "error",
  WITHDRAWN: "default",
  LAPSED: "default",
};
const WAY = ["SUBMITTED", "IN_REVIEW", "OFFERED", "ACCEPTED"] as const;
/** How far on the way an application is that is open. */
const PLACES: Partial<Record<ApplicationState, number>> = { SUBMITTED: 1, IN_REVIEW: 1, OFFERED: 2 };

export const isOpen = ({ state }: { state: ApplicationState }): boolean => state in PLACES;

export function Applications({ account, settlementChannels }: { account: ContractsAccount; settlementChannels: Channels }) {
  const { t } = useTranslation("contracts");
  const open = account.applications.nodes.filter(isOpen);
  return (
    <>
      {open.map((application) => (
        <Open key={application.id} application={application} account={account} settlementChannels={settlementChannels} />
      ))}
      {account.applications.nodes.length === 0 ? (
        <Card size="small"><Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("noApplications")} /></Card>
      ) : (
        <section>
          <Typography.Title level={2} style={{ fontSize: 16 }}>{t("applications")}</Typography.Title>
          <List />
        </section>
      )}
    </>
  );
}

interface OpenProps {
  application: Application;
  account: ContractsAccount;
  settlementChannels: Channels;
}

function Open({ application, account, settlementChannels }: OpenProps) {
  const { t } = useTranslation(["contracts", "common"]);
  const { administers } = useRights();
  const [withdraw] = useAction(WithdrawApplication);
  const { offer } = application;
  return (
    <Card
      title={t("applicationFor", { edition: t(`common:edition.${application.edition}`) })}
      extra={
        administers && (
          <ConfirmButton
            label={t("withdraw")}
            question={t("withdrawQuestion")}
            consequence={t("withdrawText")}
            act={() => withdraw({ applicationId: application.id }, { success: t("withdrawn") })}
          />
        )
      }
    >
      <Flex vertical gap="large">
        <Steps
          size="small"
          current={PLACES[application.state]}
          items={WAY.map((state) => ({ title: t(`way.${state}`) }))}
        />
        <Facts
          facts={[
            [t("submittedAt"), <Instant at={application.submittedAt} />],
            [t("manager"), application.manager ?? t("noManager")],
            [t("expectedDataKits"), application.expectedDataKits > 0 && <Count of={application.expectedDataKits} />],
            [t("wantedTerm"), application.termMonths > 0 && t("months", { count: application.termMonths })],
            [t("contactName"), [application.contactName, application.contactPhone, application.contactEmail].filter(Boolean).join(" · ")],
            [t("remarks"), application.remarks && <span style={{ whiteSpace: "pre-wrap" }}>{application.remarks}</span>],
          ]}
        />
        {application.state === "OFFERED" && offer && (
          <Offer application={application} offer={offer} account={account} settlementChannels={settlementChannels} />
        )}
      </Flex>
    </Card>
  );
}

function List() {
  const { t } = useTranslation(["contracts", "common"]);
  const id = useAccountId();
  return (
    <Pages
      document={ApplicationsList}
      variables={{ id }}
      pick={(data) => data.account?.applications}
      label={t("applications")}
      columns={[
        { title: t("submittedAt"), dataIndex: "submittedAt", render: (at) => <Instant at={at} /> },
        { title: t("edition"), dataIndex: "edition", render: (edition: Row["edition"]) => t(`common:edition.${edition}`) },
        {
          title: t("state"),
          dataIndex: "state",
          render: (state: ApplicationState) => <Tag color={COLOURS[state]}>{t(`applicationState.${state}`)}</Tag>,
        },
        { title: t("offered"), dataIndex: "offer", align: "right", render: (offer: Row["offer"]) => (offer ? <Money of={offer.price} /> : "—") },
        { title: t("manager"), dataIndex: "manager", render: (manager) => manager ?? "—" },
        { title: t("closedAt"), dataIndex: "closedAt", render: (at) => <Instant at={at} /> },
        { title: t("reason"), dataIndex: "reason", render: (reason) => reason ?? "—" },
      ]}
    />
  );
}
