/** The AK/SK pairs that deployments sign their requests with; an SK is shown once, when it is made. */
import { Flex, Form, InputNumber, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useAccount, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AccessKeysQuery } from "@/gql/graphql";
import { CreateAccessKey } from "@/pages/upgrade/keys";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { useShownOnce } from "@/parts/useShownOnce";
import { Instant } from "@/parts/values";
import { LabelField } from "./LicenseList";

const AccessKeysDocument = graphql(`
  query AccessKeys($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      accessKeys(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id ak label createdAt revokedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const RotateAccessKey = graphql(`
  mutation RotateAccessKey($id: ID!, $overlapHours: Int!, $idempotencyKey: String) {
    rotateAccessKey(accessKeyId: $id, overlapHours: $overlapHours, idempotencyKey: $idempotencyKey) {
      ... on RotateAccessKeySuccess { accessKey { id ak } sk }
      ... on Error { code message path }
    }
  }
`);

const RevokeAccessKey = graphql(`
  mutation RevokeAccessKey($id: ID!) {
    revokeAccessKey(accessKeyId: $id) {
      ... on RevokeAccessKeySuccess { accessKey { id revokedAt } }
      ... on Error { code message path }
    }
  }
`);

type Key = NonNullable<AccessKeysQuery["account"]>["accessKeys"]["nodes"][number];

export function AccessKeys() {
  const { t } = useTranslation(["licenses", "common"]);
  const { id } = useAccount();
  const { administers } = useRights();
  return (
    <Flex vertical gap="middle">
      {administers && <Flex justify="end"><CreateKey /></Flex>}
      <Pages
        document={AccessKeysDocument}
        variables={{ id }}
        pick={(data) => data.account?.accessKeys}
        label={t("keys")}
        empty={t("noKeys")}
        columns={[
          { title: t("ak"), dataIndex: "ak", render: (ak) => <Typography.Text copyable code>{ak}</Typography.Text> },
          { title: t("label"), dataIndex: "label" },
          { title: t("createdAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
          { title: t("state"), render: (_, key: Key) => <KeyState revokedAt={key.revokedAt} /> },
          ...(administers ? [{ title: t("common:actions"), render: (_: unknown, key: Key) => <KeyActions accessKey={key} /> }] : []),
        ]}
      />
    </Flex>
  );
}

/** Keys end by the world's clock, also a sandbox account's. */
function KeyState({ revokedAt }: { revokedAt: string | null }) {
  const { t } = useTranslation("licenses");
  if (!revokedAt) return <Tag color="success">{t("works")}</Tag>;
  if (Date.parse(revokedAt) < Date.now()) return <Tag>{t("keyRevoked")}</Tag>;
  return <Tag color="warning">{t("worksUntil")} <Instant at={revokedAt} /></Tag>;
}

function CreateKey() {
  const { t } = useTranslation(["licenses", "common"]);
  const { id } = useAccount();
  const [create] = useAction(CreateAccessKey);
  const showOnce = useShownOnce();
  return (
    <FormButton<{ label: string }>
      type="primary"
      label={t("createKey")}
      send={async (entered, form) => {
        const made = await create({ accountId: id, ...entered }, { form });
        if (made) showOnce({ title: t("keyCreated"), secrets: [{ label: t("ak"), text: made.accessKey.ak }, { label: t("sk"), text: made.sk }] });
        return made;
      }}
    >
      <LabelField />
    </FormButton>
  );
}

function KeyActions({ accessKey }: { accessKey: Key }) {
  const { t } = useTranslation(["licenses", "common"]);
  const [rotate] = useAction(RotateAccessKey);
  const [revoke] = useAction(RevokeAccessKey);
  const showOnce = useShownOnce();
  if (accessKey.revokedAt && Date.parse(accessKey.revokedAt) < Date.now()) return null;
  return (
    <Flex gap="small">
      {!accessKey.revokedAt && (
        <FormButton<{ overlapHours: number }>
          size="small"
          label={t("rotate")}
          initialValues={{ overlapHours: 24 }}
          send={async (entered, form) => {
            const made = await rotate({ id: accessKey.id, ...entered }, { form });
            if (made) showOnce({ title: t("keyCreated"), secrets: [{ label: t("ak"), text: made.accessKey.ak }, { label: t("sk"), text: made.sk }] });
            return made;
          }}
        >
          <Form.Item name="overlapHours" label={t("overlapHours")} extra={t("overlapHelp")} rules={[{ required: true, message: t("common:required") }]}>
            <InputNumber min={0} max={720} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        </FormButton>
      )}
      <ConfirmButton
        size="small"
        danger
        label={t("revoke")}
        question={t("revokeKeyQuestion", { ak: accessKey.ak })}
        consequence={t("revokeKeyText")}
        act={() => revoke({ id: accessKey.id }, { success: t("revoked") })}
      />
    </Flex>
  );
}
