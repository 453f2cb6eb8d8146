/** The operations as the server trusts them: a document and its hash. The build puts them where `graphql(…)` stands. */
import { parse } from "@0no-co/graphql.web";
import type { DocumentNode } from "graphql";

export type Trusted = DocumentNode & { __meta__: { hash: string } };

export function trusted(hash: string, text: string): Trusted {
  return { ...(parse(text, { noLocation: true }) as DocumentNode), __meta__: { hash } };
}
