/** What asks for a session that was begun a short while ago: whoever's is older is offered to sign in again. */
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { session } from "@/app/session";
import type { Refusal } from "@/app/useAction";

/** `act(variables, { refused: useRecently() })` */
export function useRecently() {
  const { modal } = App.useApp();
  const { t } = useTranslation(["me", "common"]);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  return ({ code, message }: Refusal): boolean => {
    if (code !== "RECENT_SIGN_IN_REQUIRED") return false;
    modal.confirm({
      title: t("signInAgain"),
      content: message,
      okText: t("signInAgain"),
      onOk: () => {
        session.end();
        navigate(`/sign-in?next=${encodeURIComponent(pathname)}`);
      },
    });
    return true;
  };
}
