/** How the audit log says what was done and what came of it; its own words stand beside ours, for whoever looks further. */
import { Tag, Tooltip, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type actions from "@/locales/zh/actions.json";

const READ = "read: ";

export function Action({ of }: { of: string }) {
  const { t } = useTranslation(["audit", "actions"]);
  const read = of.startsWith(READ);
  const said = read ? t("read") : t(`actions:${of as keyof typeof actions}`, { defaultValue: "" });
  const name = read ? of.slice(READ.length) : of;
  return said ? <>{said} <Typography.Text type="secondary" code>{name}</Typography.Text></> : <code>{name}</code>;
}

export function Outcome({ of }: { of: string }) {
  const { t } = useTranslation("audit");
  return of === "SUCCESS" ? <Tag color="success">{t("done")}</Tag> : <Tooltip title={of}><Tag color="warning">{t("refused")}</Tag></Tooltip>;
}
