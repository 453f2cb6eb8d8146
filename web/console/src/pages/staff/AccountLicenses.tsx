/** An account's licenses and deployments, which staff may suspend one by one. */
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { AccountLicensesQuery, AccountDeploymentsQuery, EditionKey, LicenseState } from "@/gql/graphql";
import { Pages } from "@/parts/Pages";
import { Count, Instant } from "@/parts/values";
import { SuspendButton } from "./SuspendButton";

const AccountLicensesList = graphql(`
  query AccountLicenses($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      licenses(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id label edition state dkLimit createdAt expiresAt deployment { id fingerprint } suspension { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const AccountDeploymentsList = graphql(`
  query AccountDeployments($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      deployments(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id fingerprint dataGatewayUrl createdAt lastSeenAt suspension { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type License = NonNullable<AccountLicensesQuery["account"]>["licenses"]["nodes"][number];
type Deployment = NonNullable<AccountDeploymentsQuery["account"]>["deployments"]["nodes"][number];
const COLOURS: Record<LicenseState, string> = { CREATED: "processing", ACTIVE: "success", EXPIRED: "default", REVOKED: "error" };

export function AccountLicenses({ id }: { id: string }) {
  const { t } = useTranslation(["staff", "common"]);
  const { may } = useStaff();
  const suspends = may("ACCOUNT_MANAGER", "OPERATOR");
  const suspended = ({ suspension }: { suspension: { id: string } | null }) => suspension && <Tag color="error">{t("suspendedByStaff")}</Tag>;
  const actions = (each: { id: string; suspension: { id: string } | null }) => (
    <SuspendButton size="small" subjectId={each.id} suspended={each.suspension !== null} help={t("suspendHelp")} />
  );
  return (
    <Flex vertical gap="middle">
      <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>{t("licensesOf")}</Typography.Title>
      <Pages
        document={AccountLicensesList}
        variables={{ id }}
        pick={(data) => data.account?.licenses}
        label={t("licensesOf")}
        empty={t("noLicenses")}
        columns={[
          { title: t("name"), dataIndex: "label" },
          { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
          {
            title: t("state"),
            dataIndex: "state",
            render: (state: LicenseState, each: License) => <><Tag color={COLOURS[state]}>{t(`licenseState.${state}`)}</Tag>{suspended(each)}</>,
          },
          { title: t("dkLimit"), dataIndex: "dkLimit", align: "right", render: (limit: number) => (limit < 0 ? t("noLimit") : <Count of={limit} />) },
          { title: t("deployment"), dataIndex: ["deployment", "fingerprint"], render: (fingerprint) => fingerprint ?? "—" },
          { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => (at ? <Instant at={at} /> : t("noEnd")) },
          ...(suspends ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: License) => each.state !== "REVOKED" && actions(each) }] : []),
        ]}
      />
      <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>{t("deployments")}</Typography.Title>
      <Pages
        document={AccountDeploymentsList}
        variables={{ id }}
        pick={(data) => data.account?.deployments}
        label={t("deployments")}
        empty={t("noDeployments")}
        columns={[
          { title: t("fingerprint"), dataIndex: "fingerprint", render: (fingerprint: string, each: Deployment) => <>{fingerprint} {suspended(each)}</> },
          { title: t("gateway"), dataIndex: "dataGatewayUrl" },
          { title: t("activatedAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("lastSeenAt"), dataIndex: "lastSeenAt", render: (at) => <Instant at={at} /> },
          ...(suspends ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Deployment) => actions(each) }] : []),
        ]}
      />
    </Flex>
  );
}
