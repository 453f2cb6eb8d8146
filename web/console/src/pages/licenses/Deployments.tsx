/** The installations that a license was activated on, and what is carried to and from those without a network. */
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccount, useRights } from "@/app/account";
import { graphql } from "@/gql";
import type { DeploymentsQuery } from "@/gql/graphql";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { ActivateOffline, ImportUsage } from "./Offline";

const DeploymentsDocument = graphql(`
  query Deployments($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      deployments(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id fingerprint dataGatewayUrl dialingTest createdAt lastSeenAt suspension { id reason } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Deployment = NonNullable<DeploymentsQuery["account"]>["deployments"]["nodes"][number];

export function Deployments() {
  const { t } = useTranslation(["licenses", "common"]);
  const { id } = useAccount();
  const { administers } = useRights();
  return (
    <Flex vertical gap="middle">
      {administers && (
        <Flex justify="end" gap="small" wrap>
          <ActivateOffline />
          <ImportUsage />
        </Flex>
      )}
      <Pages
        document={DeploymentsDocument}
        variables={{ id }}
        pick={(data) => data.account?.deployments}
        label={t("deployments")}
        empty={t("noDeployments")}
        columns={[
          {
            title: t("fingerprint"),
            dataIndex: "fingerprint",
            render: (fingerprint, { suspension }: Deployment) => (
              <>
                <Typography.Text copyable>{fingerprint}</Typography.Text>
                {suspension && <div><Tag color="warning">{t("suspendedBecause", { reason: suspension.reason })}</Tag></div>}
              </>
            ),
          },
          { title: t("gateway"), dataIndex: "dataGatewayUrl" },
          { title: t("dialingTest"), dataIndex: "dialingTest", render: (on: boolean) => t(on ? "on" : "off") },
          { title: t("activatedAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("lastSeenAt"), dataIndex: "lastSeenAt", render: (at) => <Instant at={at} /> },
        ]}
      />
    </Flex>
  );
}
