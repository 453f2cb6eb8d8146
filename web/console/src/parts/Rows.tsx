/** A table of rows that are all there: what is no page of a connection. */
import { Empty, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { Table } from "./Table";

interface Props<Row> extends Pick<TableProps<Row>, "columns" | "expandable" | "rowSelection"> {
  rows: readonly Row[];
  /** What the list is of, for screen readers. */
  label: string;
  /** What is said while there is nothing. */
  empty?: string;
}

export function Rows<Row extends object>({ rows, label, empty, ...table }: Props<Row>) {
  const { t } = useTranslation();
  return (
    <Table<Row>
      {...table}
      aria-label={label}
      rowKey={(row) => ("id" in row ? String(row.id) : JSON.stringify(row))}
      dataSource={rows}
      pagination={false}
      size="middle"
      scroll={{ x: "max-content" }}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty ?? t("nothingYet")} /> }}
    />
  );
}
