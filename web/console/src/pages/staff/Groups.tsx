/** Groups of accounts for which prices were negotiated together. */
import { Flex, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { GroupsPageQuery } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Count } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { useRequired } from "./inputs";
import { type Both, BothLanguages } from "./PublishFields";

const GroupsPage = graphql(`
  query GroupsPage($first: Int, $after: String) {
    priceGroups(first: $first, after: $after) {
      nodes { key name names { zh en } accounts { totalCount nodes { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const PutGroup = graphql(`
  mutation PutPriceGroup($group: String!, $name: LocalizedInput!, $idempotencyKey: String) {
    putPriceGroup(group: $group, name: $name, idempotencyKey: $idempotencyKey) {
      ... on PutPriceGroupSuccess { priceGroup { key name } }
      ... on Error { code message path }
    }
  }
`);

type Group = GroupsPageQuery["priceGroups"]["nodes"][number];

export default function Groups() {
  const { t } = useTranslation("operations");
  const { may } = useStaff();
  return (
    <Page title={t("groups")} about={t("groupsAbout")} actions={may("OPERATOR") && <Put />}>
      <Pages
        document={GroupsPage}
        variables={{}}
        pick={(data) => data.priceGroups}
        label={t("groups")}
        empty={t("noGroups")}
        expandable={{ rowExpandable: (group: Group) => group.accounts.totalCount > 0, expandedRowRender: (group: Group) => <Accounts accounts={group.accounts} /> }}
        columns={[
          { title: t("key"), dataIndex: "key" },
          { title: t("name"), dataIndex: "name" },
          { title: t("accounts"), key: "accounts", align: "right", render: (_, group: Group) => <Count of={group.accounts.totalCount} /> },
          ...(may("OPERATOR") ? [{ title: t("actions"), key: "actions", render: (_: unknown, group: Group) => <Put group={group} /> }] : []),
        ]}
      />
    </Page>
  );
}

function Accounts({ accounts }: { accounts: Group["accounts"] }) {
  const { t } = useTranslation("operations");
  const more = accounts.totalCount - accounts.nodes.length;
  return (
    <Flex gap="middle" wrap className="expanded">
      {accounts.nodes.map((account) => <span key={account.id}><AccountLink account={account} /></span>)}
      {more > 0 && t("andMore", { count: more })}
    </Flex>
  );
}

function Put({ group }: { group?: Group }) {
  const { t } = useTranslation("operations");
  const rules = useRequired();
  const [put] = useAction(PutGroup);
  return (
    <FormButton<{ group: string; name: Both }>
      label={t(group ? "rename" : "newGroup")}
      type={group ? "default" : "primary"}
      size={group ? "small" : "middle"}
      initialValues={group && { group: group.key, name: { zh: group.names.zh, en: group.names.en } }}
      send={(values, form) => put(values, { form, success: t("groupKept") })}
    >
      <Form.Item name="group" label={t("key")} extra={t("groupKeyHelp")} rules={rules}><Input maxLength={40} disabled={group !== undefined} autoComplete="off" /></Form.Item>
      <BothLanguages name="name" label={t("name")} maxLength={200} />
    </FormButton>
  );
}
