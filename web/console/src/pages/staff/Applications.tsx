/** Applications as a board: a column for each state, one application opened beside it; and contracts that end soon. */
import { Badge, Card, Flex, Select, Tag, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { accountPath, Sandboxes, useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { ApplicationBoardQuery, ApplicationState, EditionKey } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Day, Instant, Money } from "@/parts/values";
import { ApplicationDrawer } from "./ApplicationDrawer";

const ApplicationBoard = graphql(`
  query ApplicationBoard($state: ApplicationState!, $edition: EditionKey, $order: ListOrder!) {
    applications(state: $state, edition: $edition, first: 30, order: $order) {
      totalCount
      nodes {
        id account { id name } edition expectedDataKits termMonths submittedAt closedAt manager
        offer { id price { amount currency } validUntil }
      }
    }
  }
`);

const ContractsEnding = graphql(`
  query ContractsEnding($within: Int!, $sandboxes: Boolean!) {
    contractsEnding(within: $within, sandboxes: $sandboxes, first: 100) {
      nodes { contractId account { id name } edition startsOn endsOn price { amount currency } renewed }
    }
  }
`);

type Application = ApplicationBoardQuery["applications"]["nodes"][number];

const BY_APPLICATION: EditionKey[] = ["SUBSCRIPTION", "LICENSED"];
const GIVEN_UP: ApplicationState[] = ["DECLINED", "WITHDRAWN", "LAPSED"];

export default function Applications() {
  const { t } = useTranslation(["staff", "common"]);
  const [searched, search] = useSearchParams();
  const [edition, setEdition] = useState<EditionKey>();
  const [given, setGiven] = useState<ApplicationState>("DECLINED");
  const { reads } = useStaff();
  const close = () => search((before) => {
    before.delete("open");
    return before;
  });
  const states = GIVEN_UP.map((value) => ({ value, label: t(`applicationState.${value}`) }));
  return (
    <Page
      title={t("menu.applications")}
      about={t("applicationsAbout")}
      actions={
        <Filter
          label={t("edition")}
          options={BY_APPLICATION.map((value) => ({ value, label: t(`common:edition.${value}`) }))}
          onChange={setEdition}
        />
      }
    >
      <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t("menu.applications")}>
        <Flex gap="middle" align="start" style={{ minWidth: 1050 }}>
          <Column state="SUBMITTED" edition={edition} />
          <Column state="IN_REVIEW" edition={edition} />
          <Column state="OFFERED" edition={edition} />
          <Column state="ACCEPTED" edition={edition} newest />
          <Column
            state={given}
            edition={edition}
            newest
            title={<Select size="small" variant="borderless" aria-label={t("state")} value={given} options={states} onChange={setGiven} />}
          />
        </Flex>
      </div>
      {reads("ACCOUNT_MANAGER", "FINANCE") && <Ending />}
      <ApplicationDrawer id={searched.get("open")} close={close} />
    </Page>
  );
}

interface ColumnProps {
  state: ApplicationState;
  edition?: EditionKey;
  title?: ReactNode;
  newest?: boolean;
}

function Column({ state, edition, title, newest }: ColumnProps) {
  const { t } = useTranslation("staff");
  return (
    <section style={{ flex: "1 0 0", minWidth: 200 }} aria-label={t(`applicationState.${state}`)}>
      <Loaded document={ApplicationBoard} variables={{ state, edition, order: newest ? "NEWEST_FIRST" : "OLDEST_FIRST" }}>
        {({ applications }) => (
          <Flex vertical gap="small">
            <Flex gap="small" align="center" style={{ minHeight: 32 }}>
              <Typography.Title level={2} style={{ fontSize: 14, margin: 0 }}>{title ?? t(`applicationState.${state}`)}</Typography.Title>
              <Badge count={applications.totalCount} showZero color="#595959" overflowCount={999} />
            </Flex>
            {applications.nodes.map((each) => <Tile key={each.id} application={each} />)}
            {applications.nodes.length === 0 && <Typography.Text type="secondary">{t("none")}</Typography.Text>}
            {applications.totalCount > applications.nodes.length && (
              <Typography.Text type="secondary">{t("more", { count: applications.totalCount - applications.nodes.length })}</Typography.Text>
            )}
          </Flex>
        )}
      </Loaded>
    </section>
  );
}

function Tile({ application }: { application: Application }) {
  const { t } = useTranslation(["staff", "common"]);
  const { offer } = application;
  return (
    <Card size="small" hoverable>
      <Flex vertical gap={4}>
        <Link to={`?open=${encodeURIComponent(application.id)}`}><strong>{application.account.name}</strong></Link>
        <div><Tag>{t(`common:edition.${application.edition}`)}</Tag></div>
        <Typography.Text type="secondary">
          {[
            application.expectedDataKits > 0 && t("dataKits", { count: application.expectedDataKits }),
            application.termMonths > 0 && t("months", { count: application.termMonths }),
          ].filter(Boolean).join(" · ")}
        </Typography.Text>
        {offer && <Typography.Text><Money of={offer.price} /></Typography.Text>}
        <Typography.Text type="secondary"><Instant at={application.closedAt ?? application.submittedAt} /></Typography.Text>
        {application.manager && <Typography.Text type="secondary" ellipsis>{application.manager}</Typography.Text>}
      </Flex>
    </Card>
  );
}

const WITHIN = [30, 60, 90, 180, 365];

function Ending() {
  const { t } = useTranslation(["staff", "common"]);
  const { sandboxes } = useStaff();
  const [within, setWithin] = useState(60);
  return (
    <Card
      size="small"
      title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("contractsEnding")}</h2>}
    >
      <Flex gap="middle" align="center" wrap style={{ marginBottom: 12 }}>
        <Select
          aria-label={t("within")}
          value={within}
          options={WITHIN.map((value) => ({ value, label: t("withinDays", { count: value }) }))}
          onChange={setWithin}
          style={{ minWidth: 110 }}
        />
        <Sandboxes />
      </Flex>
      <Loaded document={ContractsEnding} variables={{ within, sandboxes }}>
        {({ contractsEnding }) => (
          <Table
            aria-label={t("contractsEnding")}
            size="small"
            rowKey="contractId"
            dataSource={contractsEnding.nodes}
            pagination={{ hideOnSinglePage: true, pageSize: 10 }}
            locale={{ emptyText: t("noContractsEnding") }}
            columns={[
              { title: t("account"), key: "account", render: (_, each) => <Link to={accountPath(each.account.id)}>{each.account.name}</Link> },
              { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
              { title: t("endsOn"), dataIndex: "endsOn", render: (day) => <Day of={day} /> },
              { title: t("price"), dataIndex: "price", align: "right", render: (price) => <Money of={price} /> },
              {
                title: t("renewal"),
                dataIndex: "renewed",
                render: (renewed: boolean) => <Tag color={renewed ? "success" : "warning"}>{t(renewed ? "renewed" : "notRenewed")}</Tag>,
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

