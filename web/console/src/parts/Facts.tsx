/** What is known of one thing, name by name; what is not known is left out. */
import { Descriptions } from "antd";
import type { ReactNode } from "react";

interface Props {
  /** Names and what they are: `[t("state"), <Tag>…</Tag>]`. */
  facts: [name: string, value: ReactNode][];
  column?: number;
}

export function Facts({ facts, column = 3 }: Props) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return (
    <Descriptions
      size="small"
      colon={false}
      styles={column === 1 ? { label: { minWidth: 112 } } : undefined}
      column={{ xs: 1, sm: Math.min(2, column), lg: column }}
      items={known.map(([label, children]) => ({ key: label, label, children }))}
    />
  );
}
