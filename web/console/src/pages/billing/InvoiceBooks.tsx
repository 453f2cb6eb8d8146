/** Whom invoices are made out to, and where those on paper are sent. */
import { Flex, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { useAccountId, useRights } from "@/app/account";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { InvoiceAddressesQuery, InvoiceTitleInput, InvoiceTitlesQuery } from "@/gql/graphql";
import { Country } from "@/parts/Country";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";

const InvoiceTitles = graphql(`
  query InvoiceTitles($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      invoiceTitles(first: $first, after: $after) {
        nodes { id kind name taxNumber registeredAddress registeredPhone bank bankAccount }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const InvoiceAddresses = graphql(`
  query InvoiceAddresses($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      invoiceAddresses(first: $first, after: $after) {
        nodes { id recipient phone address }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const AddInvoiceTitle = graphql(`
  mutation AddInvoiceTitle($accountId: ID!, $title: InvoiceTitleInput!, $idempotencyKey: String) {
    addInvoiceTitle(accountId: $accountId, title: $title, idempotencyKey: $idempotencyKey) {
      ... on AddInvoiceTitleSuccess { title { id } }
      ... on Error { code message path }
    }
  }
`);

const RemoveInvoiceTitle = graphql(`
  mutation RemoveInvoiceTitle($titleId: ID!) {
    removeInvoiceTitle(titleId: $titleId) {
      ... on RemoveInvoiceTitleSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

const AddInvoiceAddress = graphql(`
  mutation AddInvoiceAddress(
    $accountId: ID!, $recipient: String!, $phone: String!, $address: String!, $idempotencyKey: String
  ) {
    addInvoiceAddress(
      accountId: $accountId, recipient: $recipient, phone: $phone, address: $address, idempotencyKey: $idempotencyKey
    ) {
      ... on AddInvoiceAddressSuccess { address { id } }
      ... on Error { code message path }
    }
  }
`);

const RemoveInvoiceAddress = graphql(`
  mutation RemoveInvoiceAddress($addressId: ID!) {
    removeInvoiceAddress(addressId: $addressId) {
      ... on RemoveInvoiceAddressSuccess { account { id } }
      ... on Error { code message path }
    }
  }
`);

type Title = NonNullable<InvoiceTitlesQuery["account"]>["invoiceTitles"]["nodes"][number];
type Address = NonNullable<InvoiceAddressesQuery["account"]>["invoiceAddresses"]["nodes"][number];

export function Titles() {
  const { t } = useTranslation(["invoices", "common"]);
  const id = useAccountId();
  const { seesToMoney } = useRights();
  const [remove] = useAction(RemoveInvoiceTitle);
  return (
    <Flex vertical gap="middle">
      {seesToMoney && <Flex justify="end"><AddTitle /></Flex>}
      <Pages
        document={InvoiceTitles}
        variables={{ id }}
        pick={(data) => data.account?.invoiceTitles}
        label={t("titles")}
        empty={t("noTitles")}
        columns={[
          { title: t("invoiceTitle"), dataIndex: "name" },
          { title: t("titleKind"), dataIndex: "kind", render: (kind: Title["kind"]) => t(`kind.${kind}`) },
          { title: t("taxNumber"), dataIndex: "taxNumber", render: (number) => number ?? "—" },
          { title: t("registered"), render: (_, title: Title) => [title.registeredAddress, title.registeredPhone].filter(Boolean).join(" ") || "—" },
          { title: t("account"), render: (_, title: Title) => [title.bank, title.bankAccount].filter(Boolean).join(" ") || "—" },
          ...(seesToMoney
            ? [{
                title: t("common:actions"),
                render: (_: unknown, title: Title) => (
                  <ConfirmButton
                    size="small"
                    danger
                    label={t("common:remove")}
                    question={t("removeQuestion", { name: title.name })}
                    consequence={t("removeText")}
                    act={() => remove({ titleId: title.id })}
                  />
                ),
              }]
            : []),
        ]}
      />
    </Flex>
  );
}

function AddTitle() {
  const { t } = useTranslation(["invoices", "common"]);
  const id = useAccountId();
  const [add] = useAction(AddInvoiceTitle);
  const required = [{ required: true, message: t("common:required") }];
  return (
    <FormButton<InvoiceTitleInput>
      type="primary"
      label={t("addTitle")}
      initialValues={{ kind: "ENTERPRISE", country: "CN" }}
      send={(title, form) => add({ accountId: id, title }, { form, success: t("common:saved") })}
    >
      <Form.Item name="kind" label={t("titleKind")} required>
        <Radio.Group options={(["ENTERPRISE", "PERSONAL"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
      </Form.Item>
      <Form.Item name="name" label={t("invoiceTitle")} rules={required}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="country" label={t("country")} rules={required}>
        <Country />
      </Form.Item>
      <Form.Item noStyle dependencies={["kind"]}>
        {({ getFieldValue }) => getFieldValue("kind") === "ENTERPRISE" && <Enterprise />}
      </Form.Item>
    </FormButton>
  );
}

function Enterprise() {
  const { t } = useTranslation(["invoices", "common"]);
  return (
    <>
      <Form.Item name="taxNumber" label={t("taxNumber")} extra={t("taxNumberHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="registeredAddress" label={t("registeredAddress")} extra={t("specialHelp")}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="registeredPhone" label={t("registeredPhone")}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="bank" label={t("bank")}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="bankAccount" label={t("bankAccount")}>
        <Input maxLength={40} />
      </Form.Item>
    </>
  );
}

export function Addresses() {
  const { t } = useTranslation(["invoices", "common"]);
  const id = useAccountId();
  const { seesToMoney } = useRights();
  const [add] = useAction(AddInvoiceAddress);
  const [remove] = useAction(RemoveInvoiceAddress);
  const required = [{ required: true, message: t("common:required") }];
  return (
    <Flex vertical gap="middle">
      {seesToMoney && (
        <Flex justify="end">
          <FormButton<Omit<Address, "id" | "__typename">>
            type="primary"
            label={t("addAddress")}
            send={(entered, form) => add({ accountId: id, ...entered }, { form, success: t("common:saved") })}
          >
            <Form.Item name="recipient" label={t("recipient")} rules={required}>
              <Input maxLength={100} autoComplete="name" />
            </Form.Item>
            <Form.Item name="phone" label={t("phone")} rules={required}>
              <Input autoComplete="tel" />
            </Form.Item>
            <Form.Item name="address" label={t("address")} rules={required}>
              <Input.TextArea rows={2} maxLength={500} autoComplete="street-address" />
            </Form.Item>
          </FormButton>
        </Flex>
      )}
      <Pages
        document={InvoiceAddresses}
        variables={{ id }}
        pick={(data) => data.account?.invoiceAddresses}
        label={t("addresses")}
        empty={t("noAddresses")}
        columns={[
          { title: t("recipient"), dataIndex: "recipient" },
          { title: t("phone"), dataIndex: "phone" },
          { title: t("address"), dataIndex: "address" },
          ...(seesToMoney
            ? [{
                title: t("common:actions"),
                render: (_: unknown, address: Address) => (
                  <ConfirmButton
                    size="small"
                    danger
                    label={t("common:remove")}
                    question={t("removeQuestion", { name: address.recipient })}
                    consequence={t("removeText")}
                    act={() => remove({ addressId: address.id })}
                  />
                ),
              }]
            : []),
        ]}
      />
    </Flex>
  );
}
