/** A table of rows that are all there; `Pages` is the same over a connection. */
import { Empty, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { Table } from "./Table";

export interface Listed<Row> extends Pick<TableProps<Row>, "columns" | "expandable" | "rowSelection" | "onRow"> {
  /** What the list is of, for screen readers. */
  label: string;
  /** What is said while there is nothing. */
  empty?: string;
}

interface Props<Row> extends Listed<Row>, Pick<TableProps<Row>, "loading"> {
  rows: readonly Row[];
}

export function Rows<Row extends object>({ rows, label, empty, expandable, ...table }: Props<Row>) {
  const { t } = useTranslation();
  return (
    <Table<Row>
      {...table}
      expandable={expandable && within(expandable)}
      aria-label={label}
      rowKey={(row) => ("id" in row ? String(row.id) : JSON.stringify(row))}
      dataSource={rows}
      pagination={false}
      size="middle"
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty ?? t("nothingYet")} /> }}
    />
  );
}

/** What a row opens to is as wide as the table, which does not grow by it. */
function within<Row>({ expandedRowRender: render, ...rest }: NonNullable<TableProps<Row>["expandable"]>): TableProps<Row>["expandable"] {
  return { ...rest, expandedRowRender: (...row) => <div style={{ width: 0, minWidth: "100%" }}>{render?.(...row)}</div> };
}
