/** A meter's quantities by day, with the minimum that is billed; a day that is pressed shows its hours. */
import { Card, Col, Row, Typography } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "@/parts/Chart";
import { formatDay } from "@/parts/values";

interface UsageDay {
  day: string;
  quantity: string;
  hours: { hour: string; quantity: string }[];
}

export function DataKits({ usage, minimum }: { usage: UsageDay[]; minimum: number }) {
  const { t, i18n } = useTranslation("account");
  const reported = usage.some(({ quantity }) => Number(quantity) > 0);
  const [day, setDay] = useState<string>();
  const shown = usage.find((each) => each.day === (day ?? usage.findLast(({ quantity }) => Number(quantity) > 0)?.day));
  const byDay = useMemo(() => columns(usage.map((each) => each.day), usage.map((each) => Number(each.quantity)), minimum, t("minimum", { count: minimum })), [usage, minimum, t]);
  const byHour = useMemo(
    () => shown && columns(shown.hours.map(({ hour }) => formatHour(hour, i18n.language)), shown.hours.map(({ quantity }) => Number(quantity)), minimum, t("minimum", { count: minimum })),
    [shown, minimum, t, i18n.language],
  );
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={14}>
        <Card title={t("dataKitsByDay")} size="small">
          {reported ? (
            <Chart option={byDay} label={t("dataKitsByDay")} onPick={(index) => setDay(usage[index]?.day)} />
          ) : (
            <Typography.Text type="secondary">{t("noUsage")}</Typography.Text>
          )}
        </Card>
      </Col>
      {shown && byHour && (
        <Col xs={24} xl={10}>
          <Card title={t("dataKitsByHour", { day: formatDay(shown.day, i18n.language) })} size="small">
            <Chart option={byHour} label={t("dataKitsByHour", { day: shown.day })} />
          </Card>
        </Col>
      )}
    </Row>
  );
}

const formatHour = (at: string, language: string) =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

function columns(names: string[], values: number[], minimum: number, label: string) {
  return {
    grid: { left: 44, right: 16, top: 24, bottom: 28 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: names },
    yAxis: { type: "value", minInterval: 1, max: (axis: { max: number }) => Math.max(axis.max, minimum) },
    series: [
      {
        type: "bar",
        data: values,
        itemStyle: { color: "#1668dc" },
        markLine: minimum
          ? { symbol: "none", silent: true, lineStyle: { color: "#d46b08" }, label: { formatter: label, position: "insideStartTop" }, data: [{ yAxis: minimum }] }
          : undefined,
      },
    ],
  };
}

