/** What every page has: waiting while its code is loaded, and a beginning at its top. */
import { Spin } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { NavigationType, Outlet, useLocation, useNavigation, useNavigationType } from "react-router";
import "./console.css";

export default function Shell() {
  const { t } = useTranslation();
  const { state } = useNavigation();
  const { pathname } = useLocation();
  const way = useNavigationType();
  // Going back, the browser restores where the person was.
  useEffect(() => {
    if (way !== NavigationType.Pop) scrollTo(0, 0);
  }, [pathname]);
  return (
    <Spin spinning={state === "loading"} delay={200} description={t("loading")} fullscreen={false}>
      <Outlet />
    </Spin>
  );
}
