/** Asking for an invoice: over what, to whom, of which kind, and where it is sent. */
import { Alert, Checkbox, Flex, Form, type FormInstance, Input, Radio, Select, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { InvoiceMedium, InvoiceType, InvoicingQuery } from "@/gql/graphql";
import { sums } from "@/parts/amounts";
import { FormButton } from "@/parts/FormButton";
import { formatMoney, formatMonth } from "@/parts/values";

const RequestInvoiceDocument = graphql(`
  mutation RequestInvoice(
    $accountId: ID!, $titleId: ID!, $months: [String!]!, $cardIds: [ID!]!, $type: InvoiceType!, $medium: InvoiceMedium!,
    $email: String, $addressId: ID, $currency: String!, $idempotencyKey: String
  ) {
    requestInvoice(
      accountId: $accountId, titleId: $titleId, months: $months, cardIds: $cardIds, type: $type, medium: $medium
      email: $email, addressId: $addressId, currency: $currency, idempotencyKey: $idempotencyKey
    ) {
      ... on RequestInvoiceSuccess { invoice { id state } }
      ... on Error { code message path }
    }
  }
`);

type Account = NonNullable<InvoicingQuery["account"]>;
type Item = Account["invoiceableItems"][number];

interface Entered {
  items: string[];
  titleId: string;
  type: InvoiceType;
  medium: InvoiceMedium;
  email?: string;
  addressId?: string;
}

/** What an item is picked by: an invoice is over those of one currency. */
const keyOf = ({ month, cardId, amount }: Item) => `${amount.currency} ${month ?? cardId}`;

export function RequestInvoice({ account, email }: { account: Account; email?: string }) {
  const { t, i18n } = useTranslation(["invoices", "common"]);
  const [request] = useAction(RequestInvoiceDocument);
  const required = [{ required: true, message: t("common:required") }];
  const items = account.invoiceableItems;
  const titles = account.invoiceTitles.nodes;
  const addresses = account.invoiceAddresses.nodes;
  const nameOf = ({ month, amount }: Item) =>
    `${month ? t("monthItem", { month: formatMonth(month, i18n.language) }) : t("cardItem")} ${formatMoney(amount, i18n.language)}`;

  async function send({ items: picked, ...entered }: Entered, form: FormInstance) {
    const over = items.filter((item) => picked.includes(keyOf(item)));
    const months = over.flatMap(({ month }) => month ?? []);
    const cardIds = over.flatMap(({ cardId }) => cardId ?? []);
    const currency = over[0]!.amount.currency;
    return request({ accountId: account.id, ...entered, months, cardIds, currency }, { form, success: t("requested") });
  }
  return (
    <FormButton<Entered>
      type="primary"
      label={t("request")}
      disabled={!items.length}
      initialValues={{ items: items.map(keyOf).filter((key) => key.startsWith(items[0]!.amount.currency)), titleId: titles[0]?.id, type: "GENERAL_VAT", medium: "ELECTRONIC", email }}
      send={send}
    >
      {!titles.length && <Alert type="info" showIcon title={t("needsTitle")} action={<Link to="?tab=titles">{t("addTitle")}</Link>} style={{ marginBottom: 16 }} />}
      <Form.Item name="items" label={t("over")} rules={required}>
        <Checkbox.Group style={{ flexDirection: "column" }} options={items.map((item) => ({ value: keyOf(item), label: nameOf(item) }))} />
      </Form.Item>
      <Form.Item noStyle dependencies={["items"]}>
        {({ getFieldValue }) => <Sum items={items.filter((item) => (getFieldValue("items") as string[] | undefined)?.includes(keyOf(item)))} />}
      </Form.Item>
      <Form.Item name="titleId" label={t("invoiceTitle")} rules={required}>
        <Select options={titles.map(({ id, name, taxNumber }) => ({ value: id, label: taxNumber ? `${name} · ${taxNumber}` : name }))} />
      </Form.Item>
      <Form.Item name="type" label={t("type")} required>
        <Radio.Group options={(["GENERAL_VAT", "SPECIAL_VAT"] as const).map((type) => ({ value: type, label: t(`invoiceType.${type}`) }))} />
      </Form.Item>
      <Form.Item name="medium" label={t("medium")} required>
        <Radio.Group options={(["ELECTRONIC", "PAPER"] as const).map((medium) => ({ value: medium, label: t(`invoiceMedium.${medium}`) }))} />
      </Form.Item>
      <Form.Item noStyle dependencies={["medium"]}>
        {({ getFieldValue }) =>
          getFieldValue("medium") === "PAPER" ? (
            <Form.Item name="addressId" label={t("address")} rules={required} extra={!addresses.length && <Link to="?tab=addresses">{t("addAddress")}</Link>}>
              <Select options={addresses.map(({ id, recipient, phone, address }) => ({ value: id, label: `${recipient} ${phone} ${address}` }))} />
            </Form.Item>
          ) : (
            <Form.Item name="email" label={t("email")} rules={required}>
              <Input type="email" />
            </Form.Item>
          )
        }
      </Form.Item>
    </FormButton>
  );
}

function Sum({ items }: { items: Item[] }) {
  const { t, i18n } = useTranslation("invoices");
  const found = sums(items.map(({ amount }) => amount));
  return (
    <Flex vertical style={{ marginBottom: 16 }}>
      <Typography.Text strong>{t("sum", { amount: found.map((amount) => formatMoney(amount, i18n.language)).join(" + ") || "—" })}</Typography.Text>
      {found.length > 1 && <Typography.Text type="danger">{t("oneCurrency")}</Typography.Text>}
    </Flex>
  );
}
