/** Ant Design's table, whose rows can be scrolled where they are wider than the page: by the keyboard, too. */
import { Table as Plain, type TableProps } from "antd";

function reachable(place: HTMLDivElement | null) {
  place?.querySelector(".ant-table-content")?.setAttribute("tabindex", "0");
}

export function Table<Row extends object>(props: TableProps<Row>) {
  return (
    <div ref={reachable}>
      <Plain<Row> {...props} scroll={{ x: "max-content" }} />
    </div>
  );
}
