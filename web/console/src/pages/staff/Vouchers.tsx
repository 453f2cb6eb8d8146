/** Vouchers by activation code: made in batches whose codes are shown once, and withdrawn. */
import { DownloadOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Form, InputNumber, Modal, Progress, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { Source, VoucherBatchesPageQuery } from "@/gql/graphql";
import { Copied } from "@/parts/Copied";
import { save } from "@/parts/files";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant, Money } from "@/parts/values";
import { VoucherFields } from "./AccountVouchers";
import { CurrencySelect, useRequired } from "./inputs";

const VoucherBatchesPage = graphql(`
  query VoucherBatchesPage($first: Int, $after: String) {
    voucherBatches(first: $first, after: $after, order: NEWEST_FIRST) {
      nodes { id source amount { amount currency } expiresAt note createdBy createdAt withdrawnAt codes redeemed }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const IssueCodes = graphql(`
  mutation IssueVoucherCodes(
    $count: Int!, $amount: Decimal!, $currency: String!, $expiresAt: DateTime!, $note: String!, $source: Source!,
    $idempotencyKey: String
  ) {
    issueVoucherCodes(
      count: $count, amount: $amount, currency: $currency, expiresAt: $expiresAt, note: $note, source: $source,
      idempotencyKey: $idempotencyKey
    ) {
      ... on IssueVoucherCodesSuccess { batch { id note } codes }
      ... on Error { code message path }
    }
  }
`);

const WithdrawCodes = graphql(`
  mutation WithdrawVoucherCodes($id: ID!, $idempotencyKey: String) {
    withdrawVoucherCodes(batchId: $id, idempotencyKey: $idempotencyKey) {
      ... on WithdrawVoucherCodesSuccess { batch { id withdrawnAt } }
      ... on Error { code message path }
    }
  }
`);

type Batch = VoucherBatchesPageQuery["voucherBatches"]["nodes"][number];

interface Asked {
  count: number;
  amount: string;
  currency: string;
  expiresAt: Dayjs;
  note: string;
  source: Source;
}

export default function Vouchers() {
  const { t } = useTranslation(["finance", "staff"]);
  const { may } = useStaff();
  const [made, setMade] = useState<{ note: string; codes: string[] }>();
  return (
    <Page title={t("voucherCodes")} about={t("voucherCodesAbout")} actions={may("FINANCE") && <Issue show={setMade} />}>
      <Pages
        document={VoucherBatchesPage}
        variables={{}}
        pick={(data) => data.voucherBatches}
        label={t("voucherCodes")}
        empty={t("noBatches")}
        columns={[
          { title: t("note"), dataIndex: "note" },
          { title: t("kind"), dataIndex: "source", render: (source: Source) => t(`staff:source.${source}`) },
          { title: t("amountEach"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          {
            title: t("redeemed"),
            key: "redeemed",
            render: (_, each: Batch) => (
              <Progress
                size="small"
                style={{ minWidth: 140 }}
                percent={each.codes ? (each.redeemed / each.codes) * 100 : 0}
                format={() => `${each.redeemed} / ${each.codes}`}
                aria-label={t("redeemed")}
                status="normal"
              />
            ),
          },
          { title: t("expiresAt"), dataIndex: "expiresAt", render: (at) => <Instant at={at} /> },
          { title: t("madeBy"), key: "by", render: (_, each: Batch) => <>{each.createdBy} · <Instant at={each.createdAt} /></> },
          { title: t("state"), key: "state", render: (_, each: Batch) => <Tag color={each.withdrawnAt ? "default" : "success"}>{t(each.withdrawnAt ? "withdrawn" : "redeemable")}</Tag> },
          ...(may("FINANCE")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Batch) => !each.withdrawnAt && each.redeemed < each.codes && <Withdraw id={each.id} /> }]
            : []),
        ]}
      />
      <Codes made={made} close={() => setMade(undefined)} />
    </Page>
  );
}

function Issue({ show }: { show: (made: { note: string; codes: string[] }) => void }) {
  const { t } = useTranslation("finance");
  const rules = useRequired();
  const [issue] = useAction(IssueCodes);
  return (
    <FormButton<Asked>
      type="primary"
      label={t("issueCodes")}
      initialValues={{ source: "VOUCHER", currency: "CNY", count: 10 }}
      send={async ({ expiresAt, ...values }, form) => {
        const done = await issue({ ...values, expiresAt: expiresAt.toISOString() }, { form });
        if (done) show({ note: done.batch.note, codes: done.codes });
        return done;
      }}
    >
      <Form.Item name="count" label={t("howMany")} extra={t("howManyHelp")} rules={rules}>
        <InputNumber min={1} max={1000} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="currency" label={t("currency")} rules={rules}><CurrencySelect /></Form.Item>
      <VoucherFields />
    </FormButton>
  );
}

/** The codes, which nobody sees again: only what they hash to is kept. */
function Codes({ made, close }: { made?: { note: string; codes: string[] }; close: () => void }) {
  const { t } = useTranslation(["finance", "common"]);
  const text = made?.codes.join("\n") ?? "";
  return (
    <Modal
      open={made !== undefined}
      title={t("codesTitle", { count: made?.codes.length ?? 0 })}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Flex justify="end" gap="small">
          <Button icon={<DownloadOutlined />} onClick={() => save(new Blob([`code\n${text}\n`], { type: "text/csv" }), "voucher-codes.csv")}>{t("downloadCodes")}</Button>
          <Button type="primary" onClick={close}>{t("codesKept")}</Button>
        </Flex>
      }
    >
      <Flex vertical gap="middle">
        <Alert type="warning" showIcon title={t("codesOnce")} />
        <Copied label={t("codes")} text={text} rows={8} />
      </Flex>
    </Modal>
  );
}

function Withdraw({ id }: { id: string }) {
  const { t } = useTranslation("finance");
  const [withdraw] = useAction(WithdrawCodes);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawCodesQuestion")}
      consequence={t("withdrawCodesHelp")}
      act={() => withdraw({ id }, { success: t("withdrawn") })}
    />
  );
}
