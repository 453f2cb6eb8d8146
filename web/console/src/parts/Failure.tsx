/** What could not be read, and a button to try again. */
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import type { CombinedError } from "urql";

export function Failure({ error, again }: { error: CombinedError; again?: () => void }) {
  const { t } = useTranslation();
  const text = error.graphQLErrors[0]?.message ?? t("unreachable");
  return (
    <Alert
      type="error"
      showIcon
      title={text}
      action={again && <Button size="small" onClick={again}>{t("tryAgain")}</Button>}
    />
  );
}
