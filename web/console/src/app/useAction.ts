/** Changing something: runs a mutation, shows what was refused where it belongs, and gives what was done. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { App, type FormInstance } from "antd";
import type { OperationDefinitionNode } from "graphql";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMutation } from "urql";

/** What is refused, by any mutation: `code` for programs, `message` for people, `path` to the argument. */
export interface Refusal {
  code: string;
  message: string;
  path: string[];
}
type Answer<Data> = Data[Extract<Exclude<keyof Data, "__typename">, string>];
type Done<Data> = Exclude<Answer<Data>, { code: unknown }>;

interface Options {
  /** Whose fields show what is wrong with them; the rest is shown on top of the page. */
  form?: FormInstance;
  /** Called with a refusal first; true: it has been dealt with. */
  refused?: (refusal: Refusal) => boolean;
  /** Told when it is done. */
  success?: string;
}

/**
 * `const [act, acting] = useAction(document)`; `await act(variables, {form, success})` is what was done, or `undefined`
 * where it was refused, which the person has been told by then. A document with a variable `idempotencyKey` is given
 * one, the same until an answer arrives: sent again after a lost connection, it is done once.
 */
export function useAction<Data extends object, Variables extends object>(
  document: TypedDocumentNode<Data, Variables & { idempotencyKey?: string | null }>,
) {
  const [{ fetching }, run] = useMutation(document);
  const { message } = App.useApp();
  const { t } = useTranslation();
  const key = useRef<string>(undefined);
  const once = (document.definitions[0] as OperationDefinitionNode).variableDefinitions?.some(
    ({ variable }) => variable.name.value === "idempotencyKey",
  );

  async function act(variables: Variables, options: Options = {}): Promise<Done<Data> | undefined> {
    if (once) key.current ??= crypto.randomUUID();
    const { data, error } = await run({ ...variables, ...(once && { idempotencyKey: key.current }) });
    if (error?.networkError) {
      message.error(t("unreachable"));
      return undefined;
    }
    key.current = undefined;
    if (error || !data) {
      message.error(error?.graphQLErrors[0]?.message ?? t("unreachable"));
      return undefined;
    }
    const answer = Object.entries(data).find(([name]) => name !== "__typename")![1] as Done<Data> | Refusal;
    if (!isRefusal(answer)) {
      if (options.success) message.success(options.success);
      return answer;
    }
    if (options.refused?.(answer)) return undefined;
    const field = answer.path.at(-1);
    const names = Object.keys(options.form?.getFieldsValue(true) ?? {});
    const named = field && options.form?.getFieldInstance(field) !== undefined ? true : field && names.includes(field);
    if (options.form && named) options.form.setFields([{ name: field, errors: [atField(answer.message, field!)] }]);
    else message.error(answer.message);
    return undefined;
  }
  return [act, fetching] as const;
}

/** What is said beside a field need not name it, and its name is the API's: "Invalid input: url must…" is "Must…" there. */
function atField(message: string, field: string): string {
  const [, said] = message.split(new RegExp(`^[^:：]*[:：]\\s?${field}\\s`));
  return said ? said[0]!.toUpperCase() + said.slice(1) : message;
}

function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === "object" && answer !== null && "code" in answer;
}
