/** Language and theme, in the upper right corner of every page. */
import { GlobalOutlined, MoonOutlined, SunOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { chooseLanguage } from "./language";
import { chooseScheme, useScheme } from "./theme";

export function Preferences() {
  const { t, i18n } = useTranslation();
  const scheme = useScheme();
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <>
      <Button
        type="text"
        icon={<GlobalOutlined />}
        aria-label={t("language")}
        onClick={() => chooseLanguage(i18n.language === "zh" ? "en" : "zh")}
      >
        {i18n.language === "zh" ? "English" : "中文"}
      </Button>
      <Button
        type="text"
        icon={scheme === "dark" ? <SunOutlined /> : <MoonOutlined />}
        aria-label={`${t("theme")}: ${t(other)}`}
        onClick={() => chooseScheme(other)}
      />
    </>
  );
}
