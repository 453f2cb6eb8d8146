/** The frame around an account's pages: its menu, its banners, and what happens to it as it happens. */
import {
  AlertOutlined, AppstoreOutlined, AuditOutlined, BarChartOutlined, CalendarOutlined, FileTextOutlined, HomeOutlined,
  KeyOutlined, RocketOutlined, SendOutlined, SettingOutlined, SolutionOutlined, TeamOutlined, UnorderedListOutlined, WalletOutlined,
} from "@ant-design/icons";
import { Alert, Button, Flex, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Outlet, useNavigate } from "react-router";
import { useQuery, useSubscription } from "urql";
import { graphql } from "@/gql";
import NotFound from "@/pages/NotFound";
import { Failure } from "@/parts/Failure";
import { formatInstant } from "@/parts/values";
import { pathOf, rightsOf, useAccountId, type OpenAccount } from "./account";
import { Frame, type MenuItems } from "./Frame";
import { useAction } from "./useAction";

const AccountFrame = graphql(`
  query AccountFrame($id: ID!) {
    viewer {
      staffRoles
      user { id name email }
      accounts(first: 100) { nodes { id name } }
    }
    account(id: $id) {
      id name edition sandbox clock viewerRole
      standing { state deadline }
      lock { deadline }
      suspension { id reason }
    }
  }
`);

const AccountEvents = graphql(`
  subscription AccountEvents($id: ID!) {
    accountEvents(accountId: $id) { id type at }
  }
`);

const MoveClock = graphql(`
  mutation MoveClock($id: ID!, $bySeconds: Int!) {
    advanceSandboxClock(accountId: $id, bySeconds: $bySeconds) {
      ... on AdvanceSandboxClockSuccess { account { id clock edition } }
      ... on Error { code message path }
    }
  }
`);

const DAY = 24 * 60 * 60;

export default function AccountLayout() {
  const id = useAccountId();
  const [{ data, error }, again] = useQuery({ query: AccountFrame, variables: { id } });
  useSubscription({ query: AccountEvents, variables: { id } });
  const menu = useMenu(id, data?.account?.viewerRole ?? null);
  if (error && !data) return <Failure error={error} again={again} />;
  if (!data) return null;
  if (!data.viewer || !data.account) return <NotFound />;
  const { viewer, account } = data;
  return (
    <Frame
      menu={menu}
      person={viewer.user}
      staffRoles={viewer.staffRoles}
      heading={<AccountSwitch accounts={viewer.accounts.nodes} present={account} />}
      above={<Banners account={account} />}
      outlet={<Outlet context={account} />}
    />
  );
}

function useMenu(id: string, role: OpenAccount["viewerRole"]): MenuItems {
  const { t } = useTranslation("account");
  const { administers } = rightsOf(role);
  const entry = (page: string, label: string, icon: React.ReactNode) => ({ key: pathOf(id, page), label, icon });
  return [
    entry("", t("home"), <HomeOutlined />),
    ...(administers ? [entry("upgrade", t("upgrade"), <RocketOutlined />)] : []),
    {
      type: "group",
      label: t("billing"),
      children: [
        entry("usage", t("usage"), <BarChartOutlined />),
        entry("charges", t("charges"), <UnorderedListOutlined />),
        entry("statements", t("statements"), <CalendarOutlined />),
        entry("invoices", t("invoices"), <AuditOutlined />),
        entry("wallet", t("wallet"), <WalletOutlined />),
      ],
    },
    {
      type: "group",
      label: t("operation"),
      children: [
        entry("licenses", t("licenses"), <KeyOutlined />),
        entry("contracts", t("contracts"), <FileTextOutlined />),
        entry("events", t("events"), <AppstoreOutlined />),
        entry("alerts", t("alerts"), <AlertOutlined />),
      ],
    },
    {
      type: "group",
      label: t("administration"),
      children: [
        entry("members", t("members"), <TeamOutlined />),
        ...(administers
          ? [entry("webhooks", t("webhooks"), <SendOutlined />), entry("audit", t("audit"), <SolutionOutlined />)]
          : []),
        entry("settings", t("settings"), <SettingOutlined />),
      ],
    },
  ];
}

function AccountSwitch({ accounts, present }: { accounts: { id: string; name: string }[]; present: OpenAccount }) {
  const { t } = useTranslation("account");
  const navigate = useNavigate();
  const options = [...accounts, ...(accounts.some(({ id }) => id === present.id) ? [] : [present])];
  return (
    <Select
      aria-label={t("switch")}
      variant="borderless"
      value={present.id}
      options={[...options.map(({ id, name }) => ({ value: id, label: name })), { value: "", label: `+ ${t("new")}` }]}
      onChange={(id) => navigate(id ? pathOf(id) : "/?new")}
      popupMatchSelectWidth={false}
      style={{ maxWidth: 240, minWidth: 0, fontWeight: 600 }}
    />
  );
}

function Banners({ account }: { account: OpenAccount }) {
  const { t, i18n } = useTranslation("account");
  const at = (instant: string) => formatInstant(instant, i18n.language);
  const banners = [
    account.suspension && t("suspended", { reason: account.suspension.reason }),
    account.lock && t("locked", { at: at(account.lock.deadline) }),
    account.standing.state === "SUSPENDED" && t("standingSuspended"),
    account.standing.state === "IN_ARREARS" && t("inArrears"),
  ].filter((text) => typeof text === "string");
  return (
    <Flex vertical gap="small" style={{ marginBottom: banners.length || account.sandbox ? 16 : 0 }}>
      {account.sandbox && <SandboxClock account={account} />}
      {banners.map((text) => <Alert key={text} type="warning" showIcon title={text} />)}
    </Flex>
  );
}

function SandboxClock({ account }: { account: OpenAccount }) {
  const { t, i18n } = useTranslation("account");
  const [move, moving] = useAction(MoveClock);
  const by = (days: number) => () => move({ id: account.id, bySeconds: days * DAY });
  return (
    <Alert
      type="info"
      showIcon
      title={
        <Flex justify="space-between" align="center" gap="small" wrap>
          <span>{t("sandbox")} · {t("sandboxClock", { at: formatInstant(account.clock, i18n.language) })}</span>
          {rightsOf(account.viewerRole).administers && (
            <Flex gap="small">
              <Button size="small" loading={moving} onClick={by(1)}>{t("nextDay")}</Button>
              <Button size="small" loading={moving} onClick={by(7)}>{t("nextWeek")}</Button>
            </Flex>
          )}
        </Flex>
      }
    />
  );
}
