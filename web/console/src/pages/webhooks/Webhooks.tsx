/** Where events are posted to, and how that went. */
import { useTranslation } from "react-i18next";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { Deliveries } from "./Deliveries";
import { Endpoints } from "./Endpoints";

export default function Webhooks() {
  const { t } = useTranslation("webhooks");
  return (
    <Page title={t("title")} about={t("about")}>
      <PageTabs
        tabs={[
          { key: "endpoints", label: t("endpoints"), children: <Endpoints /> },
          { key: "deliveries", label: t("deliveries"), children: <Deliveries /> },
        ]}
      />
    </Page>
  );
}
