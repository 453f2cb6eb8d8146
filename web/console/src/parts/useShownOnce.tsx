/** Secrets that are shown this once, in a dialog that stays until it is closed on purpose. */
import { Alert, App, Flex } from "antd";
import { useTranslation } from "react-i18next";
import { Copied } from "./Copied";

interface Shown {
  title: string;
  /** What to do with them, where that is not plain. */
  about?: string;
  secrets: { label: string; text: string; rows?: number }[];
}

/** `const showOnce = useShownOnce()`; `showOnce({title, secrets})`. */
export function useShownOnce() {
  const { modal } = App.useApp();
  const { t } = useTranslation();
  return ({ title, about, secrets }: Shown) =>
    modal.info({
      title,
      icon: null,
      width: 560,
      okText: t("keptIt"),
      mask: { closable: false },
      keyboard: false,
      content: (
        <Flex vertical gap="middle">
          {about}
          {secrets.map((secret) => <Copied key={secret.label} {...secret} />)}
          <Alert type="warning" showIcon title={t("shownOnce")} />
        </Flex>
      ),
    });
}
