/** Who is at work on the staff's pages, for the pages within `StaffLayout`. */
import { Switch, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useOutletContext } from "react-router";
import type { StaffRole } from "@/gql/graphql";

export interface AtWork {
  roles: readonly StaffRole[];
  /** Whether lists also have what is of sandbox accounts. */
  sandboxes: boolean;
  showSandboxes: (shown: boolean) => void;
}

export function useStaff() {
  const { roles, sandboxes } = useOutletContext<AtWork>();
  return { sandboxes, may: may(roles), reads: reads(roles) };
}

/** Whether staff with these roles do what one of the roles asked about may do. */
export const may = (roles: readonly StaffRole[]) => (...asked: StaffRole[]) => asked.some((role) => roles.includes(role));

/** Whether they read what one of the roles asked about reads: an auditor reads everything. */
export const reads = (roles: readonly StaffRole[]) => (...asked: StaffRole[]) => may(roles)(...asked, "AUDITOR");

/** A switch for lists of money: play money is left out unless it is asked for. */
export function Sandboxes() {
  const { t } = useTranslation("staff");
  const { sandboxes, showSandboxes } = useOutletContext<AtWork>();
  return (
    <label style={{ display: "flex", gap: 8, alignItems: "center" }}>
      <Switch size="small" checked={sandboxes} onChange={showSandboxes} />
      <Typography.Text>{t("sandboxes")}</Typography.Text>
    </label>
  );
}

export const accountPath = (accountId: string) => `/staff/accounts/${encodeURIComponent(accountId)}`;
