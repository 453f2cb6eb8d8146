/** An account's name, linked to what staff see of it. */
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { accountPath } from "@/app/staff";

export function AccountLink({ account }: { account: { id: string; name: string; sandbox?: boolean } }) {
  const { t } = useTranslation("staff");
  return (
    <>
      <Link to={accountPath(account.id)}>{account.name}</Link> {account.sandbox && <Tag>{t("sandboxAccount")}</Tag>}
    </>
  );
}
