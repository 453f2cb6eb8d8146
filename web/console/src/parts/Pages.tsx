/** A table over a connection of the API: a page at a time, forwards and back, by the API's own cursors. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Flex } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { Failure } from "./Failure";
import { type Listed, Rows } from "./Rows";

/** How many rows a page has. */
const ROWS = 20;

export interface Connection<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Asked<Data, Variables, Row> {
  /** A query with the variables `first` and `after`. */
  document: TypedDocumentNode<Data, Variables & { first?: number | null; after?: string | null }>;
  variables: Variables;
  /** Where the connection is in the answer; undefined where there is none. */
  pick: (data: Data) => Connection<Row> | null | undefined;
}

export function Pages<Data, Variables extends object, Row extends object>(props: Asked<Data, Variables, Row> & Listed<Row>) {
  const { document, variables, pick, ...table } = props;
  const { rows, waiting, failure, turn } = usePages({ document, variables, pick });
  if (failure) return failure;
  return (
    <>
      <Rows<Row> {...table} rows={rows} loading={waiting} />
      {turn}
    </>
  );
}

/** A page of a connection for what is no table: its rows, what is shown where they cannot be read, buttons to turn it. */
export function usePages<Data, Variables extends object, Row extends object>(asked: Asked<Data, Variables, Row>) {
  const { document, variables, pick } = asked;
  const { t } = useTranslation();
  const [cursors, setCursors] = useState<string[]>([]);
  const filters = JSON.stringify(variables);
  useEffect(() => setCursors([]), [filters]);
  const [{ data, error, fetching }, run] = useQuery({
    query: document,
    variables: { ...variables, first: ROWS, after: cursors.at(-1) ?? null },
  });
  const page = data && pick(data);
  const more = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  return {
    rows: page?.nodes ?? [],
    waiting: fetching && !data,
    failure: error && !data ? <Failure error={error} again={() => run({ requestPolicy: "network-only" })} /> : null,
    turn: (cursors.length > 0 || more) && (
      <Flex justify="end" gap="small" style={{ marginTop: 12 }}>
        <Button
          icon={<LeftOutlined />}
          aria-label={t("previousPage")}
          disabled={cursors.length === 0}
          onClick={() => setCursors(cursors.slice(0, -1))}
        />
        <Button
          icon={<RightOutlined />}
          aria-label={t("nextPage")}
          disabled={!more}
          onClick={() => more && setCursors([...cursors, more])}
        />
      </Flex>
    ),
  };
}
