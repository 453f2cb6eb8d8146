/** What the account may run and where it runs: licenses, deployments, and the AK/SK pairs that deployments sign with. */
import { useTranslation } from "react-i18next";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { AccessKeys } from "./AccessKeys";
import { Deployments } from "./Deployments";
import { LicenseList } from "./LicenseList";

export default function Licenses() {
  const { t } = useTranslation("licenses");
  return (
    <Page title={t("title")} about={t("about")}>
      <PageTabs
        tabs={[
          { key: "licenses", label: t("licenses"), children: <LicenseList /> },
          { key: "deployments", label: t("deployments"), children: <Deployments /> },
          { key: "keys", label: t("keys"), children: <AccessKeys /> },
        ]}
      />
    </Page>
  );
}
