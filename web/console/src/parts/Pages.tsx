/** A table over a connection of the API: a page at a time, forwards and back, by the API's own cursors. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Empty, Flex, type TableProps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { Failure } from "./Failure";
import { Table } from "./Table";

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

interface Props<Data, Variables, Row>
  extends Asked<Data, Variables, Row>, Pick<TableProps<Row>, "columns" | "expandable" | "rowSelection" | "onRow"> {
  /** What the list is of, for screen readers. */
  label: string;
  /** What is said while there is nothing. */
  empty?: string;
}

export function Pages<Data, Variables extends object, Row extends object>(props: Props<Data, Variables, Row>) {
  const { document, variables, pick, label, empty, expandable, ...table } = props;
  const { t } = useTranslation();
  const { rows, waiting, failure, turn } = usePages({ document, variables, pick });
  if (failure) return failure;
  return (
    <>
      <Table<Row>
        {...table}
        expandable={expandable && within(expandable)}
        aria-label={label}
        rowKey={(row) => ("id" in row ? String(row.id) : JSON.stringify(row))}
        dataSource={rows}
        loading={waiting}
        pagination={false}
        size="middle"
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty ?? t("nothingYet")} /> }}
      />
      {turn}
    </>
  );
}

/** What a row opens to is as wide as the table, which does not grow by it. */
function within<Row>({ expandedRowRender: render, ...rest }: NonNullable<TableProps<Row>["expandable"]>): TableProps<Row>["expandable"] {
  return { ...rest, expandedRowRender: (...row) => <div style={{ width: 0, minWidth: "100%" }}>{render?.(...row)}</div> };
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
