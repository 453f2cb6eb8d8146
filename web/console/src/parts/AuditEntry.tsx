/** How the audit log says what was done and what came of it; its own words stand beside ours, for whoever looks further. */
import { Tag, Tooltip, Typography } from "antd";
import { useTranslation } from "react-i18next";
import en from "@/locales/en/actions.json";
import zh from "@/locales/zh/actions.json";

const READ = "read: ";
/** Read with the pages of the log alone: there are many. */
const SAID: Record<string, Record<string, string>> = { en, zh };

export function Action({ of }: { of: string }) {
  const { t, i18n } = useTranslation("audit");
  const read = of.startsWith(READ);
  const said = read ? t("read") : SAID[i18n.language]?.[of];
  const name = read ? of.slice(READ.length) : of;
  return said ? <>{said} <Typography.Text type="secondary" code>{name}</Typography.Text></> : <code>{name}</code>;
}

export function Outcome({ of }: { of: string }) {
  const { t } = useTranslation("audit");
  return of === "SUCCESS" ? <Tag color="success">{t("done")}</Tag> : <Tooltip title={of}><Tag color="warning">{t("refused")}</Tag></Tooltip>;
}
