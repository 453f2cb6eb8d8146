/** Requests for invoices: issued with a number and a file, rejected, or taken back by a red invoice. */
import { UploadOutlined } from "@ant-design/icons";
import { App, Button, Descriptions, Flex, Form, Input, Segmented, Typography, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { Sandboxes, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { InvoiceState, InvoicesPageQuery, InvoiceType } from "@/gql/graphql";
import { Download } from "@/parts/Download";
import { upload } from "@/parts/files";
import { FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant, Money } from "@/parts/values";
import { AccountLink } from "./AccountLink";
import { Reason, useRequired } from "./inputs";

const InvoicesPage = graphql(`
  query InvoicesPage($state: InvoiceState, $sandboxes: Boolean!, $first: Int, $after: String) {
    invoices(state: $state, sandboxes: $sandboxes, first: $first, after: $after, order: NEWEST_FIRST) {
      nodes {
        id state type medium titleKind title country taxNumber registeredAddress registeredPhone bank bankAccount
        email recipient phone address requestedAt number reason decidedAt redNumber takenBackAt
        amount { amount currency }
        items { month cardId amount { amount currency } }
        file { path size mediaType }
        redFile { path size mediaType }
        account { id name sandbox }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const IssueInvoice = graphql(`
  mutation IssueInvoice($id: ID!, $number: String!, $idempotencyKey: String) {
    issueInvoice(invoiceId: $id, number: $number, idempotencyKey: $idempotencyKey) {
      ... on IssueInvoiceSuccess { invoice { id state number } }
      ... on Error { code message path }
    }
  }
`);

const RejectInvoice = graphql(`
  mutation RejectInvoice($id: ID!, $reason: String!, $idempotencyKey: String) {
    rejectInvoice(invoiceId: $id, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on RejectInvoiceSuccess { invoice { id state } }
      ... on Error { code message path }
    }
  }
`);

const TakeBackInvoice = graphql(`
  mutation TakeBackInvoice($id: ID!, $number: String!, $reason: String!, $idempotencyKey: String) {
    takeBackInvoice(invoiceId: $id, number: $number, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on TakeBackInvoiceSuccess { invoice { id state } }
      ... on Error { code message path }
    }
  }
`);

const InvoiceFiles = graphql(`
  query InvoiceFiles($id: ID!) {
    node(id: $id) {
      id
      ... on Invoice { file { path size mediaType } redFile { path size mediaType } }
    }
  }
`);

type Invoice = InvoicesPageQuery["invoices"]["nodes"][number];
const STATES: InvoiceState[] = ["REQUESTED", "ISSUED", "REJECTED", "CANCELLED", "TAKEN_BACK"];

export default function Invoices() {
  const { t } = useTranslation("finance");
  const { may, sandboxes } = useStaff();
  const [state, setState] = useState<InvoiceState>("REQUESTED");
  return (
    <Page title={t("invoices")} about={t("invoicesAbout")} actions={<Sandboxes />}>
      <div style={{ overflowX: "auto" }}>
        <Segmented
          aria-label={t("state")}
          value={state}
          onChange={setState}
          options={STATES.map((value) => ({ value, label: t(`invoiceState.${value}`) }))}
        />
      </div>
      <Pages
        document={InvoicesPage}
        variables={{ state, sandboxes }}
        pick={(data) => data.invoices}
        label={t("invoices")}
        empty={t("noInvoices")}
        expandable={{ expandedRowRender: (invoice: Invoice) => <Details invoice={invoice} /> }}
        columns={[
          { title: t("account"), dataIndex: "account", render: (account) => <AccountLink account={account} /> },
          { title: t("invoiceTitle"), dataIndex: "title" },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          { title: t("invoiceTypeLabel"), dataIndex: "type", render: (type: InvoiceType) => t(`invoiceType.${type}`) },
          { title: t("requestedAt"), dataIndex: "requestedAt", render: (at) => <Instant at={at} /> },
          ...(state === "ISSUED" || state === "TAKEN_BACK" ? [{ title: t("invoiceNumber"), dataIndex: "number" }] : []),
          ...(may("FINANCE") && (state === "REQUESTED" || state === "ISSUED")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Invoice) => <Actions invoice={each} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Actions({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation("finance");
  const [issue] = useAction(IssueInvoice);
  const [reject] = useAction(RejectInvoice);
  const [takeBack] = useAction(TakeBackInvoice);
  const attach = useAttach();
  const { id } = invoice;

  async function issued({ number, file }: { number: string; file?: File }, form: Parameters<typeof issue>[1]) {
    const done = await issue({ id, number }, { ...form, success: t("invoiceIssued") });
    if (done && file) await attach(id, "file", file);
    return done;
  }
  async function tookBack({ file, ...values }: { number: string; reason: string; file?: File }, form: Parameters<typeof issue>[1]) {
    const done = await takeBack({ id, ...values }, { ...form, success: t("invoiceTakenBack") });
    if (done && file) await attach(id, "red-file", file);
    return done;
  }
  return (
    <Flex gap="small">
      {invoice.state === "REQUESTED" && (
        <>
          <FormButton<{ number: string; file?: File }> size="small" type="primary" label={t("issueInvoice")} send={(values, form) => issued(values, { form })}>
            <Asked invoice={invoice} />
            <Numbered label={t("invoiceNumber")} />
          </FormButton>
          <FormButton<{ reason: string }>
            size="small"
            danger
            label={t("reject")}
            send={({ reason }, form) => reject({ id, reason }, { form, success: t("rejected") })}
          >
            <Reason help={t("customerReads")} />
          </FormButton>
        </>
      )}
      {invoice.state === "ISSUED" && (
        <FormButton<{ number: string; reason: string; file?: File }> size="small" danger label={t("takeBack")} send={(values, form) => tookBack(values, { form })}>
          <p>{t("takeBackHelp")}</p>
          <Asked invoice={invoice} />
          <Numbered label={t("redNumber")} />
          <Reason help={t("customerReads")} />
        </FormButton>
      )}
    </Flex>
  );
}

/** Which invoice a form is about: whose, to which title, how much. */
function Asked({ invoice: { account, title, amount } }: { invoice: Invoice }) {
  return (
    <p>
      <strong>{account.name}</strong> · {title} · <Money of={amount} />
    </p>
  );
}

/** The number of a document, and its file, which may also come later. */
function Numbered({ label }: { label: string }) {
  const { t } = useTranslation("finance");
  return (
    <>
      <Form.Item name="number" label={label} extra={t("numberHelp")} rules={useRequired()}><Input maxLength={40} autoComplete="off" /></Form.Item>
      <Form.Item name="file" label={t("file")} extra={t("fileHelp")}><FileInput /></Form.Item>
    </>
  );
}

const ACCEPTED = ".pdf,.ofd";

function FileInput({ value, onChange }: { id?: string; value?: File; onChange?: (file?: File) => void }) {
  const { t } = useTranslation("finance");
  return (
    <Upload
      accept={ACCEPTED}
      maxCount={1}
      fileList={value ? [{ uid: value.name, name: value.name, status: "done" }] : []}
      beforeUpload={(file) => {
        onChange?.(file);
        return false;
      }}
      onRemove={() => onChange?.(undefined)}
    >
      <Button icon={<UploadOutlined />}>{t("chooseFile")}</Button>
    </Upload>
  );
}

/** Attaches a file, says how that went, and reads what the invoice has of files since. */
function useAttach() {
  const { t } = useTranslation("finance");
  const { message } = App.useApp();
  const client = useClient();
  return async (id: string, place: "file" | "red-file", file: Blob) => {
    const refused = await upload(`/invoices/${encodeURIComponent(id)}/${place}`, file);
    if (refused) message.error(refused);
    else message.success(t("fileAttached"));
    await client.query(InvoiceFiles, { id }, { requestPolicy: "network-only" });
  };
}

function Details({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation("finance");
  const shown = (label: string, value: string | null) => (value ? [{ key: label, label, children: value }] : []);
  return (
    <Flex vertical gap="small" className="expanded">
      <Descriptions
        size="small"
        column={{ xs: 1, lg: 2 }}
        items={[
          ...shown(t("taxNumber"), invoice.taxNumber && `${invoice.country} ${invoice.taxNumber}`),
          ...shown(t("registeredAddress"), invoice.registeredAddress),
          ...shown(t("registeredPhone"), invoice.registeredPhone),
          ...shown(t("bank"), invoice.bank && [invoice.bank, invoice.bankAccount].filter(Boolean).join(" · ")),
          ...shown(t("medium"), t(`invoiceMedium.${invoice.medium}`)),
          ...shown(t("email"), invoice.email),
          ...shown(t("postTo"), invoice.recipient && [invoice.recipient, invoice.phone, invoice.address].filter(Boolean).join(" · ")),
          ...shown(t("reason"), invoice.reason),
          ...shown(t("redNumber"), invoice.redNumber),
          {
            key: "items",
            label: t("items"),
            children: (
              <Flex vertical>
                {invoice.items.map((item) => (
                  <span key={item.month ?? item.cardId}>{item.month ? t("statementOf", { month: item.month }) : t("card")} <Money of={item.amount} /></span>
                ))}
              </Flex>
            ),
          },
        ]}
      />
      <Files invoice={invoice} />
    </Flex>
  );
}

function Files({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation("finance");
  const { may } = useStaff();
  const attach = useAttach();
  const documents = [
    { place: "file" as const, label: t("invoiceFile"), file: invoice.file, there: invoice.number },
    { place: "red-file" as const, label: t("redFile"), file: invoice.redFile, there: invoice.redNumber },
  ];
  return documents
    .filter(({ there }) => there)
    .map(({ place, label, file }) => (
      <Flex key={place} gap="small" align="center" wrap>
        <Typography.Text>{label}</Typography.Text>
        {file ? <Download size="small" path={file.path} label={t("download")} /> : <Typography.Text type="secondary">{t("noFile")}</Typography.Text>}
        {may("FINANCE") && (
          <Upload
            accept={ACCEPTED}
            showUploadList={false}
            beforeUpload={(chosen) => {
              void attach(invoice.id, place, chosen);
              return false;
            }}
          >
            <Button size="small" icon={<UploadOutlined />}>{t(file ? "replaceFile" : "attachFile")}</Button>
          </Upload>
        )}
      </Flex>
    ));
}
