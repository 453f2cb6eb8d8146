/** A chart: ECharts, loaded when the first one is shown. */
import { Skeleton } from "antd";
import type { EChartsCoreOption } from "echarts/core";
import { lazy, Suspense } from "react";

const Drawn = lazy(() => import("./Drawn"));

interface Props {
  option: EChartsCoreOption;
  /** What the chart shows, for those who do not see it. */
  label: string;
  height?: number;
  /** Told the place of the column that is pressed. */
  onPick?: (index: number) => void;
}

export function Chart({ option, label, height = 260, onPick }: Props) {
  return (
    <Suspense fallback={<Skeleton.Node active style={{ height, width: "100%" }} />}>
      <Drawn option={option} label={label} height={height} onPick={onPick} />
    </Suspense>
  );
}
