/** Editions: every version of what the catalog says of them, and publishing the next. */
import { Checkbox, Descriptions, Flex, Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { EditionKey, EditionStartQuery, EditionsPageQuery, EditionTermsInput } from "@/gql/graphql";
import { ConfirmButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { FormDrawer } from "./FormDrawer";
import { instantOf, useRequired } from "./inputs";
import { type Begins, BothLanguages, ValidFrom } from "./PublishFields";
import { isToCome, Validity } from "./Validity";

const EditionsPage = graphql(`
  query EditionsPage($first: Int, $after: String) {
    editionVersions(first: $first, after: $after, order: NEWEST_FIRST) {
      nodes {
        id key version name description included validFrom publishedBy withdrawnAt withdrawnBy
        terms {
          features position licenseDays licenseLimit spareLicenseLimit rotationGraceDays offlineDays warningDays
          byApplication leastTermMonths termStepMonths perpetual versionDays
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const EditionStart = graphql(`
  query EditionStart {
    editions {
      id key
      terms {
        name { zh en } description { zh en } includedZh includedEn features byApplication position licenseDays licenseLimit
        spareLicenseLimit rotationGraceDays offlineDays warningDays leastTermMonths termStepMonths perpetual versionDays
      }
    }
  }
`);

const PublishEdition = graphql(`
  mutation PublishEdition($edition: EditionKey!, $terms: EditionTermsInput!, $validFrom: DateTime, $idempotencyKey: String) {
    publishEdition(edition: $edition, terms: $terms, validFrom: $validFrom, idempotencyKey: $idempotencyKey) {
      ... on PublishEditionSuccess { edition { id version } }
      ... on Error { code message path }
    }
  }
`);

const WithdrawEdition = graphql(`
  mutation WithdrawEdition($id: ID!, $idempotencyKey: String) {
    withdrawEdition(editionId: $id, idempotencyKey: $idempotencyKey) {
      ... on WithdrawEditionSuccess { edition { id withdrawnAt } }
      ... on Error { code message path }
    }
  }
`);

type Edition = EditionsPageQuery["editionVersions"]["nodes"][number];
const NUMBERS = [
  "position", "licenseDays", "licenseLimit", "spareLicenseLimit", "rotationGraceDays", "offlineDays", "warningDays",
  "leastTermMonths", "termStepMonths",
] as const;

export default function Editions() {
  const { t } = useTranslation(["operations", "common"]);
  const { may } = useStaff();
  return (
    <Page title={t("editions")} about={t("editionsAbout")} actions={may("OPERATOR") && <Publish />}>
      <Pages
        document={EditionsPage}
        variables={{}}
        pick={(data) => data.editionVersions}
        label={t("editions")}
        expandable={{ expandedRowRender: (edition: Edition) => <Details edition={edition} /> }}
        columns={[
          { title: t("edition"), dataIndex: "key", render: (key: EditionKey) => t(`common:edition.${key}`) },
          { title: t("version"), dataIndex: "version", align: "right" },
          { title: t("name"), dataIndex: "name" },
          { title: t("validFrom"), dataIndex: "validFrom", render: (at) => <Instant at={at} /> },
          { title: t("state"), key: "state", render: (_, edition: Edition) => <Validity of={edition} /> },
          { title: t("publishedBy"), dataIndex: "publishedBy", render: (by) => by ?? "—" },
          ...(may("OPERATOR")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, edition: Edition) => isToCome(edition) && <Withdraw edition={edition} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Details({ edition }: { edition: Edition }) {
  const { t } = useTranslation("operations");
  const { terms } = edition;
  return (
    <Descriptions
      className="expanded"
      size="small"
      column={{ xs: 1, md: 2 }}
      items={[
        { key: "description", label: t("description"), span: "filled", children: edition.description },
        { key: "included", label: t("included"), span: "filled", children: <Flex vertical>{edition.included.map((text) => <span key={text}>{text}</span>)}</Flex> },
        { key: "features", label: t("features"), span: "filled", children: terms.features.join(", ") },
        { key: "application", label: t("byApplication"), children: t(terms.byApplication ? "yes" : "no") },
        { key: "perpetual", label: t("perpetual"), children: t(terms.perpetual ? "yes" : "no") },
        ...NUMBERS.map((name) => ({ key: name, label: t(`editionTerm.${name}`), children: terms[name] })),
        { key: "versionDays", label: t("versionDays"), children: terms.versionDays ?? "—" },
      ]}
    />
  );
}

interface Wanted extends Begins, Omit<EditionTermsInput, "includedZh" | "includedEn"> {
  edition: EditionKey;
  includedZh: string[];
  includedEn: string[];
}

/** The terms of an edition as they are now, without what the client added to them. */
function startOf(edition: EditionKey, start?: EditionStartQuery): Partial<Wanted> {
  const found = start?.editions.find(({ key }) => key === edition)?.terms;
  if (!found) return { edition };
  const { __typename, name, description, ...terms } = found;
  return { ...terms, edition, name: { zh: name.zh, en: name.en }, description: { zh: description.zh, en: description.en } };
}

function Publish() {
  const { t } = useTranslation(["operations", "common"]);
  const rules = useRequired();
  const [{ data }] = useQuery({ query: EditionStart });
  const [publish] = useAction(PublishEdition);
  const half = { flex: "1 1 200px" };
  return (
    <FormDrawer<Wanted>
      type="primary"
      label={t("publishEdition")}
      width={720}
      disabled={!data}
      initialValues={startOf("PAY_AS_YOU_GO", data)}
      onValuesChange={(changed, _, form) => {
        if (changed.edition) form.setFieldsValue(startOf(changed.edition, data) as Wanted);
      }}
      send={({ edition, validFrom, ...terms }, form) =>
        publish(
          { edition, terms: { ...terms, versionDays: terms.versionDays ?? null }, validFrom: instantOf(validFrom) },
          { form, success: t("editionPublished") },
        )
      }
    >
      <Form.Item name="edition" label={t("edition")} extra={t("editionHelp")} rules={rules}>
        <Select options={(data?.editions ?? []).map(({ key }) => ({ value: key, label: t(`common:edition.${key}`) }))} />
      </Form.Item>
      <BothLanguages name="name" label={t("name")} maxLength={200} />
      <BothLanguages name="description" label={t("description")} lines={2} />
      <Form.Item name="includedZh" label={t("common:aside", { what: t("included"), aside: t("zh") })} extra={t("includedHelp")} rules={rules}><Select mode="tags" open={false} suffixIcon={null} /></Form.Item>
      <Form.Item name="includedEn" label={t("common:aside", { what: t("included"), aside: t("en") })} rules={rules}><Select mode="tags" open={false} suffixIcon={null} /></Form.Item>
      <Form.Item name="features" label={t("features")} extra={t("featuresHelp")} rules={rules}><Select mode="tags" open={false} suffixIcon={null} /></Form.Item>
      <Flex gap="middle" wrap>
        {NUMBERS.map((name) => (
          <Form.Item key={name} name={name} label={t(`editionTerm.${name}`)} rules={rules} style={half}>
            <InputNumber min={0} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        ))}
        <Form.Item name="versionDays" label={t("versionDays")} extra={t("versionDaysHelp")} style={half}>
          <InputNumber min={1} precision={0} style={{ width: "100%" }} />
        </Form.Item>
      </Flex>
      <Form.Item name="byApplication" valuePropName="checked"><Checkbox>{t("byApplication")}</Checkbox></Form.Item>
      <Form.Item name="perpetual" valuePropName="checked"><Checkbox>{t("perpetual")}</Checkbox></Form.Item>
      <ValidFrom />
    </FormDrawer>
  );
}

function Withdraw({ edition }: { edition: Edition }) {
  const { t } = useTranslation("operations");
  const [withdraw] = useAction(WithdrawEdition);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawQuestion", { what: `${edition.name} ${edition.version}` })}
      act={() => withdraw({ id: edition.id }, { success: t("withdrawn") })}
    />
  );
}
