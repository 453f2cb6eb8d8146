/** One license: its text to copy, what it says, and what can be done with it. */
import { Alert, Flex, Form, Input, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { LicenseDetailsQuery } from "@/gql/graphql";
import { Copied } from "@/parts/Copied";
import { Facts } from "@/parts/Facts";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Instant } from "@/parts/values";
import { LabelField, LicenseStateTag, Used } from "./LicenseList";

const LicenseDetailsDocument = graphql(`
  query LicenseDetails($id: ID!) {
    node(id: $id) {
      id
      ... on License {
        text label edition state keyId features boundTo reservedFor createdAt notBefore expiresAt productVersion
        maintenanceUntil activatedAt revokeAt revokedAt revokeReason versionUpgradeAllowed
        suspension { id reason }
        dkUsage { limit connected hour exceeded notice }
        deployment { id fingerprint }
      }
    }
  }
`);

const RenameLicense = graphql(`
  mutation RenameLicense($licenseId: ID!, $label: String!) {
    renameLicense(licenseId: $licenseId, label: $label) {
      ... on RenameLicenseSuccess { license { id label } }
      ... on Error { code message path }
    }
  }
`);

const RotateLicense = graphql(`
  mutation RotateLicense($licenseId: ID!, $idempotencyKey: String) {
    rotateLicense(licenseId: $licenseId, idempotencyKey: $idempotencyKey) {
      ... on RotateLicenseSuccess { license { id } replaced { id revokeAt } }
      ... on Error { code message path }
    }
  }
`);

const TransferLicense = graphql(`
  mutation TransferLicense($licenseId: ID!, $toFingerprint: String!) {
    transferLicense(licenseId: $licenseId, toFingerprint: $toFingerprint) {
      ... on TransferLicenseSuccess { license { id reservedFor } }
      ... on Error { code message path }
    }
  }
`);

const RevokeLicense = graphql(`
  mutation RevokeLicense($licenseId: ID!, $reason: String!) {
    revokeLicense(licenseId: $licenseId, reason: $reason) {
      ... on RevokeLicenseSuccess { license { id state } }
      ... on Error { code message path }
    }
  }
`);

type License = Extract<NonNullable<LicenseDetailsQuery["node"]>, { __typename: "License" }>;

export function LicenseDetails({ id }: { id: string }) {
  return (
    <Loaded document={LicenseDetailsDocument} variables={{ id }}>
      {({ node }) => node?.__typename === "License" && <Details license={node} />}
    </Loaded>
  );
}

function Details({ license }: { license: License }) {
  const { t } = useTranslation(["licenses", "common"]);
  const { administers } = useRights();
  const works = license.state === "CREATED" || license.state === "ACTIVE";
  return (
    <Flex vertical gap="middle">
      {license.suspension && <Alert type="warning" showIcon title={t("suspendedBecause", { reason: license.suspension.reason })} />}
      {license.dkUsage.notice && <Alert type="warning" showIcon title={license.dkUsage.notice} />}
      {works && <Copied label={t("text")} text={license.text} rows={6} />}
      <Facts
        column={1}
        facts={[
          [t("label"), license.label],
          [t("edition"), t(`common:edition.${license.edition}`)],
          [t("state"), <LicenseStateTag license={license} />],
          [t("dataKits"), <Used usage={license.dkUsage} />],
          [t("deployment"), license.deployment?.fingerprint],
          [t("boundTo"), license.boundTo],
          [t("reservedFor"), license.reservedFor],
          [t("features"), <Flex gap={4} wrap>{license.features.map((name) => <Tag key={name}>{t(`feature.${name}`, { defaultValue: name })}</Tag>)}</Flex>],
          [t("productVersion"), license.productVersion],
          [t("maintenanceUntil"), license.maintenanceUntil && <Instant at={license.maintenanceUntil} />],
          [t("versionUpgrade"), t(license.versionUpgradeAllowed ? "allowed" : "notAllowed")],
          [t("createdAt"), <Instant at={license.createdAt} />],
          [t("notBefore"), <Instant at={license.notBefore} />],
          [t("activatedAt"), license.activatedAt && <Instant at={license.activatedAt} />],
          [t("expiresAt"), license.expiresAt ? <Instant at={license.expiresAt} /> : t("noEnd")],
          [t("revokeAt"), license.revokeAt && <Instant at={license.revokeAt} />],
          [t("revokedAt"), license.revokedAt && <Instant at={license.revokedAt} />],
          [t("reason"), license.revokeReason],
          [t("keyId"), <code>{license.keyId}</code>],
        ]}
      />
      {administers && works && <Actions license={license} />}
    </Flex>
  );
}

function Actions({ license }: { license: License }) {
  const { t } = useTranslation(["licenses", "common"]);
  const [rename] = useAction(RenameLicense);
  const [rotate] = useAction(RotateLicense);
  const [transfer] = useAction(TransferLicense);
  const [revoke] = useAction(RevokeLicense);
  const licenseId = license.id;
  const required = [{ required: true, message: t("common:required") }];
  return (
    <Flex gap="small" wrap>
      <FormButton<{ label: string }>
        label={t("rename")}
        initialValues={{ label: license.label }}
        send={(entered, form) => rename({ licenseId, ...entered }, { form, success: t("common:saved") })}
      >
        <LabelField />
      </FormButton>
      <ConfirmButton
        label={t("rotate")}
        question={t("rotateQuestion")}
        consequence={t("rotateText")}
        act={() => rotate({ licenseId }, { success: t("rotated") })}
      />
      {!license.boundTo && (
        <FormButton<{ toFingerprint: string }>
          label={t("transfer")}
          send={(entered, form) => transfer({ licenseId, ...entered }, { form, success: t("transferred") })}
        >
          <Form.Item name="toFingerprint" label={t("toFingerprint")} extra={t("transferHelp")} rules={required}>
            <Input maxLength={128} />
          </Form.Item>
        </FormButton>
      )}
      <FormButton<{ reason: string }>
        danger
        label={t("revoke")}
        title={t("revokeQuestion")}
        send={(entered, form) => revoke({ licenseId, ...entered }, { form, success: t("revoked") })}
      >
        <Form.Item name="reason" label={t("reason")} extra={t("revokeHelp")} rules={required}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </FormButton>
    </Flex>
  );
}
