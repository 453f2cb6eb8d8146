/** Who did what in the account, or read of it as staff: the log that nobody can change. */
import { useTranslation } from "react-i18next";
import { useAccountId } from "@/app/account";
import { graphql } from "@/gql";
import type { AuditLogQuery } from "@/gql/graphql";
import { Action, Outcome } from "@/parts/AuditEntry";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";

const AuditLogDocument = graphql(`
  query AuditLog($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      auditLog(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id at actorKind actor address action outcome requestId details }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Entry = NonNullable<AuditLogQuery["account"]>["auditLog"]["nodes"][number];

export default function AuditLog() {
  const { t } = useTranslation(["audit", "events"]);
  const id = useAccountId();
  return (
    <Page title={t("title")} about={t("about")}>
      <Pages
        document={AuditLogDocument}
        variables={{ id }}
        pick={(data) => data.account?.auditLog}
        label={t("title")}
        expandable={{
          expandedRowRender: ({ requestId, details }: Entry) => (
            <pre className="code" tabIndex={0} aria-label={t("details")}>{JSON.stringify({ requestId, ...(details as object) }, null, 2)}</pre>
          ),
        }}
        columns={[
          { title: t("at"), dataIndex: "at", render: (at) => <Instant at={at} /> },
          {
            title: t("actor"),
            render: (_, { actorKind, actor }: Entry) => `${t(`events:actor.${actorKind}`, { defaultValue: actorKind })} ${actor}`,
          },
          { title: t("action"), dataIndex: "action", render: (action: string) => <Action of={action} /> },
          { title: t("outcome"), dataIndex: "outcome", render: (outcome: string) => <Outcome of={outcome} /> },
          { title: t("address"), dataIndex: "address" },
        ]}
      />
    </Page>
  );
}
