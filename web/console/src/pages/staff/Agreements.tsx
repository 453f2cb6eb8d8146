/** Service agreements: every version, and publishing the next. */
import { Form, Select, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AgreementsPageQuery, AgreementStartQuery, EditionKey } from "@/gql/graphql";
import { ConfirmButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { FormDrawer } from "./FormDrawer";
import { instantOf, useRequired } from "./inputs";
import { EditionFilter } from "./Plans";
import { type Begins, type Both, BothLanguages, ValidFrom } from "./PublishFields";
import { isToCome, Validity } from "./Validity";

const AgreementsPage = graphql(`
  query AgreementsPage($first: Int, $after: String, $edition: EditionKey) {
    agreements(first: $first, after: $after, order: NEWEST_FIRST, edition: $edition) {
      nodes { id edition version title text contentHash publishedAt publishedBy withdrawnAt withdrawnBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const AgreementStart = graphql(`
  query AgreementStart($edition: EditionKey!) {
    agreement(edition: $edition) { id edition titles { zh en } texts { zh en } }
  }
`);

const PublishAgreement = graphql(`
  mutation PublishAgreement(
    $edition: EditionKey!, $title: LocalizedInput!, $text: LocalizedInput!, $validFrom: DateTime, $idempotencyKey: String
  ) {
    publishAgreement(edition: $edition, title: $title, text: $text, validFrom: $validFrom, idempotencyKey: $idempotencyKey) {
      ... on PublishAgreementSuccess { agreement { id version } }
      ... on Error { code message path }
    }
  }
`);

const WithdrawAgreement = graphql(`
  mutation WithdrawAgreement($id: ID!, $idempotencyKey: String) {
    withdrawAgreement(agreementId: $id, idempotencyKey: $idempotencyKey) {
      ... on WithdrawAgreementSuccess { agreement { id withdrawnAt } }
      ... on Error { code message path }
    }
  }
`);

type Agreement = AgreementsPageQuery["agreements"]["nodes"][number];
const WITH_AGREEMENT: EditionKey[] = ["PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"];
const validity = ({ publishedAt, withdrawnAt, withdrawnBy }: Agreement) => ({ validFrom: publishedAt, withdrawnAt, withdrawnBy });

export default function Agreements() {
  const { t } = useTranslation(["operations", "common"]);
  const { may } = useStaff();
  const [edition, setEdition] = useState<EditionKey>();
  return (
    <Page title={t("agreements")} about={t("agreementsAbout")} actions={may("OPERATOR") && <Publish />}>
      <div><EditionFilter onChange={setEdition} /></div>
      <Pages
        document={AgreementsPage}
        variables={{ edition }}
        pick={(data) => data.agreements}
        label={t("agreements")}
        expandable={{ expandedRowRender: (agreement: Agreement) => <Text agreement={agreement} /> }}
        columns={[
          { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
          { title: t("version"), dataIndex: "version", align: "right" },
          { title: t("agreementTitle"), dataIndex: "title" },
          { title: t("validFrom"), dataIndex: "publishedAt", render: (at) => <Instant at={at} /> },
          { title: t("state"), key: "state", render: (_, agreement: Agreement) => <Validity of={validity(agreement)} /> },
          { title: t("publishedBy"), dataIndex: "publishedBy", render: (by) => by ?? "—" },
          ...(may("OPERATOR")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, agreement: Agreement) => isToCome(validity(agreement)) && <Withdraw agreement={agreement} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Text({ agreement }: { agreement: Agreement }) {
  return (
    <div className="expanded">
      <Typography.Paragraph style={{ whiteSpace: "pre-wrap" }}>{agreement.text}</Typography.Paragraph>
      <Typography.Text type="secondary" style={{ wordBreak: "break-all" }}>SHA-256 {agreement.contentHash}</Typography.Text>
    </div>
  );
}

interface Wanted extends Begins {
  edition: EditionKey;
  title: Both;
  text: Both;
}

function startOf(start?: AgreementStartQuery): Partial<Wanted> {
  const found = start?.agreement;
  if (!found) return {};
  return { title: { zh: found.titles.zh, en: found.titles.en }, text: { zh: found.texts.zh, en: found.texts.en } };
}

function Publish() {
  const { t } = useTranslation(["operations", "common"]);
  const rules = useRequired();
  const [edition, setEdition] = useState<EditionKey>("PAY_AS_YOU_GO");
  const [{ data, fetching }] = useQuery({ query: AgreementStart, variables: { edition } });
  const [publish] = useAction(PublishAgreement);
  return (
    <FormDrawer<Wanted>
      key={data?.agreement?.id}
      type="primary"
      label={t("publishAgreement")}
      width={860}
      disabled={fetching}
      initialValues={{ edition, ...startOf(data) }}
      onValuesChange={(changed) => changed.edition && setEdition(changed.edition)}
      send={({ validFrom, ...values }, form) =>
        publish({ ...values, validFrom: instantOf(validFrom) }, { form, success: t("agreementPublished") })
      }
    >
      <p>{t("publishAgreementHelp")}</p>
      <Form.Item name="edition" label={t("edition")} rules={rules}>
        <Select options={WITH_AGREEMENT.map((value) => ({ value, label: t(`common:edition.${value}`) }))} />
      </Form.Item>
      <BothLanguages name="title" label={t("agreementTitle")} maxLength={200} />
      <BothLanguages name="text" label={t("agreementText")} lines={12} />
      <ValidFrom />
    </FormDrawer>
  );
}

function Withdraw({ agreement }: { agreement: Agreement }) {
  const { t } = useTranslation("operations");
  const [withdraw] = useAction(WithdrawAgreement);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawQuestion", { what: `${agreement.title} ${agreement.version}` })}
      act={() => withdraw({ id: agreement.id }, { success: t("withdrawn") })}
    />
  );
}
