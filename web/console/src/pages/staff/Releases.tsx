/** Versions of the product: from when on they are released. */
import { Form, Input } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ReleasesPageQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Instant } from "@/parts/values";
import { instantOf, useRequired } from "./inputs";
import { ValidFrom } from "./PublishFields";
import { isToCome, Validity } from "./Validity";

const ReleasesPage = graphql(`
  query ReleasesPage {
    releases(first: 100) { nodes { version releasedAt publishedBy withdrawnAt } }
  }
`);

const PublishRelease = graphql(`
  mutation PublishRelease($version: String!, $releasedAt: DateTime, $idempotencyKey: String) {
    publishRelease(version: $version, releasedAt: $releasedAt, idempotencyKey: $idempotencyKey) {
      ... on PublishReleaseSuccess { release { version } }
      ... on Error { code message path }
    }
  }
`);

const WithdrawRelease = graphql(`
  mutation WithdrawRelease($version: String!, $idempotencyKey: String) {
    withdrawRelease(version: $version, idempotencyKey: $idempotencyKey) {
      ... on WithdrawReleaseSuccess { release { version } }
      ... on Error { code message path }
    }
  }
`);

type Release = ReleasesPageQuery["releases"]["nodes"][number];
const validity = ({ releasedAt, withdrawnAt }: Release) => ({ validFrom: releasedAt, withdrawnAt });

export default function Releases() {
  const { t } = useTranslation("operations");
  const { may } = useStaff();
  return (
    <Page title={t("releases")} about={t("releasesAbout")} actions={may("OPERATOR") && <Publish />}>
      <Loaded document={ReleasesPage} variables={{}}>
        {({ releases }) => (
          <Table
            aria-label={t("releases")}
            size="middle"
            rowKey="version"
            dataSource={releases.nodes.toReversed()}
            pagination={{ hideOnSinglePage: true, pageSize: 20, showSizeChanger: false }}
            locale={{ emptyText: t("noReleases") }}
            columns={[
              { title: t("productVersion"), dataIndex: "version" },
              { title: t("releasedAt"), dataIndex: "releasedAt", render: (at) => <Instant at={at} /> },
              { title: t("state"), key: "state", render: (_, release) => <Validity of={validity(release)} /> },
              { title: t("publishedBy"), dataIndex: "publishedBy", render: (by) => by ?? "—" },
              ...(may("OPERATOR")
                ? [{ title: t("actions"), key: "actions", render: (_: unknown, release: Release) => isToCome(validity(release)) && <Withdraw version={release.version} /> }]
                : []),
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

function Publish() {
  const { t } = useTranslation("operations");
  const [publish] = useAction(PublishRelease);
  return (
    <FormButton<{ version: string; releasedAt?: Dayjs }>
      type="primary"
      label={t("publishRelease")}
      send={({ version, releasedAt }, form) =>
        publish({ version, releasedAt: instantOf(releasedAt) }, { form, success: t("releasePublished") })
      }
    >
      <Form.Item name="version" label={t("productVersion")} extra={t("productVersionHelp")} rules={useRequired()}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <ValidFrom name="releasedAt" label={t("releasedAt")} help={t("releasedAtHelp")} />
    </FormButton>
  );
}

function Withdraw({ version }: { version: string }) {
  const { t } = useTranslation("operations");
  const [withdraw] = useAction(WithdrawRelease);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawQuestion", { what: version })}
      act={() => withdraw({ version }, { success: t("withdrawn") })}
    />
  );
}
