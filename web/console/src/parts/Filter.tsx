/** Above a list: only those that are so; none chosen, all. */
import { Select, type SelectProps } from "antd";

interface Option<Value> {
  value: Value;
  label: string;
}

interface Props<Value> extends Pick<SelectProps<Value, Option<Value>>, "style" | "notFoundContent" | "value" | "options"> {
  label: string;
  onChange?: (value: Value | undefined) => void;
}

export function Filter<Value extends string | boolean>({ label, style, ...select }: Props<Value>) {
  return (
    <Select<Value, Option<Value>>
      {...select}
      allowClear
      aria-label={label}
      placeholder={label}
      style={{ minWidth: 140, ...style }}
    />
  );
}
