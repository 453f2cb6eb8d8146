import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useScheme } from "@/app/theme";

use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

interface Props {
  option: EChartsCoreOption;
  label: string;
  height: number;
  onPick?: (index: number) => void;
}

export default function Drawn({ option, label, height, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useScheme();
  useEffect(() => {
    const chart = init(place.current!, scheme === "dark" ? "dark" : null, { renderer: "svg" });
    chart.setOption({ backgroundColor: "transparent", animation: false, aria: { enabled: true }, ...option });
    chart.on("click", ({ dataIndex }) => onPick?.(dataIndex));
    const resized = new ResizeObserver(() => chart.resize());
    resized.observe(place.current!);
    return () => {
      resized.disconnect();
      chart.dispose();
    };
  }, [option, scheme]);
  return <div ref={place} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}
