/** One account as staff see it: how it stands, and what staff do about it. */
import { Alert, Button, Card, Descriptions, Flex, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { pathOf } from "@/app/account";
import { useStaff } from "@/app/staff";
import { graphql } from "@/gql";
import type { StaffAccountQuery } from "@/gql/graphql";
import NotFound from "@/pages/NotFound";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { formatInstant, Instant, Money } from "@/parts/values";
import { AccountActions } from "./AccountActions";
import { AccountCharges } from "./AccountCharges";
import { AccountDiscounts } from "./AccountDiscounts";
import { AccountLicenses } from "./AccountLicenses";
import { AccountSuspensions } from "./AccountSuspensions";
import { AccountVouchers } from "./AccountVouchers";
import { STANDING_COLOURS } from "./Accounts";
import { useChannelName } from "./inputs";

const StaffAccount = graphql(`
  query StaffAccount($id: ID!) {
    account(id: $id) {
      id name edition sandbox clock createdAt industry contactName contactPhone
      standing { state since deadline finalNoticeAt owed { amount currency } }
      lock { channel since deadline finalNoticeAt }
      suspension { id reason beganAt }
      settlementBinding { id channel state boundAt }
      channelChangeableFrom
      wallet { channel balance { amount currency } available { amount currency } }
      upgrade { id state firstBilledDay pricePlan { id texts } }
      priceGroup { key name }
      verifiedCompany { id name taxNumber }
    }
  }
`);

export type StaffAccount = NonNullable<StaffAccountQuery["account"]>;

export default function Account() {
  const id = useParams().accountId!;
  return (
    <Loaded key={id} document={StaffAccount} variables={{ id }}>
      {({ account }) => (account ? <Shown account={account} /> : <NotFound />)}
    </Loaded>
  );
}

function Shown({ account }: { account: StaffAccount }) {
  const { t } = useTranslation(["staff", "common"]);
  const navigate = useNavigate();
  const { reads } = useStaff();
  const { id } = account;
  const tabs = [
    { key: "about", label: t("overview"), children: <Overview account={account} /> },
    { key: "charges", label: t("charges"), children: <AccountCharges id={id} /> },
    ...(reads("FINANCE", "ACCOUNT_MANAGER", "OPERATOR")
      ? [
          { key: "vouchers", label: t("vouchers"), children: <AccountVouchers account={account} /> },
          { key: "discounts", label: t("discounts"), children: <AccountDiscounts id={id} /> },
          { key: "licenses", label: t("licenses"), children: <AccountLicenses id={id} /> },
          { key: "suspensions", label: t("suspensions"), children: <AccountSuspensions id={id} /> },
        ]
      : []),
  ];
  return (
    <Page
      title={account.name}
      about={
        <Flex gap="small" wrap>
          {t(`common:edition.${account.edition}`)}
          <Tag color={STANDING_COLOURS[account.standing.state]}>{t(`common:standing.${account.standing.state}`)}</Tag>
          {account.sandbox && <Tag>{t("sandboxAccount")}</Tag>}
        </Flex>
      }
      actions={<Button onClick={() => navigate(pathOf(id))}>{t("customerPages")}</Button>}
    >
      <Warnings account={account} />
      <AccountActions account={account} />
      <Card size="small">
        <PageTabs tabs={tabs} />
      </Card>
    </Page>
  );
}

function Warnings({ account }: { account: StaffAccount }) {
  const { t, i18n } = useTranslation("staff");
  const at = (instant: string | null) => (instant ? formatInstant(instant, i18n.language) : "");
  const { standing, lock, suspension } = account;
  const notice = standing.finalNoticeAt ?? lock?.finalNoticeAt;
  const shown = [
    suspension && t("warning.suspended", { at: at(suspension.beganAt), reason: suspension.reason }),
    standing.state === "SUSPENDED" && t("warning.owes", { at: at(standing.since), deadline: at(standing.deadline) }),
    standing.state === "IN_ARREARS" && t("warning.arrears", { at: at(standing.since) }),
    lock && t("warning.locked", { at: at(lock.since), deadline: at(lock.deadline) }),
    notice && t("warning.noticed", { at: at(notice) }),
  ].filter((text) => typeof text === "string");
  return shown.map((text) => <Alert key={text} type="warning" showIcon title={text} />);
}

function Overview({ account }: { account: StaffAccount }) {
  const { t } = useTranslation("staff");
  const channelName = useChannelName();
  const { settlementBinding: binding, standing, upgrade, wallet, verifiedCompany: company } = account;
  const plan = upgrade?.pricePlan;
  return (
    <Descriptions
      size="small"
      bordered
      column={{ xs: 1, lg: 2 }}
      items={[
        { key: "opened", label: t("openedAt"), children: <Instant at={account.createdAt} /> },
        { key: "clock", label: t("clock"), children: <Instant at={account.clock} /> },
        { key: "contact", label: t("contact"), children: [account.contactName, account.contactPhone].filter(Boolean).join(" · ") || "—" },
        { key: "industry", label: t("industry"), children: account.industry ?? "—" },
        { key: "company", label: t("verifiedCompany"), children: company ? `${company.name} · ${company.taxNumber}` : t("notVerified") },
        {
          key: "channel",
          label: t("channel"),
          children: binding ? `${channelName(binding.channel)}${binding.state === "PENDING" ? ` (${t("pendingBinding")})` : ""}` : "—",
        },
        { key: "change", label: t("channelChangeable"), children: account.channelChangeableFrom ? <Instant at={account.channelChangeableFrom} /> : t("now") },
        {
          key: "owed",
          label: t("owed"),
          children: standing.owed.length ? standing.owed.map((each) => <div key={each.currency}><Money of={each} /></div>) : "—",
        },
        { key: "balance", label: t("balance"), children: wallet ? <Money of={wallet.balance} /> : "—" },
        { key: "available", label: t("available"), children: wallet ? <Money of={wallet.available} /> : "—" },
        { key: "group", label: t("priceGroup"), children: account.priceGroup?.name ?? t("catalogPrice") },
        { key: "plan", label: t("pricePlan"), children: plan ? plan.texts.map((text) => <div key={text}>{text}</div>) : "—" },
      ]}
    />
  );
}
