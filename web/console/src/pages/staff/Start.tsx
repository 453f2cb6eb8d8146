/** Where staff begin: what waits for them, by their roles. */
import { Card, Col, Flex, Row, Tag, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { accountPath, Sandboxes, useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Day, Instant, Money } from "@/parts/values";

const WaitingApplications = graphql(`
  query WaitingApplications {
    applications(state: SUBMITTED, first: 5) {
      totalCount
      nodes { id account { id name } edition submittedAt }
    }
  }
`);

const WaitingTopUps = graphql(`
  query WaitingTopUps($sandboxes: Boolean!) {
    topUps(state: REQUESTED, sandboxes: $sandboxes, first: 5) {
      totalCount
      nodes { id amount { amount currency } requestedAt account { id name } }
    }
  }
`);

const WaitingInvoices = graphql(`
  query WaitingInvoices($sandboxes: Boolean!) {
    invoices(state: REQUESTED, sandboxes: $sandboxes, first: 5) {
      totalCount
      nodes { id title amount { amount currency } requestedAt }
    }
  }
`);

const WaitingSettlements = graphql(`
  query WaitingSettlements($sandboxes: Boolean!) {
    settlements(state: NEEDS_ATTENTION, sandboxes: $sandboxes, first: 5) {
      totalCount
      nodes { id account { id name } charge { id day amount { amount currency } } }
    }
  }
`);

const WaitingCases = graphql(`
  query WaitingCases($sandboxes: Boolean!) {
    reconciliationCases(sandboxes: $sandboxes, first: 5) {
      totalCount
      nodes { id kind channel openedAt account { id name } }
    }
  }
`);

const WaitingVerifications = graphql(`
  query WaitingVerifications($sandboxes: Boolean!) {
    companyVerifications(state: SUBMITTED, sandboxes: $sandboxes, first: 5) {
      totalCount
      nodes { id name taxNumber submittedAt }
    }
  }
`);

const WaitingContracts = graphql(`
  query WaitingContracts($sandboxes: Boolean!) {
    contractsEnding(within: 30, sandboxes: $sandboxes, first: 100) {
      nodes { contractId account { id name } endsOn renewed }
    }
  }
`);

const WaitingChannels = graphql(`
  query WaitingChannels {
    settlementChannels { key name health reason }
  }
`);

export default function Start() {
  const { t } = useTranslation(["staff", "common"]);
  const { reads, sandboxes } = useStaff();
  return (
    <Page title={t("menu.start")} about={t("startAbout")} actions={<Sandboxes />}>
      <Row gutter={[16, 16]}>
        {reads("ACCOUNT_MANAGER") && (
          <Waiting to="applications" title={t("waiting.applications")}>
            <Loaded document={WaitingApplications} variables={{}}>
              {({ applications }) => (
                <Rows
                  count={applications.totalCount}
                  rows={applications.nodes.map((each) => ({
                    key: each.id,
                    name: <Link to={`/staff/applications?open=${encodeURIComponent(each.id)}`}>{each.account.name}</Link>,
                    about: t(`common:edition.${each.edition}`),
                    at: <Instant at={each.submittedAt} />,
                  }))}
                />
              )}
            </Loaded>
          </Waiting>
        )}
        {reads("FINANCE") && (
          <>
            <Waiting to="top-ups" title={t("waiting.topUps")}>
              <Loaded document={WaitingTopUps} variables={{ sandboxes }}>
                {({ topUps }) => (
                  <Rows
                    count={topUps.totalCount}
                    rows={topUps.nodes.map((each) => ({
                      key: each.id,
                      name: <Link to={accountPath(each.account.id)}>{each.account.name}</Link>,
                      about: <Money of={each.amount} />,
                      at: <Instant at={each.requestedAt} />,
                    }))}
                  />
                )}
              </Loaded>
            </Waiting>
            <Waiting to="invoices" title={t("waiting.invoices")}>
              <Loaded document={WaitingInvoices} variables={{ sandboxes }}>
                {({ invoices }) => (
                  <Rows
                    count={invoices.totalCount}
                    rows={invoices.nodes.map((each) => ({
                      key: each.id,
                      name: each.title,
                      about: <Money of={each.amount} />,
                      at: <Instant at={each.requestedAt} />,
                    }))}
                  />
                )}
              </Loaded>
            </Waiting>
            <Waiting to="settlements" title={t("waiting.settlements")}>
              <Loaded document={WaitingSettlements} variables={{ sandboxes }}>
                {({ settlements }) => (
                  <Rows
                    urgent
                    count={settlements.totalCount}
                    rows={settlements.nodes.map((each) => ({
                      key: each.id,
                      name: <Link to={accountPath(each.account.id)}>{each.account.name}</Link>,
                      about: <Money of={each.charge.amount} />,
                      at: <Day of={each.charge.day} />,
                    }))}
                  />
                )}
              </Loaded>
            </Waiting>
            <Waiting to="cases" title={t("waiting.cases")}>
              <Loaded document={WaitingCases} variables={{ sandboxes }}>
                {({ reconciliationCases }) => (
                  <Rows
                    urgent
                    count={reconciliationCases.totalCount}
                    rows={reconciliationCases.nodes.map((each) => ({
                      key: each.id,
                      name: each.account ? <Link to={accountPath(each.account.id)}>{each.account.name}</Link> : each.channel,
                      about: t(`caseKind.${each.kind}`),
                      at: <Instant at={each.openedAt} />,
                    }))}
                  />
                )}
              </Loaded>
            </Waiting>
            <Waiting to="verifications" title={t("waiting.verifications")}>
              <Loaded document={WaitingVerifications} variables={{ sandboxes }}>
                {({ companyVerifications }) => (
                  <Rows
                    count={companyVerifications.totalCount}
                    rows={companyVerifications.nodes.map((each) => ({
                      key: each.id,
                      name: each.name,
                      about: each.taxNumber,
                      at: <Instant at={each.submittedAt} />,
                    }))}
                  />
                )}
              </Loaded>
            </Waiting>
          </>
        )}
        {reads("ACCOUNT_MANAGER", "FINANCE") && (
          <Waiting to={reads("ACCOUNT_MANAGER") ? "applications" : "revenue"} title={t("waiting.contracts")}>
            <Loaded document={WaitingContracts} variables={{ sandboxes }}>
              {({ contractsEnding }) => {
                const open = contractsEnding.nodes.filter(({ renewed }) => !renewed);
                return (
                  <Rows
                    count={open.length}
                    rows={open.slice(0, 5).map((each) => ({
                      key: each.contractId,
                      name: <Link to={accountPath(each.account.id)}>{each.account.name}</Link>,
                      at: <Day of={each.endsOn} />,
                    }))}
                  />
                );
              }}
            </Loaded>
          </Waiting>
        )}
        {reads("OPERATOR") && (
          <Waiting to="channels" title={t("waiting.channels")}>
            <Loaded document={WaitingChannels} variables={{}}>
              {({ settlementChannels }) => {
                const ill = settlementChannels.filter(({ health }) => health === "UNHEALTHY" || health === "FAILED");
                return (
                  <Rows
                    urgent
                    count={ill.length}
                    rows={ill.map((each) => ({ key: each.key, name: each.name ?? each.key, about: each.reason }))}
                  />
                );
              }}
            </Loaded>
          </Waiting>
        )}
      </Row>
    </Page>
  );
}

function Waiting({ title, to, children }: { title: string; to: string; children: ReactNode }) {
  const { t } = useTranslation("staff");
  return (
    <Col xs={24} md={12} xxl={8}>
      <Card
        size="small"
        title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{title}</h2>}
        extra={<Link to={`/staff/${to}`} aria-label={`${t("all")}: ${title}`}>{t("all")}</Link>}
        style={{ height: "100%" }}
      >
        {children}
      </Card>
    </Col>
  );
}

interface RowsProps {
  count: number;
  /** Whether something is wrong while there are any. */
  urgent?: boolean;
  rows: { key: string; name: ReactNode; about?: ReactNode; at?: ReactNode }[];
}

function Rows({ count, urgent, rows }: RowsProps) {
  const { t } = useTranslation("staff");
  if (!count) return <Typography.Text type="secondary">{t("nothingWaits")}</Typography.Text>;
  return (
    <Flex vertical gap={8}>
      <div>
        <Tag color={urgent ? "error" : "processing"}>{t("count", { count })}</Tag>
      </div>
      {rows.map(({ key, name, about, at }) => (
        <Flex key={key} justify="space-between" gap="middle">
          <Typography.Text ellipsis style={{ flex: "1 1 0" }}>{name}</Typography.Text>
          {about && <Typography.Text type="secondary" ellipsis style={{ flex: "0 1 auto" }}>{about}</Typography.Text>}
          {at && <Typography.Text type="secondary" style={{ whiteSpace: "nowrap" }}>{at}</Typography.Text>}
        </Flex>
      ))}
    </Flex>
  );
}
