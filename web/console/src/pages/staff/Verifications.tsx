/** Which organisations accounts say that they are of: verified or rejected by finance staff. */
import { Flex, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { VerificationState, VerificationsPageQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { Reason } from "./inputs";

const VerificationsPage = graphql(`
  query VerificationsPage($state: VerificationState, $sandboxes: Boolean!, $first: Int, $after: String) {
    companyVerifications(state: $state, sandboxes: $sandboxes, first: $first, after: $after, order: NEWEST_FIRST) {
      nodes { id state name country taxNumber submittedAt decidedAt reason account { id name sandbox } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const VerifyCompany = graphql(`
  mutation VerifyCompany($id: ID!, $idempotencyKey: String) {
    verifyCompany(verificationId: $id, idempotencyKey: $idempotencyKey) {
      ... on VerifyCompanySuccess { verification { id state } }
      ... on Error { code message path }
    }
  }
`);

const RejectCompany = graphql(`
  mutation RejectCompany($id: ID!, $reason: String!, $idempotencyKey: String) {
    rejectCompany(verificationId: $id, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on RejectCompanySuccess { verification { id state } }
      ... on Error { code message path }
    }
  }
`);

type Verification = VerificationsPageQuery["companyVerifications"]["nodes"][number];
const STATES: VerificationState[] = ["SUBMITTED", "VERIFIED", "REJECTED"];

export default function Verifications() {
  const { t } = useTranslation("finance");
  const { may, sandboxes } = useStaff();
  const [state, setState] = useState<VerificationState>("SUBMITTED");
  return (
    <Page title={t("verifications")} about={t("verificationsAbout")} actions={<Sandboxes />}>
      <Flex>
        <Segmented
          aria-label={t("state")}
          value={state}
          onChange={setState}
          options={STATES.map((value) => ({ value, label: t(`verificationState.${value}`) }))}
        />
      </Flex>
      <Pages
        document={VerificationsPage}
        variables={{ state, sandboxes }}
        pick={(data) => data.companyVerifications}
        label={t("verifications")}
        empty={t("noVerifications")}
        columns={[
          { title: t("account"), dataIndex: "account", render: (account) => <AccountLink account={account} /> },
          { title: t("companyName"), dataIndex: "name" },
          { title: t("country"), dataIndex: "country" },
          { title: t("taxNumber"), dataIndex: "taxNumber" },
          { title: t("submittedAt"), dataIndex: "submittedAt", render: (at) => <Instant at={at} /> },
          ...(state === "SUBMITTED" ? [] : [{ title: t("decidedAt"), dataIndex: "decidedAt", render: (at: string) => <Instant at={at} /> }]),
          ...(state === "REJECTED" ? [{ title: t("reason"), dataIndex: "reason" }] : []),
          ...(may("FINANCE") && state === "SUBMITTED"
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Verification) => <Actions verification={each} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Actions({ verification: { id, name, taxNumber } }: { verification: Verification }) {
  const { t } = useTranslation("finance");
  const [verify] = useAction(VerifyCompany);
  const [reject] = useAction(RejectCompany);
  return (
    <Flex gap="small">
      <ConfirmButton
        size="small"
        type="primary"
        label={t("verify")}
        question={t("verifyQuestion", { name })}
        consequence={t("verifyHelp", { taxNumber })}
        act={() => verify({ id }, { success: t("verified") })}
      />
      <FormButton<{ reason: string }>
        size="small"
        danger
        label={t("reject")}
        send={({ reason }, form) => reject({ id, reason }, { form, success: t("rejected") })}
      >
        <Reason help={t("customerReads")} />
      </FormButton>
    </Flex>
  );
}
