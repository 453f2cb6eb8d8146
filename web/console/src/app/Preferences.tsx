/** Language and theme, in the upper right corner of every page. */
import { GlobalOutlined, MoonOutlined, SunOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { chooseLanguage } from "./language";
import { chooseScheme, useScheme } from "./theme";

export function Preferences() {
  const { t, i18n } = useTranslation();
  const scheme = useScheme();
  const opposite = scheme === "dark" ? "light" : "dark";
  const other = i18n.language === "zh" ? "en" : "zh";
  return (
    <>
      <Button
        type="text"
        icon={<GlobalOutlined />}
        aria-label={`${t("language")}: ${other === "zh" ? "中文" : "English"}`}
        onClick={() => chooseLanguage(other)}
      >
        {other === "zh" ? "中文" : "English"}
      </Button>
      <Button
        type="text"
        icon={scheme === "dark" ? <SunOutlined /> : <MoonOutlined />}
        aria-label={`${t("theme")}: ${t(opposite)}`}
        onClick={() => chooseScheme(opposite)}
      />
    </>
  );
}
