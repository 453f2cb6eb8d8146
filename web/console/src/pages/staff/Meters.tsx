/** Meters: what is reported hourly and may be priced by the day. */
import { Flex, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { Aggregation, MetersPageQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";
import { Instant } from "@/parts/values";
import { instantOf, useRequired } from "./inputs";
import { type Begins, type Both, BothLanguages, ValidFrom } from "./PublishFields";
import { isToCome, Validity } from "./Validity";

const MetersPage = graphql(`
  query MetersPage {
    meters { key name names { zh en } unit aggregation validFrom changedBy publishedBy withdrawnAt }
  }
`);

const PublishMeter = graphql(`
  mutation PublishMeter(
    $meter: String!, $name: LocalizedInput!, $unit: String!, $aggregation: Aggregation!, $validFrom: DateTime,
    $idempotencyKey: String
  ) {
    publishMeter(
      meter: $meter, name: $name, unit: $unit, aggregation: $aggregation, validFrom: $validFrom,
      idempotencyKey: $idempotencyKey
    ) {
      ... on PublishMeterSuccess { meter { key } }
      ... on Error { code message path }
    }
  }
`);

const WithdrawMeter = graphql(`
  mutation WithdrawMeter($meter: String!, $idempotencyKey: String) {
    withdrawMeter(meter: $meter, idempotencyKey: $idempotencyKey) {
      ... on WithdrawMeterSuccess { meter { key } }
      ... on Error { code message path }
    }
  }
`);

type Meter = MetersPageQuery["meters"][number];
const AGGREGATIONS: Aggregation[] = ["LARGEST_HOUR", "UNIQUE", "SUM", "MAX", "LAST"];

export default function Meters() {
  const { t } = useTranslation("operations");
  const { may } = useStaff();
  return (
    <Page title={t("meters")} about={t("metersAbout")} actions={may("OPERATOR") && <Publish />}>
      <Loaded document={MetersPage} variables={{}}>
        {({ meters }) => (
          <Table
            aria-label={t("meters")}
            size="middle"
            rowKey="key"
            dataSource={meters}
            pagination={false}
            columns={[
              { title: t("key"), dataIndex: "key" },
              { title: t("name"), dataIndex: "name" },
              { title: t("unit"), dataIndex: "unit" },
              { title: t("aggregationLabel"), dataIndex: "aggregation", render: (value: Aggregation) => t(`aggregation.${value}`) },
              { title: t("validFrom"), dataIndex: "validFrom", render: (at) => <Instant at={at} /> },
              { title: t("state"), key: "state", render: (_, meter) => <Validity of={meter} /> },
              { title: t("publishedBy"), key: "by", render: (_, meter) => meter.changedBy ?? meter.publishedBy ?? "—" },
              ...(may("OPERATOR")
                ? [{
                    title: t("actions"),
                    key: "actions",
                    render: (_: unknown, meter: Meter) => (
                      <Flex gap="small">
                        <Publish meter={meter} />
                        {isToCome(meter) && <Withdraw meter={meter.key} />}
                      </Flex>
                    ),
                  }]
                : []),
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

interface Wanted extends Begins {
  meter: string;
  name: Both;
  unit: string;
  aggregation: Aggregation;
}

/** A new meter, or another name and unit for one that there is. */
function Publish({ meter }: { meter?: Meter }) {
  const { t } = useTranslation("operations");
  const rules = useRequired();
  const [publish] = useAction(PublishMeter);
  return (
    <FormButton<Wanted>
      label={t(meter ? "rename" : "publishMeter")}
      type={meter ? "default" : "primary"}
      size={meter ? "small" : "middle"}
      initialValues={
        meter
          ? { meter: meter.key, name: { zh: meter.names.zh, en: meter.names.en }, unit: meter.unit, aggregation: meter.aggregation }
          : { aggregation: "SUM" }
      }
      send={({ validFrom, ...values }, form) =>
        publish({ ...values, validFrom: instantOf(validFrom) }, { form, success: t("meterPublished") })
      }
    >
      <Form.Item name="meter" label={t("key")} extra={t("meterKeyHelp")} rules={rules}><Input maxLength={40} disabled={meter !== undefined} autoComplete="off" /></Form.Item>
      <BothLanguages name="name" label={t("name")} maxLength={200} />
      <Form.Item name="unit" label={t("unit")} extra={t("unitHelp")} rules={rules}><Input maxLength={40} /></Form.Item>
      <Form.Item name="aggregation" label={t("aggregationLabel")} extra={t("aggregationHelp")} rules={rules}>
        <Radio.Group vertical disabled={meter !== undefined} options={AGGREGATIONS.map((value) => ({ value, label: t(`aggregation.${value}`) }))} />
      </Form.Item>
      {!meter && <ValidFrom />}
    </FormButton>
  );
}

function Withdraw({ meter }: { meter: string }) {
  const { t } = useTranslation("operations");
  const [withdraw] = useAction(WithdrawMeter);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawQuestion", { what: meter })}
      consequence={t("withdrawMeterHelp")}
      act={() => withdraw({ meter }, { success: t("withdrawn") })}
    />
  );
}
