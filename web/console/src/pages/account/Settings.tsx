/** What the account is called, whom to talk to, what pays for it, and what was chosen and agreed upon before. */
import { Button, Card, Drawer, Flex, Form, Input, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AcceptancesQuery, BindingsQuery, SettingsPageQuery, UpgradesQuery, UpgradeState } from "@/gql/graphql";
import { Settlement } from "@/pages/upgrade/Settlement";
import { ChannelName } from "@/parts/ChannelName";
import { Facts } from "@/parts/Facts";
import { FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { PageTabs } from "@/parts/PageTabs";
import { Day, formatInstant, Instant } from "@/parts/values";

const SettingsPage = graphql(`
  query SettingsPage($id: ID!) {
    settlementChannels { key name health configurationSchema purchaseUrl }
    account(id: $id) {
      id name edition sandbox clock createdAt industry contactName contactPhone channelChangeableFrom
      settlementBinding { id channel state externalReference continueUrl boundAt }
    }
  }
`);

const Bindings = graphql(`
  query Bindings($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      settlementBindings(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id channel state createdAt boundAt endedBy externalReference }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const Upgrades = graphql(`
  query Upgrades($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      upgrades(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes {
          id edition state chosenAt upgradedAt freePeriodEndsAt firstBilledDay endedAt
          pricePlan { id version texts }
          priceChanges { fromDay announcedAt withdrawnAt pricePlan { id texts } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const Acceptances = graphql(`
  query Acceptances($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      acceptances(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id acceptedAt acceptedBy address contentHash agreement { id title version text } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const RenameAccount = graphql(`
  mutation RenameAccount($accountId: ID!, $name: String!) {
    renameAccount(accountId: $accountId, name: $name) {
      ... on RenameAccountSuccess { account { id name } }
      ... on Error { code message path }
    }
  }
`);

const SetProfile = graphql(`
  mutation SetProfile($accountId: ID!, $industry: String, $contactName: String, $contactPhone: String) {
    setAccountProfile(
      accountId: $accountId, industry: $industry, contactName: $contactName, contactPhone: $contactPhone
    ) {
      ... on SetAccountProfileSuccess { account { id industry contactName contactPhone } }
      ... on Error { code message path }
    }
  }
`);

type Account = NonNullable<SettingsPageQuery["account"]>;
type Binding = NonNullable<BindingsQuery["account"]>["settlementBindings"]["nodes"][number];
type Upgrade = NonNullable<UpgradesQuery["account"]>["upgrades"]["nodes"][number];
type Acceptance = NonNullable<AcceptancesQuery["account"]>["acceptances"]["nodes"][number];

const BINDINGS: Record<Binding["state"], string> = { PENDING: "processing", BOUND: "success", UNBOUND: "default" };
const UPGRADES: Record<UpgradeState, string> = {
  AGREEMENT_PENDING: "processing",
  CHANNEL_PENDING: "processing",
  FREE_PERIOD: "success",
  ACTIVE: "success",
  LAPSED: "warning",
  REPLACED: "default",
  ENDED: "default",
};

export default function Settings() {
  const { t } = useTranslation("settings");
  const id = useAccountId();
  return (
    <Page title={t("title")}>
      <PageTabs
        tabs={[
          {
            key: "account",
            label: t("account"),
            children: (
              <Loaded document={SettingsPage} variables={{ id }}>
                {(data) =>
                  data.account && (
                    <Flex vertical gap="middle">
                      <Profile account={data.account} />
                      <Paying account={data.account} data={data} />
                    </Flex>
                  )
                }
              </Loaded>
            ),
          },
          { key: "channels", label: t("channels"), children: <BindingList /> },
          { key: "editions", label: t("editions"), children: <UpgradeList /> },
          { key: "agreements", label: t("agreements"), children: <AcceptanceList /> },
        ]}
      />
    </Page>
  );
}

function Profile({ account }: { account: Account }) {
  const { t } = useTranslation(["settings", "common"]);
  const { administers } = useRights();
  const [rename] = useAction(RenameAccount);
  const [setProfile] = useAction(SetProfile);
  const accountId = account.id;
  const { industry, contactName, contactPhone } = account;
  return (
    <Card
      title={t("profile")}
      extra={
        administers && (
          <Flex gap="small" wrap>
            <FormButton<{ name: string }>
              label={t("rename")}
              initialValues={{ name: account.name }}
              send={(entered, form) => rename({ accountId, ...entered }, { form, success: t("common:saved") })}
            >
              <Form.Item name="name" label={t("name")} extra={t("renameHelp")} rules={[{ required: true, message: t("common:required") }]}>
                <Input maxLength={200} autoComplete="organization" />
              </Form.Item>
            </FormButton>
            <FormButton<{ industry?: string; contactName?: string; contactPhone?: string }>
              label={t("editProfile")}
              initialValues={{ industry: industry ?? undefined, contactName: contactName ?? undefined, contactPhone: contactPhone ?? undefined }}
              send={(entered, form) =>
                setProfile(
                  { accountId, industry: entered.industry || null, contactName: entered.contactName || null, contactPhone: entered.contactPhone || null },
                  { form, success: t("common:saved") },
                )
              }
            >
              <Form.Item name="industry" label={t("industry")}>
                <Input maxLength={100} />
              </Form.Item>
              <Form.Item name="contactName" label={t("contactName")} extra={t("contactHelp")}>
                <Input maxLength={100} autoComplete="name" />
              </Form.Item>
              <Form.Item name="contactPhone" label={t("contactPhone")}>
                <Input autoComplete="tel" />
              </Form.Item>
            </FormButton>
          </Flex>
        )
      }
    >
      <Facts
        column={2}
        facts={[
          [t("name"), account.name],
          [t("edition"), t(`common:edition.${account.edition}`)],
          [t("industry"), industry ?? "—"],
          [t("createdAt"), <Instant at={account.createdAt} />],
          [t("contactName"), contactName ?? "—"],
          [t("contactPhone"), contactPhone ?? "—"],
          [t("accountId"), <Typography.Text copyable code style={{ wordBreak: "break-all" }}>{account.id}</Typography.Text>],
        ]}
      />
    </Card>
  );
}

function Paying({ account, data }: { account: Account; data: SettingsPageQuery }) {
  const { t, i18n } = useTranslation(["settings", "common"]);
  const { administers } = useRights();
  const [open, setOpen] = useState(false);
  const { settlementBinding: binding, channelChangeableFrom: from } = account;
  const waits = !!from && Date.parse(from) > Date.parse(account.clock);
  return (
    <Card
      title={t("paying")}
      extra={administers && binding && <Button disabled={waits} onClick={() => setOpen(true)}>{t("changeChannel")}</Button>}
    >
      {binding ? (
        <Flex vertical gap="small">
          <Facts
            column={2}
            facts={[
              [t("channel"), <ChannelName of={binding.channel} />],
              [t("state"), <Tag color={BINDINGS[binding.state]}>{t(`bindingState.${binding.state}`)}</Tag>],
              [t("boundAt"), binding.boundAt && <Instant at={binding.boundAt} />],
              [t("reference"), binding.externalReference],
            ]}
          />
          {waits && <Typography.Text type="secondary">{t("changeableFrom", { at: formatInstant(from, i18n.language) })}</Typography.Text>}
        </Flex>
      ) : (
        <Typography.Text type="secondary">{t("noChannel")}</Typography.Text>
      )}
      <Drawer open={open} size={720} title={t("changeChannel")} onClose={() => setOpen(false)} destroyOnHidden>
        <Settlement data={data} account={account} />
      </Drawer>
    </Card>
  );
}

function BindingList() {
  const { t } = useTranslation("settings");
  const id = useAccountId();
  return (
    <Pages
      document={Bindings}
      variables={{ id }}
      pick={(data) => data.account?.settlementBindings}
      label={t("channels")}
      empty={t("noChannel")}
      columns={[
        { title: t("channel"), dataIndex: "channel", render: (channel) => <ChannelName of={channel} /> },
        { title: t("state"), dataIndex: "state", render: (state: Binding["state"]) => <Tag color={BINDINGS[state]}>{t(`bindingState.${state}`)}</Tag> },
        { title: t("chosenAt"), dataIndex: "createdAt", render: (at) => <Instant at={at} /> },
        { title: t("boundAt"), dataIndex: "boundAt", render: (at) => <Instant at={at} /> },
        { title: t("reference"), dataIndex: "externalReference", render: (reference) => reference ?? "—" },
        { title: t("endedBy"), dataIndex: "endedBy", render: (by: Binding["endedBy"]) => (by ? t(`bindingEnd.${by}`) : "—") },
      ]}
    />
  );
}

function UpgradeList() {
  const { t } = useTranslation(["settings", "common"]);
  const id = useAccountId();
  return (
    <Pages
      document={Upgrades}
      variables={{ id }}
      pick={(data) => data.account?.upgrades}
      label={t("editions")}
      empty={t("noUpgrades")}
      expandable={{ expandedRowRender: (upgrade: Upgrade) => <Prices upgrade={upgrade} /> }}
      columns={[
        { title: t("edition"), dataIndex: "edition", render: (edition: Upgrade["edition"]) => t(`common:edition.${edition}`) },
        { title: t("state"), dataIndex: "state", render: (state: UpgradeState) => <Tag color={UPGRADES[state]}>{t(`upgradeState.${state}`)}</Tag> },
        { title: t("chosenAt"), dataIndex: "chosenAt", render: (at) => <Instant at={at} /> },
        { title: t("upgradedAt"), dataIndex: "upgradedAt", render: (at) => <Instant at={at} /> },
        { title: t("freePeriodEndsAt"), dataIndex: "freePeriodEndsAt", render: (at) => <Instant at={at} /> },
        { title: t("firstBilledDay"), dataIndex: "firstBilledDay", render: (day) => <Day of={day} /> },
        { title: t("endedAt"), dataIndex: "endedAt", render: (at) => <Instant at={at} /> },
      ]}
    />
  );
}

/** What a day cost when the edition was chosen, and what was announced since. */
function Prices({ upgrade }: { upgrade: Upgrade }) {
  const { t } = useTranslation("settings");
  return (
    <Flex vertical gap="small">
      <Typography.Text>{t("price")} {upgrade.pricePlan.texts.join(t("semicolon"))}</Typography.Text>
      {upgrade.priceChanges.map((change) => (
        <Typography.Text key={change.announcedAt} delete={!!change.withdrawnAt}>
          <Day of={change.fromDay} /> {t("priceFrom")} {change.pricePlan.texts.join(t("semicolon"))}
          {change.withdrawnAt && ` (${t("withdrawn")})`}
        </Typography.Text>
      ))}
    </Flex>
  );
}

function AcceptanceList() {
  const { t } = useTranslation("settings");
  const id = useAccountId();
  return (
    <Pages
      document={Acceptances}
      variables={{ id }}
      pick={(data) => data.account?.acceptances}
      label={t("agreements")}
      empty={t("noAgreements")}
      expandable={{
        expandedRowRender: ({ agreement, contentHash }: Acceptance) => (
          <Flex vertical gap="small">
            <div className="agreement" tabIndex={0} role="region" aria-label={agreement.title}>{agreement.text}</div>
            <Typography.Text type="secondary">{t("hash")} <code style={{ wordBreak: "break-all" }}>{contentHash}</code></Typography.Text>
          </Flex>
        ),
      }}
      columns={[
        { title: t("agreement"), dataIndex: ["agreement", "title"] },
        { title: t("version"), dataIndex: ["agreement", "version"] },
        { title: t("acceptedAt"), dataIndex: "acceptedAt", render: (at) => <Instant at={at} /> },
        { title: t("acceptedBy"), dataIndex: "acceptedBy" },
        { title: t("address"), dataIndex: "address" },
      ]}
    />
  );
}
