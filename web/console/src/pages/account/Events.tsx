/** Everything that happened to the account, the newest first, by type and time; it goes on as things happen. */
import { Card, Collapse, DatePicker, Empty, Flex, Select, Skeleton, Timeline, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useAccountId } from "@/app/account";
import { graphql } from "@/gql";
import type { EventsPageQuery } from "@/gql/graphql";
import { Page } from "@/parts/Page";
import { usePages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { useDetails } from "./details";

const EventsPage = graphql(`
  query EventsPage($id: ID!, $first: Int, $after: String, $types: [String!], $since: DateTime, $until: DateTime) {
    account(id: $id) {
      id
      events(first: $first, after: $after, order: NEWEST_FIRST, types: $types, since: $since, until: $until) {
        nodes { id type actorKind actor at before after reason }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const EventTypes = graphql(`
  query EventTypes { eventTypes { name description emailed } }
`);

type Event = NonNullable<EventsPageQuery["account"]>["events"]["nodes"][number];

/** What somebody should see to; the text says so, too. */
const URGENT = /in_arrears|account\.(suspended|locked|lock_ending|final_notice|service_ended)|needs_attention|lapsed|limit_exceeded|balance\.low|disabled|declined|rejected|suspension\.began/;
const WELCOME = /took_effect|activated|settled|confirmed|accepted|reinstated|unlocked|verified|issued|started/;

export function useEventTypes() {
  const [{ data }] = useQuery({ query: EventTypes, requestPolicy: "cache-first" });
  return data?.eventTypes ?? [];
}

export default function Events() {
  const { t } = useTranslation("events");
  const id = useAccountId();
  const types = useEventTypes();
  const [filters, setFilters] = useState<{ types?: string[]; since?: string; until?: string }>({});
  const { rows, waiting, failure, turn } = usePages({ document: EventsPage, variables: { id, ...filters }, pick: (data) => data.account?.events });
  return (
    <Page title={t("title")} about={t("about")}>
      <Flex gap="small" wrap>
        <Select
          mode="multiple"
          allowClear
          aria-label={t("types")}
          placeholder={t("types")}
          maxTagCount="responsive"
          style={{ flex: "1 1 260px", maxWidth: 480 }}
          showSearch={{ optionFilterProp: "label" }}
          options={types.map(({ name, description }) => ({ value: name, label: description }))}
          onChange={(chosen: string[]) => setFilters({ ...filters, types: chosen.length ? chosen : undefined })}
        />
        <DatePicker.RangePicker
          aria-label={t("time")}
          onChange={(days) =>
            setFilters({ ...filters, since: days?.[0]?.startOf("day").toISOString(), until: days?.[1]?.endOf("day").toISOString() })
          }
        />
      </Flex>
      {failure ?? (
        <Card size="small">
          {waiting && <Skeleton active />}
          {!waiting && !rows.length && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("noEvents")} />}
          <Timeline
            style={{ paddingTop: 12 }}
            items={rows.map((event) => ({
              key: event.id,
              color: URGENT.test(event.type) ? "red" : WELCOME.test(event.type) ? "green" : "blue",
              content: <Happened event={event} description={types.find(({ name }) => name === event.type)?.description} />,
            }))}
          />
          {turn}
        </Card>
      )}
    </Page>
  );
}

function Happened({ event, description }: { event: Event; description?: string }) {
  const { t } = useTranslation("events");
  const details = useDetails(event);
  const whole = { type: event.type, ...(event.before ? { before: event.before } : {}), ...(event.after ? { after: event.after } : {}) };
  return (
    <Flex vertical gap={2}>
      <Flex justify="space-between" gap="small" wrap>
        <Typography.Text strong>{description ?? event.type}</Typography.Text>
        <Typography.Text type="secondary"><Instant at={event.at} /></Typography.Text>
      </Flex>
      {details.length > 0 && <Typography.Text>{details.join(" · ")}</Typography.Text>}
      {event.reason && <Typography.Text>{t("because", { reason: event.reason })}</Typography.Text>}
      <Collapse
        ghost
        size="small"
        items={[{
          key: "whole",
          label: <Typography.Text type="secondary">{t("by", { kind: t(`actor.${event.actorKind}`, { defaultValue: event.actorKind }), name: event.actor })}</Typography.Text>,
          children: <pre className="code" tabIndex={0} aria-label={t("data")}>{JSON.stringify(whole, null, 2)}</pre>,
          styles: { header: { padding: 0 } },
        }]}
      />
    </Flex>
  );
}
