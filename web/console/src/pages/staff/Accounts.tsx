/** Every account, found by name, owner, edition, standing or channel. */
import { Flex, Input, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { accountPath } from "@/app/staff";
import { graphql } from "@/gql";
import type { AccountsPageQuery, AccountsPageQueryVariables, EditionKey, StandingState } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { ChannelFilter, useChannelName } from "./inputs";

const AccountsPage = graphql(`
  query AccountsPage(
    $first: Int, $after: String, $search: String, $edition: EditionKey, $standing: StandingState, $channel: String,
    $sandbox: Boolean
  ) {
    accounts(
      first: $first, after: $after, order: NEWEST_FIRST, search: $search, edition: $edition, standing: $standing,
      channel: $channel, sandbox: $sandbox
    ) {
      nodes {
        id name edition sandbox createdAt
        standing { state }
        settlementBinding { id channel state }
        suspension { id }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = AccountsPageQuery["accounts"]["nodes"][number];

const EDITIONS: EditionKey[] = ["COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"];
const STANDINGS: StandingState[] = ["GOOD", "SUSPENDED", "IN_ARREARS"];
export const STANDING_COLOURS: Record<StandingState, string> = { GOOD: "success", SUSPENDED: "warning", IN_ARREARS: "error" };

export default function Accounts() {
  const { t } = useTranslation(["staff", "common"]);
  const channelName = useChannelName();
  const [filters, setFilters] = useState<Omit<AccountsPageQueryVariables, "first" | "after">>({});
  const set = (changed: typeof filters) => setFilters({ ...filters, ...changed });
  return (
    <Page title={t("menu.accounts")} about={t("accountsAbout")}>
      <Flex gap="small" wrap>
        <Input.Search
          allowClear
          aria-label={t("search")}
          placeholder={t("searchHelp")}
          style={{ maxWidth: 320 }}
          onSearch={(search) => set({ search: search.trim() || undefined })}
        />
        <Filter
          label={t("edition")}
          options={EDITIONS.map((value) => ({ value, label: t(`common:edition.${value}`) }))}
          onChange={(edition) => set({ edition })}
        />
        <Filter
          label={t("standing")}
          options={STANDINGS.map((value) => ({ value, label: t(`common:standing.${value}`) }))}
          onChange={(standing) => set({ standing })}
        />
        <ChannelFilter value={filters.channel ?? undefined} onChange={(channel) => set({ channel })} />
        <Filter
          label={t("accountKind")}
          options={[{ value: false, label: t("production") }, { value: true, label: t("sandboxAccount") }]}
          onChange={(sandbox) => set({ sandbox })}
        />
      </Flex>
      <Pages
        document={AccountsPage}
        variables={filters}
        pick={(data) => data.accounts}
        label={t("menu.accounts")}
        empty={t("noAccounts")}
        columns={[
          {
            title: t("name"),
            dataIndex: "name",
            render: (name: string, each: Row) => (
              <>
                <Link to={accountPath(each.id)}>{name}</Link>{" "}
                {each.sandbox && <Tag>{t("sandboxAccount")}</Tag>}
                {each.suspension && <Tag color="error">{t("suspendedByStaff")}</Tag>}
              </>
            ),
          },
          { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
          {
            title: t("standing"),
            dataIndex: ["standing", "state"],
            render: (state: StandingState) => <Tag color={STANDING_COLOURS[state]}>{t(`common:standing.${state}`)}</Tag>,
          },
          {
            title: t("channel"),
            dataIndex: "settlementBinding",
            render: (binding: Row["settlementBinding"]) =>
              binding ? `${channelName(binding.channel)}${binding.state === "PENDING" ? ` (${t("pendingBinding")})` : ""}` : "—",
          },
          { title: t("openedAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
        ]}
      />
    </Page>
  );
}
