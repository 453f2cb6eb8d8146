/** The whole application: who is signed in, the language and the theme around the pages. */
import { App, ConfigProvider, theme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { RouterProvider } from "react-router";
import { Provider } from "urql";
import { createClient } from "./client";
import { router } from "./routes";
import { useToken } from "./session";
import { useScheme } from "./theme";

const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;

export function Console() {
  const token = useToken();
  const { i18n } = useTranslation();
  const scheme = useScheme();
  // Whoever signs in, out, or changes the language gets a cache of their own; the client reads both when it is made.
  const client = useMemo(() => createClient(), [token, i18n.language]);
  return (
    <ConfigProvider
      locale={i18n.language === "zh" ? zhCN : enUS}
      csp={{ nonce }}
      theme={{
        algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: { colorPrimary: "#1668dc", colorTextDescription: scheme === "dark" ? "#a6a6a6" : "#595959" },
      }}
    >
      <App>
        <Provider value={client} key={`${token}${i18n.language}`}>
          <RouterProvider router={router} />
        </Provider>
      </App>
    </ConfigProvider>
  );
}
