/** Which organisation the account is of, for the vendor's finance staff to verify. */
import { Alert, Card, Flex, Form, Input, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { CompanyVerificationsQuery, VerificationState } from "@/gql/graphql";
import { Country } from "@/parts/Country";
import { Facts } from "@/parts/Facts";
import { FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";

const CompanyDocument = graphql(`
  query Company($id: ID!) {
    account(id: $id) { id name verifiedCompany { id name country taxNumber decidedAt } }
  }
`);

const CompanyVerifications = graphql(`
  query CompanyVerifications($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      companyVerifications(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id state name country taxNumber submittedAt reason decidedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const SubmitCompany = graphql(`
  mutation SubmitCompany($accountId: ID!, $name: String!, $taxNumber: String!, $country: String!, $idempotencyKey: String) {
    submitCompanyVerification(
      accountId: $accountId, name: $name, taxNumber: $taxNumber, country: $country, idempotencyKey: $idempotencyKey
    ) {
      ... on SubmitCompanyVerificationSuccess { verification { id state } }
      ... on Error { code message path }
    }
  }
`);

type Verification = NonNullable<CompanyVerificationsQuery["account"]>["companyVerifications"]["nodes"][number];

const STATES: Record<VerificationState, string> = { SUBMITTED: "processing", VERIFIED: "success", REJECTED: "error" };

export function Company() {
  const { t } = useTranslation(["invoices", "common"]);
  const id = useAccountId();
  const { seesToMoney } = useRights();
  const [submit] = useAction(SubmitCompany);
  const required = [{ required: true, message: t("common:required") }];
  return (
    <Loaded document={CompanyDocument} variables={{ id }}>
      {({ account }) =>
        account && (
          <Flex vertical gap="middle">
            {account.verifiedCompany ? (
              <Card size="small" title={t("verified")} extra={<Tag color="success">{t("verificationState.VERIFIED")}</Tag>}>
                <Facts
                  facts={[
                    [t("companyName"), account.verifiedCompany.name],
                    [t("taxNumber"), account.verifiedCompany.taxNumber],
                    [t("decidedAt"), <Instant at={account.verifiedCompany.decidedAt} />],
                  ]}
                />
              </Card>
            ) : (
              <Alert type="info" showIcon title={t("notVerified")} />
            )}
            {seesToMoney && (
              <Flex justify="end">
                <FormButton<{ name: string; taxNumber: string; country: string }>
                  type={account.verifiedCompany ? "default" : "primary"}
                  label={t("submitCompany")}
                  initialValues={{ name: account.name, country: "CN" }}
                  send={(entered, form) => submit({ accountId: id, ...entered }, { form, success: t("companySubmitted") })}
                >
                  <Form.Item name="name" label={t("companyName")} extra={t("companyNameHelp")} rules={required}>
                    <Input maxLength={200} autoComplete="organization" />
                  </Form.Item>
                  <Form.Item name="taxNumber" label={t("taxNumber")} extra={t("taxNumberHelp")} rules={required}>
                    <Input maxLength={40} />
                  </Form.Item>
                  <Form.Item name="country" label={t("country")} rules={required}>
                    <Country />
                  </Form.Item>
                </FormButton>
              </Flex>
            )}
            <Submissions />
          </Flex>
        )
      }
    </Loaded>
  );
}

function Submissions() {
  const { t } = useTranslation("invoices");
  const id = useAccountId();
  return (
    <Pages
      document={CompanyVerifications}
      variables={{ id }}
      pick={(data) => data.account?.companyVerifications}
      label={t("submissions")}
      empty={t("noSubmissions")}
      columns={[
        { title: t("submittedAt"), dataIndex: "submittedAt", render: (at) => <Instant at={at} /> },
        { title: t("companyName"), dataIndex: "name" },
        { title: t("taxNumber"), dataIndex: "taxNumber" },
        {
          title: t("state"),
          dataIndex: "state",
          render: (state: Verification["state"]) => <Tag color={STATES[state]}>{t(`verificationState.${state}`)}</Tag>,
        },
        { title: t("decidedAt"), dataIndex: "decidedAt", render: (at) => <Instant at={at} /> },
        { title: t("reason"), dataIndex: "reason", render: (reason) => reason ?? "—" },
      ]}
    />
  );
}
