/** Everything that was told by webhook and e-mail, what was answered, and sending it again. */
import { Button, Flex, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { DeliveriesQuery, DeliveryState } from "@/gql/graphql";
import { useEventTypes } from "@/pages/account/Events";
import { Facts } from "@/parts/Facts";
import { Filter } from "@/parts/Filter";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";

const DeliveriesDocument = graphql(`
  query Deliveries($id: ID!, $first: Int, $after: String, $state: DeliveryState, $endpointId: ID) {
    account(id: $id) {
      id
      deliveries(first: $first, after: $after, order: NEWEST_FIRST, state: $state, endpointId: $endpointId) {
        nodes {
          id eventType recipient state attempts reason responseStatus responseBody attemptedAt nextAttemptAt deliveredAt
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const EndpointNames = graphql(`
  query EndpointNames($id: ID!) { account(id: $id) { id webhookEndpoints(first: 100) { nodes { id url } } } }
`);

const Redeliver = graphql(`
  mutation Redeliver($deliveryId: ID!) {
    redeliverWebhook(deliveryId: $deliveryId) {
      ... on RedeliverWebhookSuccess { delivery { id state } }
      ... on Error { code message path }
    }
  }
`);

type Delivery = NonNullable<DeliveriesQuery["account"]>["deliveries"]["nodes"][number];

const STATES: Record<DeliveryState, string> = { PENDING: "processing", DELIVERED: "success", FAILED: "error" };

export function Deliveries() {
  const { t } = useTranslation(["webhooks", "common"]);
  const id = useAccountId();
  const { administers } = useRights();
  const types = useEventTypes();
  const [filters, setFilters] = useState<{ state?: DeliveryState; endpointId?: string }>({});
  const [{ data: names }] = useQuery({ query: EndpointNames, variables: { id } });
  return (
    <Flex vertical gap="middle">
      <Flex gap="small" wrap>
        <Filter
          label={t("endpoint")}
          style={{ flex: "1 1 240px", maxWidth: 420 }}
          options={names?.account?.webhookEndpoints.nodes.map((endpoint) => ({ value: endpoint.id, label: endpoint.url }))}
          onChange={(endpointId) => setFilters({ ...filters, endpointId })}
        />
        <Filter
          label={t("state")}
          options={(Object.keys(STATES) as DeliveryState[]).map((state) => ({ value: state, label: t(`deliveryState.${state}`) }))}
          onChange={(state) => setFilters({ ...filters, state })}
        />
      </Flex>
      <Pages
        document={DeliveriesDocument}
        variables={{ id, ...filters }}
        pick={(data) => data.account?.deliveries}
        label={t("deliveries")}
        empty={t("noDeliveries")}
        expandable={{ expandedRowRender: (delivery: Delivery) => <Answer delivery={delivery} /> }}
        columns={[
          { title: t("event"), dataIndex: "eventType", render: (type) => types.find(({ name }) => name === type)?.description ?? type },
          { title: t("recipient"), dataIndex: "recipient" },
          { title: t("state"), dataIndex: "state", render: (state: DeliveryState) => <Tag color={STATES[state]}>{t(`deliveryState.${state}`)}</Tag> },
          { title: t("response"), dataIndex: "responseStatus", render: (status) => status ?? "—" },
          { title: t("attempts"), dataIndex: "attempts", align: "right" },
          { title: t("attemptedAt"), dataIndex: "attemptedAt", render: (at) => <Instant at={at} /> },
          ...(administers
            ? [{ title: t("common:actions"), render: (_: unknown, delivery: Delivery) => delivery.recipient.startsWith("http") && <Resend delivery={delivery} /> }]
            : []),
        ]}
      />
    </Flex>
  );
}

function Resend({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("webhooks");
  const [redeliver, sending] = useAction(Redeliver);
  return (
    <Button size="small" loading={sending} onClick={() => redeliver({ deliveryId: delivery.id }, { success: t("queued") })}>
      {t("resend")}
    </Button>
  );
}

function Answer({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("webhooks");
  return (
    <Flex vertical gap="small">
      <Facts
        facts={[
          [t("type"), <code>{delivery.eventType}</code>],
          [t("deliveredAt"), delivery.deliveredAt && <Instant at={delivery.deliveredAt} />],
          [t("nextAttemptAt"), delivery.nextAttemptAt && <Instant at={delivery.nextAttemptAt} />],
          [t("reason"), delivery.reason],
        ]}
      />
      {delivery.responseBody && <pre className="code" tabIndex={0} aria-label={t("response")}>{delivery.responseBody}</pre>}
    </Flex>
  );
}
