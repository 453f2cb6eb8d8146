/** Suspending an account, a license or a deployment, and ending that. */
import type { ButtonProps } from "antd";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { FormButton } from "@/parts/FormButton";
import { Reason } from "./inputs";

const Suspend = graphql(`
  mutation Suspend($subjectId: ID!, $reason: String!, $idempotencyKey: String) {
    suspend(subjectId: $subjectId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on SuspendSuccess { suspension { id } }
      ... on Error { code message path }
    }
  }
`);

const Reinstate = graphql(`
  mutation Reinstate($subjectId: ID!, $reason: String!, $idempotencyKey: String) {
    reinstate(subjectId: $subjectId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on ReinstateSuccess { suspension { id } }
      ... on Error { code message path }
    }
  }
`);

interface Props extends Pick<ButtonProps, "size"> {
  subjectId: string;
  suspended: boolean;
  help: string;
}

export function SuspendButton({ subjectId, suspended, help, size }: Props) {
  const { t } = useTranslation("staff");
  const [suspend] = useAction(Suspend);
  const [reinstate] = useAction(Reinstate);
  if (suspended)
    return (
      <FormButton<{ reason: string }>
        label={t("reinstate")}
        size={size}
        send={({ reason }, form) => reinstate({ subjectId, reason }, { form, success: t("reinstated") })}
      >
        <Reason help={t("customerReads")} />
      </FormButton>
    );
  return (
    <FormButton<{ reason: string }>
      label={t("suspend")}
      danger
      size={size}
      send={({ reason }, form) => suspend({ subjectId, reason }, { form, success: t("suspended") })}
    >
      <p>{help}</p>
      <Reason help={t("customerReads")} />
    </FormButton>
  );
}
