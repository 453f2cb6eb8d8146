/** The endpoints: what each is told, whether it takes it, and what can be done when it did not. */
import { MoreOutlined } from "@ant-design/icons";
import { App, Button, DatePicker, Dropdown, Flex, Form, Input, Select, Switch, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { EndpointsQuery } from "@/gql/graphql";
import { useEventTypes } from "@/pages/account/Events";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";

const EndpointsDocument = graphql(`
  query Endpoints($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      webhookEndpoints(first: $first, after: $after) {
        nodes { id url eventTypes enabled disabledReason formerSecretUntil failures failingSince pausedUntil createdAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const CreateEndpoint = graphql(`
  mutation CreateEndpoint($accountId: ID!, $url: String!, $eventTypes: [String!], $idempotencyKey: String) {
    createWebhookEndpoint(accountId: $accountId, url: $url, eventTypes: $eventTypes, idempotencyKey: $idempotencyKey) {
      ... on CreateWebhookEndpointSuccess { endpoint { id } secret }
      ... on Error { code message path }
    }
  }
`);

const UpdateEndpoint = graphql(`
  mutation UpdateEndpoint($endpointId: ID!, $url: String, $eventTypes: [String!], $enabled: Boolean) {
    updateWebhookEndpoint(endpointId: $endpointId, url: $url, eventTypes: $eventTypes, enabled: $enabled) {
      ... on UpdateWebhookEndpointSuccess { endpoint { id url enabled } }
      ... on Error { code message path }
    }
  }
`);

const RotateSecret = graphql(`
  mutation RotateSecret($endpointId: ID!, $idempotencyKey: String) {
    rotateWebhookSecret(endpointId: $endpointId, idempotencyKey: $idempotencyKey) {
      ... on RotateWebhookSecretSuccess { endpoint { id } secret }
      ... on Error { code message path }
    }
  }
`);

const DeleteEndpoint = graphql(`
  mutation DeleteEndpoint($endpointId: ID!) {
    deleteWebhookEndpoint(endpointId: $endpointId) {
      ... on DeleteWebhookEndpointSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const Ping = graphql(`
  mutation Ping($endpointId: ID!) {
    pingWebhookEndpoint(endpointId: $endpointId) {
      ... on PingWebhookEndpointSuccess { delivered responseStatus responseBody reason }
      ... on Error { code message path }
    }
  }
`);

const Replay = graphql(`
  mutation Replay($endpointId: ID!, $since: DateTime!) {
    replayWebhooks(endpointId: $endpointId, since: $since) {
      ... on ReplayWebhooksSuccess { deliveries }
      ... on Error { code message path }
    }
  }
`);

const Backfill = graphql(`
  mutation Backfill($endpointId: ID!, $since: DateTime!) {
    backfillWebhook(endpointId: $endpointId, since: $since) {
      ... on BackfillWebhookSuccess { deliveries }
      ... on Error { code message path }
    }
  }
`);

type Endpoint = NonNullable<EndpointsQuery["account"]>["webhookEndpoints"]["nodes"][number];

export function Endpoints() {
  const { t } = useTranslation(["webhooks", "common"]);
  const id = useAccountId();
  const { administers } = useRights();
  return (
    <Flex vertical gap="middle">
      {administers && <Flex justify="end"><Create /></Flex>}
      <Pages
        document={EndpointsDocument}
        variables={{ id }}
        pick={(data) => data.account?.webhookEndpoints}
        label={t("endpoints")}
        empty={t("noEndpoints")}
        columns={[
          { title: t("url"), dataIndex: "url" },
          {
            title: t("events"),
            dataIndex: "eventTypes",
            render: (types: string[]) => (types.length ? t("someEvents", { count: types.length }) : t("allEvents")),
          },
          { title: t("state"), render: (_, endpoint: Endpoint) => <State endpoint={endpoint} /> },
          { title: t("createdAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          ...(administers ? [{ title: t("common:actions"), render: (_: unknown, endpoint: Endpoint) => <Actions endpoint={endpoint} /> }] : []),
        ]}
      />
    </Flex>
  );
}

function State({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation("webhooks");
  return (
    <Flex vertical gap={4} align="start">
      {!endpoint.enabled ? (
        <Tag>{t("off")}</Tag>
      ) : endpoint.pausedUntil ? (
        <Tag color="warning">{t("paused")} <Instant at={endpoint.pausedUntil} /></Tag>
      ) : (
        <Tag color="success">{t("on")}</Tag>
      )}
      {endpoint.disabledReason && <Typography.Text type="danger">{endpoint.disabledReason}</Typography.Text>}
      {endpoint.failingSince && (
        <Typography.Text type="danger">{t("failing", { count: endpoint.failures })} <Instant at={endpoint.failingSince} /></Typography.Text>
      )}
      {endpoint.formerSecretUntil && (
        <Typography.Text type="secondary">{t("formerSecret")} <Instant at={endpoint.formerSecretUntil} /></Typography.Text>
      )}
    </Flex>
  );
}

function Fields() {
  const { t } = useTranslation(["webhooks", "common"]);
  const types = useEventTypes();
  return (
    <>
      <Form.Item name="url" label={t("url")} extra={t("urlHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input type="url" placeholder="https://" />
      </Form.Item>
      <Form.Item name="eventTypes" label={t("events")} extra={t("eventsHelp")}>
        <Select
          mode="multiple"
          allowClear
          maxTagCount={6}
          showSearch={{ optionFilterProp: "label" }}
          options={types.map(({ name, description }) => ({ value: name, label: t("common:aside", { what: description, aside: name }) }))}
        />
      </Form.Item>
    </>
  );
}

interface Entered {
  url: string;
  eventTypes?: string[];
}

function Create() {
  const { t } = useTranslation("webhooks");
  const accountId = useAccountId();
  const [create] = useAction(CreateEndpoint);
  const showOnce = useShownOnce();
  return (
    <FormButton<Entered>
      type="primary"
      label={t("create")}
      send={async ({ url, eventTypes }, form) => {
        const made = await create({ accountId, url, eventTypes: eventTypes?.length ? eventTypes : null }, { form });
        if (made) showOnce({ title: t("created"), about: t("secretHelp"), secrets: [{ label: t("secret"), text: made.secret }] });
        return made;
      }}
    >
      <Fields />
    </FormButton>
  );
}

function Actions({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const { modal } = App.useApp();
  const [update] = useAction(UpdateEndpoint);
  const [rotate] = useAction(RotateSecret);
  const [remove] = useAction(DeleteEndpoint);
  const [ping, pinging] = useAction(Ping);
  const showOnce = useShownOnce();
  const endpointId = endpoint.id;

  async function test() {
    const said = await ping({ endpointId });
    if (!said) return;
    const show = said.delivered ? modal.success : modal.error;
    show({
      title: said.delivered ? t("pingTaken") : t("pingRefused"),
      content: (
        <Flex vertical gap="small">
          {said.responseStatus && <span>{t("status", { status: said.responseStatus })}</span>}
          {said.reason && <span>{said.reason}</span>}
          {said.responseBody && <pre className="code">{said.responseBody}</pre>}
        </Flex>
      ),
    });
  }
  const chosen: Record<string, () => void> = {
    rotate: () =>
      modal.confirm({
        title: t("rotateQuestion"),
        content: t("rotateText"),
        onOk: async () => {
          const made = await rotate({ endpointId });
          if (made) showOnce({ title: t("rotated"), about: t("secretHelp"), secrets: [{ label: t("secret"), text: made.secret }] });
        },
      }),
    remove: () =>
      modal.confirm({
        title: t("deleteQuestion"),
        content: t("deleteText", { url: endpoint.url }),
        okButtonProps: { danger: true },
        onOk: () => remove({ endpointId }),
      }),
  };
  return (
    <Flex gap="small" align="center">
      <Switch
        aria-label={t("enabled")}
        checked={endpoint.enabled}
        onChange={(enabled) => update({ endpointId, enabled }, { success: t("common:saved") })}
      />
      <Button size="small" loading={pinging} onClick={test}>{t("ping")}</Button>
      <FormButton<Entered>
        size="small"
        label={t("edit")}
        initialValues={{ url: endpoint.url, eventTypes: endpoint.eventTypes }}
        send={({ url, eventTypes = [] }, form) => update({ endpointId, url, eventTypes }, { form, success: t("common:saved") })}
      >
        <Fields />
      </FormButton>
      <Again endpointId={endpointId} />
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [{ key: "rotate", label: t("rotate") }, { key: "remove", label: t("common:remove"), danger: true }],
          onClick: ({ key }) => chosen[key]?.(),
        }}
      >
        <Button size="small" icon={<MoreOutlined />} aria-label={t("more")} />
      </Dropdown>
    </Flex>
  );
}

/** Telling an endpoint again of what it was told, or of what it was never told. */
function Again({ endpointId }: { endpointId: string }) {
  const { t } = useTranslation(["webhooks", "common"]);
  const { message } = App.useApp();
  const [replay] = useAction(Replay);
  const [backfill] = useAction(Backfill);
  return (
    <FormButton<{ what: "replay" | "backfill"; since: { toISOString(): string } }>
      size="small"
      label={t("again")}
      initialValues={{ what: "replay" }}
      send={async ({ what, since }, form) => {
        const done = await (what === "replay" ? replay : backfill)({ endpointId, since: since.toISOString() }, { form });
        if (done) message.success(t("resent", { count: done.deliveries }));
        return done;
      }}
    >
      <Form.Item name="what" label={t("what")} required>
        <Select options={(["replay", "backfill"] as const).map((what) => ({ value: what, label: t(what) }))} />
      </Form.Item>
      <Form.Item name="since" label={t("since")} rules={[{ required: true, message: t("common:required") }]}>
        <DatePicker showTime style={{ width: "100%" }} />
      </Form.Item>
    </FormButton>
  );
}
