/** The audit log: who did or tried what, and what staff read of customers. */
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { AuditPageQuery } from "@/gql/graphql";
import { Action, Outcome } from "@/parts/AuditEntry";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";

const AuditPage = graphql(`
  query AuditPage($first: Int, $after: String) {
    auditLog(first: $first, after: $after, order: NEWEST_FIRST) {
      nodes { id at actorKind actor address action outcome requestId details }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Entry = AuditPageQuery["auditLog"]["nodes"][number];

export default function Audit() {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Page title={t("audit")} about={t("auditAbout")}>
      <div data-varies>
        <Pages
          document={AuditPage}
          variables={{}}
          pick={(data) => data.auditLog}
          label={t("audit")}
          expandable={{
            expandedRowRender: (entry: Entry) => (
              <div className="expanded">
                {t("common:labelled", { what: t("requestId"), value: entry.requestId })}
                <pre className="code" tabIndex={0} aria-label={t("details")}>{JSON.stringify(entry.details, null, 2)}</pre>
              </div>
            ),
          }}
          columns={[
            { title: t("at"), dataIndex: "at", render: (at) => <Instant at={at} /> },
            { title: t("actorKindLabel"), dataIndex: "actorKind", render: (kind: string) => t(`actorKind.${kind}` as "actorKind.STAFF") },
            { title: t("actor"), dataIndex: "actor", render: (actor) => actor || "—" },
            { title: t("action"), dataIndex: "action", render: (action: string) => <Action of={action} /> },
            { title: t("outcome"), dataIndex: "outcome", render: (outcome: string) => <Outcome of={outcome} /> },
            { title: t("address"), dataIndex: "address" },
          ]}
        />
      </div>
    </Page>
  );
}
