/** Every license with its state and its DataKits against the limit; one that is pressed is shown in full. */
import { Button, Drawer, Flex, Form, Input, Progress, Select, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useQuery } from "urql";
import { useAccount, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { LicenseListQuery, LicenseState } from "@/gql/graphql";
import { CreateLicense } from "@/pages/upgrade/keys";
import { Filter } from "@/parts/Filter";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { formatDay, Instant } from "@/parts/values";
import { LicenseDetails } from "./LicenseDetails";

const LicenseListDocument = graphql(`
  query LicenseList($id: ID!, $first: Int, $after: String, $state: LicenseState) {
    account(id: $id) {
      id
      licenses(first: $first, after: $after, order: NEWEST_FIRST, state: $state) {
        nodes {
          id label edition state expiresAt revokeAt
          suspension { id }
          dkUsage { limit connected exceeded }
          deployment { id fingerprint }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const LicensableContracts = graphql(`
  query LicensableContracts($id: ID!) {
    account(id: $id) {
      id
      contracts(first: 20, order: NEWEST_FIRST) { nodes { id edition state startsOn endsOn } }
    }
  }
`);

const CreateCommunityLicense = graphql(`
  mutation CreateCommunityLicense($accountId: ID!, $label: String!, $productVersion: String, $idempotencyKey: String) {
    createCommunityLicense(
      accountId: $accountId, label: $label, productVersion: $productVersion, idempotencyKey: $idempotencyKey
    ) {
      ... on CreateCommunityLicenseSuccess { license { id } }
      ... on Error { code message path }
    }
  }
`);

type License = NonNullable<LicenseListQuery["account"]>["licenses"]["nodes"][number];

const STATES: Record<LicenseState, string> = { CREATED: "processing", ACTIVE: "success", EXPIRED: "default", REVOKED: "error" };

export function LicenseStateTag({ license }: { license: { state: LicenseState; suspension: object | null } }) {
  const { t } = useTranslation("licenses");
  return (
    <>
      <Tag color={STATES[license.state]}>{t(`licenseState.${license.state}`)}</Tag>
      {license.suspension && <Tag color="warning">{t("suspended")}</Tag>}
    </>
  );
}

export function LicenseList() {
  const { t } = useTranslation(["licenses", "common"]);
  const { id, clock } = useAccount();
  const { administers } = useRights();
  const [state, setState] = useState<LicenseState>();
  const [shown, setShown] = useState<string>();
  return (
    <Flex vertical gap="middle">
      <Flex justify="space-between" gap="small" wrap>
        <Filter
          label={t("state")}
          options={(Object.keys(STATES) as LicenseState[]).map((each) => ({ value: each, label: t(`licenseState.${each}`) }))}
          onChange={setState}
        />
        {administers && <Create onCreated={setShown} />}
      </Flex>
      <Pages
        document={LicenseListDocument}
        variables={{ id, state }}
        pick={(data) => data.account?.licenses}
        label={t("licenses")}
        empty={t("noLicenses")}
        columns={[
          {
            title: t("label"),
            dataIndex: "label",
            render: (label, license: License) => (
              <Button type="link" style={{ padding: 0 }} onClick={() => setShown(license.id)}>{label}</Button>
            ),
          },
          { title: t("edition"), dataIndex: "edition", render: (edition: License["edition"]) => t(`common:edition.${edition}`) },
          { title: t("state"), render: (_, license) => <LicenseStateTag license={license} /> },
          { title: t("dataKits"), render: (_, { dkUsage }) => <Used usage={dkUsage} /> },
          { title: t("deployment"), render: (_, { deployment }) => deployment?.fingerprint ?? "—" },
          {
            title: t("expiresAt"),
            render: (_, { expiresAt, revokeAt }) =>
              revokeAt ? <>{t(Date.parse(revokeAt) > Date.parse(clock) ? "revokedFrom" : "revokedBy")} <Instant at={revokeAt} /></> : expiresAt ? <Instant at={expiresAt} /> : t("noEnd"),
          },
        ]}
      />
      <Drawer open={!!shown} size={640} title={t("details")} onClose={() => setShown(undefined)} destroyOnHidden>
        {shown && <LicenseDetails id={shown} />}
      </Drawer>
    </Flex>
  );
}

/** How many DataKits are connected, of how many: a bar where there is a limit, red beyond it. */
export function Used({ usage }: { usage: License["dkUsage"] }) {
  const { t } = useTranslation("licenses");
  if (usage.limit < 0) return <>{t("connected", { count: usage.connected })}</>;
  return (
    <Flex vertical style={{ minWidth: 120 }}>
      <Typography.Text type={usage.exceeded ? "danger" : undefined}>
        {usage.connected} / {usage.limit}{usage.exceeded && ` (${t("exceeded")})`}
      </Typography.Text>
      <Progress
        aria-label={t("dataKits")}
        percent={Math.min(100, Math.round((usage.connected / Math.max(1, usage.limit)) * 100))}
        status={usage.exceeded ? "exception" : "normal"}
        showInfo={false}
        size="small"
      />
    </Flex>
  );
}

function Create({ onCreated }: { onCreated: (id: string) => void }) {
  const { edition } = useAccount();
  return edition === "COMMUNITY" ? (
    <Flex gap="small" wrap>
      <CreateCommunity onCreated={onCreated} />
      <CreateCommercial onCreated={onCreated} />
    </Flex>
  ) : (
    <CreateCommercial onCreated={onCreated} />
  );
}

function CreateCommercial({ onCreated }: { onCreated: (id: string) => void }) {
  const { t, i18n } = useTranslation(["licenses", "common"]);
  const { id, edition } = useAccount();
  const [asked] = useSearchParams();
  const [create] = useAction(CreateLicense);
  const [{ data }] = useQuery({ query: LicensableContracts, variables: { id } });
  const day = (of: string) => formatDay(of, i18n.language);
  const contracts = data?.account?.contracts.nodes.filter(({ state }) => state !== "ENDED") ?? [];
  if (!data || (edition === "COMMUNITY" && !contracts.length)) return null;
  const wanted = contracts.find((contract) => contract.id === asked.get("contract"));
  return (
    <FormButton<{ label: string; fingerprint?: string; contractId?: string }>
      type="primary"
      label={t("create")}
      opened={!!wanted}
      initialValues={{ contractId: wanted?.id }}
      send={async (entered, form) => {
        const made = await create({ accountId: id, ...entered }, { form });
        if (made) onCreated(made.license.id);
        return made;
      }}
    >
      <LabelField />
      {contracts.length > 0 && (
        <Form.Item name="contractId" label={t("contract")} extra={t("contractHelp")}>
          <Select
            allowClear
            options={contracts.map((contract) => ({
              value: contract.id,
              label: t("contractOf", { edition: t(`common:edition.${contract.edition}`), from: day(contract.startsOn), to: day(contract.endsOn) }),
            }))}
          />
        </Form.Item>
      )}
      <Form.Item name="fingerprint" label={t("boundTo")} extra={t("boundToHelp")}>
        <Input maxLength={128} />
      </Form.Item>
    </FormButton>
  );
}

function CreateCommunity({ onCreated }: { onCreated: (id: string) => void }) {
  const { t } = useTranslation(["licenses", "common"]);
  const { id } = useAccount();
  const [create] = useAction(CreateCommunityLicense);
  return (
    <FormButton<{ label: string; productVersion?: string }>
      label={t("createCommunity")}
      send={async (entered, form) => {
        const made = await create({ accountId: id, ...entered }, { form });
        if (made) onCreated(made.license.id);
        return made;
      }}
    >
      <LabelField />
      <Form.Item name="productVersion" label={t("productVersion")} extra={t("productVersionHelp")}>
        <Input maxLength={50} />
      </Form.Item>
    </FormButton>
  );
}

export function LabelField() {
  const { t } = useTranslation(["licenses", "common"]);
  return (
    <Form.Item name="label" label={t("label")} extra={t("labelHelp")} rules={[{ required: true, message: t("common:required") }]}>
      <Input maxLength={200} />
    </Form.Item>
  );
}
