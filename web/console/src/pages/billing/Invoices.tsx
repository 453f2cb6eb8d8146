/** Tax invoices: asking for one over what was paid in cash, what became of it, titles, addresses, and the organisation. */
import { Flex, Statistic, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { InvoicesQuery, InvoiceState, InvoicingQuery } from "@/gql/graphql";
import { fromMinor, sums, toMinor } from "@/parts/amounts";
import { Download } from "@/parts/Download";
import { Facts } from "@/parts/Facts";
import { ConfirmButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { PageTabs } from "@/parts/PageTabs";
import { Pages } from "@/parts/Pages";
import { formatMoney, formatMonth, Instant, Money, Moneys } from "@/parts/values";
import { Company } from "./Company";
import { Addresses, Titles } from "./InvoiceBooks";
import { RequestInvoice } from "./RequestInvoice";

const InvoicesDocument = graphql(`
  query Invoices($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      invoices(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes {
          id state type medium titleKind title taxNumber registeredAddress registeredPhone bank bankAccount
          email recipient phone address amount { amount currency } requestedAt number reason decidedAt redNumber takenBackAt
          items { month cardId amount { amount currency } }
          file { path mediaType } redFile { path mediaType }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const InvoicingDocument = graphql(`
  query Invoicing($id: ID!) {
    account(id: $id) {
      id
      invoiceable { amount currency }
      invoiceableItems { month cardId amount { amount currency } }
      invoiceTitles(first: 100) { nodes { id kind name taxNumber } }
      invoiceAddresses(first: 100) { nodes { id recipient phone address } }
    }
    viewer { user { id email } }
  }
`);

const CancelInvoice = graphql(`
  mutation CancelInvoice($invoiceId: ID!) {
    cancelInvoice(invoiceId: $invoiceId) {
      ... on CancelInvoiceSuccess { invoice { id state } }
      ... on Error { code message path }
    }
  }
`);

type Invoice = NonNullable<InvoicesQuery["account"]>["invoices"]["nodes"][number];
type Invoicing = NonNullable<InvoicingQuery["account"]>;

const STATES: Record<InvoiceState, string> = {
  REQUESTED: "processing",
  ISSUED: "success",
  REJECTED: "error",
  CANCELLED: "default",
  TAKEN_BACK: "warning",
};

export default function Invoices() {
  const { t } = useTranslation("invoices");
  return (
    <Page title={t("title")} about={t("about")}>
      <PageTabs
        tabs={[
          { key: "invoices", label: t("invoices"), children: <Requested /> },
          { key: "titles", label: t("titles"), children: <Titles /> },
          { key: "addresses", label: t("addresses"), children: <Addresses /> },
          { key: "company", label: t("company"), children: <Company /> },
        ]}
      />
    </Page>
  );
}

/** What can be asked for now: the items there are, as far as they were paid in cash. */
function askable({ invoiceable, invoiceableItems }: Invoicing) {
  const offered = sums(invoiceableItems.map(({ amount }) => amount));
  return invoiceable.map((paid) => {
    const items = offered.find(({ currency }) => currency === paid.currency) ?? fromMinor(0n, paid.currency);
    return toMinor(items) < toMinor(paid) ? items : paid;
  });
}

function Requested() {
  const { t } = useTranslation(["invoices", "common"]);
  const id = useAccountId();
  const { seesToMoney } = useRights();
  return (
    <Flex vertical gap="middle">
      <Loaded document={InvoicingDocument} variables={{ id }}>
        {({ account, viewer }) =>
          account && (
            <Flex justify="space-between" align="end" gap="middle" wrap>
              <Statistic title={t("invoiceable")} formatter={() => <Moneys of={askable(account)} />} />
              {seesToMoney && <RequestInvoice account={account} email={viewer?.user.email} />}
            </Flex>
          )
        }
      </Loaded>
      <Pages
        document={InvoicesDocument}
        variables={{ id }}
        pick={(data) => data.account?.invoices}
        label={t("invoices")}
        empty={t("noInvoices")}
        expandable={{ expandedRowRender: (invoice: Invoice) => <Details invoice={invoice} /> }}
        columns={[
          { title: t("requestedAt"), dataIndex: "requestedAt", render: (at) => <Instant at={at} /> },
          { title: t("invoiceTitle"), dataIndex: "title" },
          { title: t("type"), dataIndex: "type", render: (type: Invoice["type"]) => t(`invoiceType.${type}`) },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          { title: t("state"), dataIndex: "state", render: (state: InvoiceState) => <Tag color={STATES[state]}>{t(`invoiceState.${state}`)}</Tag> },
          { title: t("number"), dataIndex: "number", render: (number) => number ?? "—" },
          { title: t("common:actions"), render: (_, invoice) => <Actions invoice={invoice} /> },
        ]}
      />
    </Flex>
  );
}

function Actions({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation(["invoices", "common"]);
  const { seesToMoney } = useRights();
  const [cancel] = useAction(CancelInvoice);
  return (
    <Flex gap="small">
      {invoice.file && <Download size="small" path={invoice.file.path} label={t("file")} about={invoice.number ?? ""} />}
      {invoice.redFile && <Download size="small" path={invoice.redFile.path} label={t("redFile")} about={invoice.redNumber ?? ""} />}
      {invoice.state === "REQUESTED" && seesToMoney && (
        <ConfirmButton
          size="small"
          label={t("cancel")}
          question={t("cancelQuestion")}
          act={() => cancel({ invoiceId: invoice.id }, { success: t("cancelled") })}
        />
      )}
    </Flex>
  );
}

function Details({ invoice }: { invoice: Invoice }) {
  const { t, i18n } = useTranslation(["invoices", "common"]);
  return (
    <Facts
      facts={[
        [
          t("over"),
          <Flex vertical>
            {invoice.items.map((item, index) => (
              <span key={index}>
                {item.month ? t("monthItem", { month: formatMonth(item.month, i18n.language) }) : t("cardItem")}{" "}
                {formatMoney(item.amount, i18n.language)}
              </span>
            ))}
          </Flex>,
        ],
        [t("medium"), t(`invoiceMedium.${invoice.medium}`)],
        [t("titleKind"), t(`kind.${invoice.titleKind}`)],
        [t("taxNumber"), invoice.taxNumber],
        [t("registeredAddress"), invoice.registeredAddress],
        [t("registeredPhone"), invoice.registeredPhone],
        [t("bank"), invoice.bank],
        [t("bankAccount"), invoice.bankAccount],
        [t("email"), invoice.email],
        [t("recipient"), invoice.recipient && `${invoice.recipient} ${invoice.phone ?? ""}`],
        [t("address"), invoice.address],
        [t("decidedAt"), invoice.decidedAt && <Instant at={invoice.decidedAt} />],
        [t("redNumber"), invoice.redNumber],
        [t("takenBackAt"), invoice.takenBackAt && <Instant at={invoice.takenBackAt} />],
        [t("reason"), invoice.reason],
      ]}
    />
  );
}
