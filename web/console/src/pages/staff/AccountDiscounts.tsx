/** An account's discounts: given by a coupon, and ended, by finance staff. */
import { Flex, Form, Select, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { AccountDiscountsQuery } from "@/gql/graphql";
import { FormButton } from "@/parts/FormButton";
import { Pages } from "@/parts/Pages";
import { Day, formatMoney, Instant } from "@/parts/values";
import { Reason, useRequired } from "./inputs";

const AccountDiscountsList = graphql(`
  query AccountDiscounts($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      discounts(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes { id name percentOff amountOff { amount currency } days appliedAt appliedBy firstDay lastDay endedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const CouponsToGive = graphql(`
  query CouponsToGive {
    coupons(first: 100, order: NEWEST_FIRST) { nodes { id name percentOff amountOff { amount currency } days withdrawnAt } }
  }
`);

const ApplyCoupon = graphql(`
  mutation ApplyCoupon($accountId: ID!, $couponId: ID!, $idempotencyKey: String) {
    applyCoupon(accountId: $accountId, couponId: $couponId, idempotencyKey: $idempotencyKey) {
      ... on ApplyCouponSuccess { discount { id } }
      ... on Error { code message path }
    }
  }
`);

const EndDiscount = graphql(`
  mutation EndDiscount($discountId: ID!, $reason: String!, $idempotencyKey: String) {
    endDiscount(discountId: $discountId, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on EndDiscountSuccess { discount { id endedAt } }
      ... on Error { code message path }
    }
  }
`);

type Discount = NonNullable<AccountDiscountsQuery["account"]>["discounts"]["nodes"][number];
type Off = Pick<Discount, "percentOff" | "amountOff" | "days">;

/** "20% off", "5.00 CNY off a day", and for how long. */
export function useOff() {
  const { t, i18n } = useTranslation("staff");
  return {
    off: ({ percentOff, amountOff }: Off) =>
      amountOff ? t("amountOff", { amount: formatMoney(amountOff, i18n.language) }) : t("percentOff", { percent: percentOff, left: (100 - (percentOff ?? 0)) / 10 }),
    lasting: ({ days }: Off) => (days ? t("forDays", { count: days }) : t("untilEnded")),
  };
}

export function AccountDiscounts({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const { may } = useStaff();
  const { off, lasting } = useOff();
  return (
    <Flex vertical gap="middle">
      {may("FINANCE") && <Give id={id} />}
      <Pages
        document={AccountDiscountsList}
        variables={{ id }}
        pick={(data) => data.account?.discounts}
        label={t("discounts")}
        empty={t("noDiscounts")}
        columns={[
          { title: t("name"), dataIndex: "name" },
          { title: t("discount"), key: "off", render: (_, each: Discount) => off(each) },
          { title: t("lasting"), key: "lasting", render: (_, each: Discount) => lasting(each) },
          { title: t("billedDays"), key: "days", render: (_, each: Discount) => (each.firstDay ? <><Day of={each.firstDay} /> – {each.lastDay && <Day of={each.lastDay} />}</> : t("notBegun")) },
          { title: t("givenBy"), key: "by", render: (_, each: Discount) => <>{each.appliedBy} · <Instant at={each.appliedAt} /></> },
          { title: t("state"), key: "state", render: (_, each: Discount) => <Tag color={each.endedAt ? "default" : "success"}>{t(each.endedAt ? "ended" : "inForce")}</Tag> },
          ...(may("FINANCE")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, each: Discount) => !each.endedAt && <End id={each.id} /> }]
            : []),
        ]}
      />
    </Flex>
  );
}

function Give({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const { off, lasting } = useOff();
  const [{ data }] = useQuery({ query: CouponsToGive });
  const [apply] = useAction(ApplyCoupon);
  const coupons = (data?.coupons.nodes ?? []).filter(({ withdrawnAt }) => !withdrawnAt);
  return (
    <div>
      <FormButton<{ couponId: string }>
        type="primary"
        label={t("giveDiscount")}
        send={(values, form) => apply({ accountId: id, ...values }, { form, success: t("discountGiven") })}
      >
        <Form.Item name="couponId" label={t("coupon")} extra={t("couponHelp")} rules={useRequired()}>
          <Select
            options={coupons.map((each) => ({ value: each.id, label: `${each.name} · ${off(each)} · ${lasting(each)}` }))}
            notFoundContent={t("noCoupons")}
          />
        </Form.Item>
      </FormButton>
    </div>
  );
}

function End({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const [end] = useAction(EndDiscount);
  return (
    <FormButton<{ reason: string }>
      size="small"
      danger
      label={t("endDiscount")}
      send={({ reason }, form) => end({ discountId: id, reason }, { form, success: t("discountEnded") })}
    >
      <p>{t("endDiscountHelp")}</p>
      <Reason />
    </FormButton>
  );
}
