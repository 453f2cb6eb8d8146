/** Whether something that is published is to come, in force, or withdrawn. */
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { Instant } from "@/parts/values";

interface Published {
  validFrom: string;
  withdrawnAt: string | null;
  withdrawnBy?: string | null;
}

export const isToCome = ({ validFrom, withdrawnAt }: Published) => withdrawnAt === null && Date.parse(validFrom) > Date.now();

export function Validity({ of }: { of: Published }) {
  const { t } = useTranslation("operations");
  if (of.withdrawnAt)
    return (
      <>
        <Tag>{t("withdrawn")}</Tag> {of.withdrawnBy} <Instant at={of.withdrawnAt} />
      </>
    );
  return <Tag color={isToCome(of) ? "processing" : "success"}>{t(isToCome(of) ? "toCome" : "inForce")}</Tag>;
}
