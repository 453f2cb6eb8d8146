/** A part of a page that is read from the API: a skeleton until it is there, the error where it cannot be read. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { type AnyVariables, useQuery } from "urql";
import { Failure } from "./Failure";

interface Props<Data, Variables extends AnyVariables> {
  document: TypedDocumentNode<Data, Variables>;
  variables: Variables;
  children: (data: Data, again: () => void) => ReactNode;
}

export function Loaded<Data, Variables extends AnyVariables>({ document, variables, children }: Props<Data, Variables>) {
  const [{ data, error }, run] = useQuery<Data, Variables>({ query: document, variables });
  const again = () => run({ requestPolicy: "network-only" });
  if (data) return children(data, again);
  if (error) return <Failure error={error} again={again} />;
  return <Skeleton active />;
}
