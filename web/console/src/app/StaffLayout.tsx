/** The frame around the staff's pages: a menu of what the viewer's roles have to do with. */
import {
  ApartmentOutlined, AuditOutlined, BankOutlined, BookOutlined, BranchesOutlined, CalendarOutlined, ClusterOutlined,
  DashboardOutlined, DiffOutlined, FileProtectOutlined, FileSearchOutlined, FileTextOutlined, GiftOutlined,
  InboxOutlined, LineChartOutlined, PercentageOutlined, RocketOutlined, SafetyCertificateOutlined, ScheduleOutlined,
  TagsOutlined, TeamOutlined, WarningOutlined,
} from "@ant-design/icons";
import { Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { useQuery, useSubscription } from "urql";
import { graphql } from "@/gql";
import type { StaffRole } from "@/gql/graphql";
import NotFound from "@/pages/NotFound";
import { Failure } from "@/parts/Failure";
import { Frame, type MenuItems } from "./Frame";
import { type AtWork, reads } from "./staff";

const StaffFrame = graphql(`
  query StaffFrame {
    viewer { staffRoles user { id name email } }
  }
`);

const StaffEvents = graphql(`
  subscription StaffEvents {
    staffEvents { id type at }
  }
`);

const KEY = "edition-billing.sandboxes";

export default function StaffLayout() {
  const { t } = useTranslation("staff");
  const [{ data, error }, again] = useQuery({ query: StaffFrame });
  const [sandboxes, setSandboxes] = useState(() => sessionStorage.getItem(KEY) === "true");
  const roles = data?.viewer?.staffRoles ?? [];
  const menu = useMenu(roles);
  useSubscription({ query: StaffEvents, pause: roles.length === 0 });
  if (error && !data) return <Failure error={error} again={again} />;
  if (!data) return null;
  if (!data.viewer || !roles.length) return <NotFound />;
  const showSandboxes = (shown: boolean) => {
    sessionStorage.setItem(KEY, String(shown));
    setSandboxes(shown);
  };
  return (
    <Frame
      staff
      menu={menu}
      person={data.viewer.user}
      staffRoles={roles}
      heading={<Typography.Text strong ellipsis>{t("area")}</Typography.Text>}
      outlet={<Outlet context={{ roles, sandboxes, showSandboxes } satisfies AtWork} />}
    />
  );
}

function useMenu(roles: readonly StaffRole[]): MenuItems {
  const { t } = useTranslation("staff");
  const to = (page: string, icon: ReactNode, ...readers: StaffRole[]) =>
    readers.length === 0 || reads(roles)(...readers) ? [{ key: `/staff/${page}`, icon, label: t(`menu.${page}` as "menu.accounts") }] : [];
  const group = (label: string, children: ReturnType<typeof to>) =>
    children.length ? [{ type: "group" as const, label, children }] : [];
  return [
    { key: "/staff", icon: <DashboardOutlined />, label: t("menu.start") },
    ...group(t("menu.customers"), [
      ...to("applications", <InboxOutlined />, "ACCOUNT_MANAGER"),
      ...to("accounts", <TeamOutlined />),
    ]),
    ...group(t("menu.money"), [
      ...to("top-ups", <BankOutlined />, "FINANCE"),
      ...to("invoices", <AuditOutlined />, "FINANCE"),
      ...to("verifications", <SafetyCertificateOutlined />, "FINANCE"),
      ...to("settlements", <WarningOutlined />, "FINANCE"),
      ...to("cases", <DiffOutlined />, "FINANCE"),
      ...to("vouchers", <GiftOutlined />, "FINANCE"),
      ...to("coupons", <PercentageOutlined />, "FINANCE"),
    ]),
    ...group(t("menu.reports"), [
      ...to("revenue", <LineChartOutlined />, "FINANCE"),
      ...to("arrears", <ScheduleOutlined />, "FINANCE"),
      ...to("books", <BookOutlined />, "FINANCE"),
    ]),
    ...group(t("menu.catalog"), [
      ...to("plans", <TagsOutlined />, "OPERATOR"),
      ...to("groups", <ApartmentOutlined />, "OPERATOR"),
      ...to("meters", <DashboardOutlined />, "OPERATOR"),
      ...to("editions", <BranchesOutlined />, "OPERATOR"),
      ...to("agreements", <FileTextOutlined />, "OPERATOR"),
      ...to("releases", <RocketOutlined />, "OPERATOR"),
    ]),
    ...group(t("menu.service"), [
      ...to("days", <CalendarOutlined />, "OPERATOR"),
      ...to("channels", <ClusterOutlined />),
      ...to("roles", <FileProtectOutlined />, "OPERATOR"),
      ...to("audit", <FileSearchOutlined />, "OPERATOR"),
    ]),
  ];
}
