/** What staff suspended of an account, past and present. */
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { AccountSuspensionsQuery, Suspended } from "@/gql/graphql";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";

const AccountSuspensionsList = graphql(`
  query AccountSuspensions($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      suspensions(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id subject reason beganAt endedAt endReason }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Suspension = NonNullable<AccountSuspensionsQuery["account"]>["suspensions"]["nodes"][number];

export function AccountSuspensions({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  return (
    <Pages
      document={AccountSuspensionsList}
      variables={{ id }}
      pick={(data) => data.account?.suspensions}
      label={t("suspensions")}
      empty={t("noSuspensions")}
      columns={[
        { title: t("subject"), dataIndex: "subject", render: (subject: Suspended) => t(`subjectKind.${subject}`) },
        { title: t("reason"), dataIndex: "reason" },
        { title: t("beganAt"), dataIndex: "beganAt", render: (at) => <Instant at={at} /> },
        { title: t("endedAt"), dataIndex: "endedAt", render: (at) => (at ? <Instant at={at} /> : <Tag color="error">{t("lasts")}</Tag>) },
        { title: t("endReason"), key: "endReason", render: (_, each: Suspension) => each.endReason ?? "—" },
      ]}
    />
  );
}
