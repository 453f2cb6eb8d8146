/** The whole application: who is signed in, the language and the theme around the pages. */
import { App, ConfigProvider, theme, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { RouterProvider } from "react-router";
import { Provider } from "urql";
import { createClient } from "./client";
import { router } from "./routes";
import { useToken } from "./session";
import { type Scheme, useScheme } from "./theme";

/** Colours of texts that the eye tells from what is behind them (WCAG 2.2 AA), where the library's own are too pale. */
const READABLE: Record<Scheme, ThemeConfig> = {
  light: {
    token: {
      colorPrimary: "#1668dc",
      colorInfo: "#1668dc",
      colorLink: "#1668dc",
      colorSuccess: "#237804",
      colorSuccessBg: "#f6ffed",
      colorSuccessBorder: "#b7eb8f",
      colorWarning: "#9a5b00",
      colorWarningBg: "#fffbe6",
      colorWarningBorder: "#ffe58f",
      colorError: "#cf1322",
      colorTextDescription: "#595959",
      colorTextDisabled: "#737373",
      colorTextPlaceholder: "#707070",
    },
    components: { Descriptions: { labelColor: "#595959" } },
  },
  dark: {
    token: {
      colorPrimary: "#1668dc",
      colorInfo: "#69b1ff",
      colorLink: "#65a9f3",
      colorError: "#ff7875",
      colorTextDescription: "#a6a6a6",
      colorTextDisabled: "#8c8c8c",
      colorTextPlaceholder: "#8c8c8c",
    },
    components: {
      Button: { dangerColor: "#141414" },
      Calendar: { colorPrimary: "#65a9f3" },
      Descriptions: { labelColor: "#a6a6a6" },
      Menu: { itemSelectedColor: "#65a9f3" },
      Tabs: { itemSelectedColor: "#65a9f3", itemHoverColor: "#65a9f3" },
    },
  },
};

export function Console() {
  const token = useToken();
  const { i18n } = useTranslation();
  const scheme = useScheme();
  // Whoever signs in, out, or changes the language gets a cache of their own; the client reads both when it is made.
  const client = useMemo(() => createClient(), [token, i18n.language]);
  return (
    <ConfigProvider
      locale={i18n.language === "zh" ? zhCN : enUS}
      theme={{ algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm, ...READABLE[scheme] }}
    >
      <App>
        <Provider value={client} key={`${token}${i18n.language}`}>
          <RouterProvider router={router} />
        </Provider>
      </App>
    </ConfigProvider>
  );
}
