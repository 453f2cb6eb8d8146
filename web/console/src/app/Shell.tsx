/** What every page has: waiting while its code is loaded. */
import { Spin } from "antd";
import { useTranslation } from "react-i18next";
import { Outlet, useNavigation } from "react-router";
import "./console.css";

export default function Shell() {
  const { t } = useTranslation();
  const { state } = useNavigation();
  return (
    <Spin spinning={state === "loading"} delay={200} description={t("loading")} fullscreen={false}>
      <Outlet />
    </Spin>
  );
}
