/** Coupons: what makes billing days cost less, by a code or given by staff. */
import { DatePicker, Flex, Form, Input, InputNumber, Radio, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { CouponsPageQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Instant } from "@/parts/values";
import { useOff } from "./AccountDiscounts";
import { AmountInput, CurrencySelect, instantOf, useRequired } from "./inputs";

const CouponsPage = graphql(`
  query CouponsPage($first: Int, $after: String) {
    coupons(first: $first, after: $after, order: NEWEST_FIRST) {
      nodes {
        id name percentOff amountOff { amount currency } days code redeemBy maxRedemptions createdBy createdAt withdrawnAt
        discounts(first: 1) { totalCount }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const CreateCoupon = graphql(`
  mutation CreateCoupon(
    $name: String!, $code: String, $percentOff: Int, $amountOff: Decimal, $currency: String!, $days: Int,
    $redeemBy: DateTime, $maxRedemptions: Int, $idempotencyKey: String
  ) {
    createCoupon(
      name: $name, code: $code, percentOff: $percentOff, amountOff: $amountOff, currency: $currency, days: $days,
      redeemBy: $redeemBy, maxRedemptions: $maxRedemptions, idempotencyKey: $idempotencyKey
    ) {
      ... on CreateCouponSuccess { coupon { id } }
      ... on Error { code message path }
    }
  }
`);

const WithdrawCoupon = graphql(`
  mutation WithdrawCoupon($id: ID!, $idempotencyKey: String) {
    withdrawCoupon(couponId: $id, idempotencyKey: $idempotencyKey) {
      ... on WithdrawCouponSuccess { coupon { id withdrawnAt } }
      ... on Error { code message path }
    }
  }
`);

type Coupon = CouponsPageQuery["coupons"]["nodes"][number];

interface Wanted {
  name: string;
  code?: string;
  by: "percent" | "amount";
  percentOff?: number;
  amountOff?: string;
  currency: string;
  days?: number;
  redeemBy?: Dayjs;
  maxRedemptions?: number;
}

export default function Coupons() {
  const { t } = useTranslation("finance");
  const { may } = useStaff();
  const { off, lasting } = useOff();
  return (
    <Page title={t("coupons")} about={t("couponsAbout")} actions={may("FINANCE") && <Create />}>
      <Pages
        document={CouponsPage}
        variables={{}}
        pick={(data) => data.coupons}
        label={t("coupons")}
        empty={t("noCoupons")}
        columns={[
          { title: t("name"), dataIndex: "name" },
          { title: t("code"), dataIndex: "code", render: (code: string | null) => code ?? t("givenByStaff") },
          { title: t("off"), key: "off", render: (_, each: Coupon) => off(each) },
          { title: t("lasting"), key: "lasting", render: (_, each: Coupon) => lasting(each) },
          { title: t("redeemBy"), dataIndex: "redeemBy", render: (at) => <Instant at={at} /> },
          {
            title: t("redemptions"),
            key: "redemptions",
            align: "right",
            render: (_, each: Coupon) => `${each.discounts.totalCount}${each.maxRedemptions ? ` / ${each.maxRedemptions}` : ""}`,
          },
          { title: t("madeBy"), key: "by", render: (_, each: Coupon) => <>{each.createdBy} · <Instant at={each.createdAt} /></> },
          { title: t("state"), key: "state", render: (_, each: Coupon) => <Tag color={each.withdrawnAt ? "default" : "success"}>{t(each.withdrawnAt ? "withdrawn" : "redeemable")}</Tag> },
          ...(may("FINANCE")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Coupon) => !each.withdrawnAt && <Withdraw id={each.id} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

function Create() {
  const { t } = useTranslation("finance");
  const [create] = useAction(CreateCoupon);
  return (
    <FormButton<Wanted>
      type="primary"
      label={t("createCoupon")}
      initialValues={{ by: "percent", currency: "CNY" }}
      send={({ by, percentOff, amountOff, redeemBy, code, days, ...values }, form) =>
        create(
          {
            ...values,
            code: code?.trim() || null,
            days: days ?? null,
            redeemBy: instantOf(redeemBy),
            percentOff: by === "percent" ? percentOff : null,
            amountOff: by === "amount" ? amountOff : null,
          },
          { form, success: t("couponMade") },
        )
      }
    >
      <Fields />
    </FormButton>
  );
}

function Fields() {
  const { t } = useTranslation("finance");
  const rules = useRequired();
  const by = Form.useWatch("by") ?? "percent";
  return (
    <>
      <Form.Item name="name" label={t("name")} extra={t("couponNameHelp")} rules={rules}><Input maxLength={100} /></Form.Item>
      <Form.Item name="code" label={t("code")} extra={t("codeHelp")}><Input maxLength={40} autoComplete="off" /></Form.Item>
      <Form.Item name="by" label={t("off")}>
        <Radio.Group options={[{ value: "percent", label: t("byPercent") }, { value: "amount", label: t("byAmount") }]} />
      </Form.Item>
      {by === "percent" ? (
        <Form.Item name="percentOff" label={t("percentOff")} rules={rules}>
          <InputNumber min={1} max={100} suffix="%" style={{ width: "100%" }} />
        </Form.Item>
      ) : (
        <Flex gap="middle">
          <Form.Item name="amountOff" label={t("amountOff")} rules={rules} style={{ flex: 2 }}><AmountInput /></Form.Item>
          <Form.Item name="currency" label={t("currency")} rules={rules} style={{ flex: 1 }}><CurrencySelect /></Form.Item>
        </Flex>
      )}
      <Form.Item name="days" label={t("couponDays")} extra={t("couponDaysHelp")}><InputNumber min={1} style={{ width: "100%" }} /></Form.Item>
      <Form.Item name="redeemBy" label={t("redeemBy")} extra={t("redeemByHelp")}>
        <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="maxRedemptions" label={t("maxRedemptions")} extra={t("maxRedemptionsHelp")}><InputNumber min={1} style={{ width: "100%" }} /></Form.Item>
    </>
  );
}

function Withdraw({ id }: { id: string }) {
  const { t } = useTranslation("finance");
  const [withdraw] = useAction(WithdrawCoupon);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawCouponQuestion")}
      consequence={t("withdrawCouponHelp")}
      act={() => withdraw({ id }, { success: t("withdrawn") })}
    />
  );
}
