/** Price plans: every version that was published, and publishing the next with what a month would have cost by it. */
import { Descriptions, Flex, InputNumber, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { EditionKey, PlansPageQuery } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";
import { ConfirmButton } from "@/parts/FormButton";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { formatMoney, Instant } from "@/parts/values";
import { PlanForm } from "./PlanForm";
import { isToCome, Validity } from "./Validity";

const PlansPage = graphql(`
  query PlansPage($first: Int, $after: String, $edition: EditionKey, $group: String) {
    pricePlans(first: $first, after: $after, order: NEWEST_FIRST, edition: $edition, group: $group) {
      nodes {
        id edition version group texts freePeriodSeconds timeZone forExisting validFrom publishedBy withdrawnAt withdrawnBy
        meterDetails { key name unit }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const PlanGroups = graphql(`
  query PlanGroups {
    priceGroups(first: 100) { nodes { key name } }
  }
`);

const WithdrawPlan = graphql(`
  mutation WithdrawPricePlan($id: ID!, $idempotencyKey: String) {
    withdrawPricePlan(pricePlanId: $id, idempotencyKey: $idempotencyKey) {
      ... on WithdrawPricePlanSuccess { pricePlan { id withdrawnAt } }
      ... on Error { code message path }
    }
  }
`);

const PlanDay = graphql(`
  query PlanDay($id: ID!, $quantity: BigInt!) {
    node(id: $id) {
      id
      ... on PricePlan { day(quantity: $quantity) { billedQuantity amount { amount currency } } }
    }
  }
`);

type Plan = PlansPageQuery["pricePlans"]["nodes"][number];
export const EDITIONS: EditionKey[] = ["COMMUNITY", "PAY_AS_YOU_GO", "SUBSCRIPTION", "LICENSED"];
const DAY = 24 * 60 * 60;

export default function Plans() {
  const { t } = useTranslation(["operations", "common"]);
  const { may } = useStaff();
  const [edition, setEdition] = useState<EditionKey>();
  const [group, setGroup] = useState<string>();
  const [{ data }] = useQuery({ query: PlanGroups });
  const groups = data?.priceGroups.nodes ?? [];
  return (
    <Page title={t("plans")} about={t("plansAbout")} actions={may("OPERATOR") && <PlanForm groups={groups} />}>
      <Flex gap="small" wrap>
        <EditionFilter onChange={setEdition} />
        <Filter
          label={t("group")}
          style={{ minWidth: 160 }}
          options={groups.map(({ key, name }) => ({ value: key, label: name }))}
          notFoundContent={t("noGroups")}
          onChange={setGroup}
        />
      </Flex>
      <Pages
        document={PlansPage}
        variables={{ edition, group }}
        pick={(found) => found.pricePlans}
        label={t("plans")}
        empty={t("noPlans")}
        expandable={{ expandedRowRender: (plan: Plan) => <Details plan={plan} /> }}
        columns={[
          { title: t("edition"), dataIndex: "edition", render: (key: EditionKey) => t(`common:edition.${key}`) },
          { title: t("version"), dataIndex: "version", align: "right" },
          { title: t("group"), dataIndex: "group", render: (key: string | null) => (key ? <Tag color="blue">{groups.find((each) => each.key === key)?.name ?? key}</Tag> : t("catalog")) },
          { title: t("price"), dataIndex: "texts", render: (texts: string[]) => texts.map((text) => <div key={text}>{text}</div>) },
          { title: t("validFrom"), dataIndex: "validFrom", render: (at) => <Instant at={at} /> },
          { title: t("state"), key: "state", render: (_, plan: Plan) => <Validity of={plan} /> },
          { title: t("publishedBy"), dataIndex: "publishedBy", render: (by) => by ?? "—" },
          ...(may("OPERATOR")
            ? [{ title: t("actions"), key: "actions", render: (_: unknown, plan: Plan) => isToCome(plan) && <Withdraw id={plan.id} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

export function EditionFilter({ onChange }: { onChange: (edition: EditionKey | undefined) => void }) {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Filter
      label={t("edition")}
      options={EDITIONS.map((value) => ({ value, label: t(`common:edition.${value}`) }))}
      onChange={onChange}
    />
  );
}

function Withdraw({ id }: { id: string }) {
  const { t } = useTranslation(["operations", "common"]);
  const [withdraw] = useAction(WithdrawPlan);
  return (
    <ConfirmButton
      size="small"
      danger
      label={t("withdraw")}
      question={t("withdrawPlanQuestion")}
      consequence={t("withdrawPlanHelp")}
      act={() => withdraw({ id }, { success: t("withdrawn") })}
    />
  );
}

function Details({ plan }: { plan: Plan }) {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Flex vertical gap="small" className="expanded">
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "meter", label: t("meter"), children: t("common:aside", { what: plan.meterDetails.name, aside: plan.meterDetails.key }) },
          { key: "free", label: t("freePeriod"), children: plan.freePeriodSeconds ? t("daysCount", { count: plan.freePeriodSeconds / DAY }) : t("noFreePeriod") },
          { key: "zone", label: t("timeZone"), children: plan.timeZone },
          { key: "existing", label: t("forWhom"), children: t(plan.forExisting ? "forExisting" : "forNew") },
        ]}
      />
      <DayOf plan={plan} />
    </Flex>
  );
}

/** What a day of some quantity costs by a plan, as the server computes it. */
function DayOf({ plan }: { plan: Plan }) {
  const { t, i18n } = useTranslation(["operations", "common"]);
  const [quantity, setQuantity] = useState(100);
  const [{ data }] = useQuery({ query: PlanDay, variables: { id: plan.id, quantity } });
  const day = data?.node?.__typename === "PricePlan" ? data.node.day : undefined;
  return (
    <Flex gap="small" align="center" wrap>
      <Typography.Text>{t("dayOf")}</Typography.Text>
      <InputNumber
        min={0}
        value={quantity}
        aria-label={t("dayOf")}
        suffix={plan.meterDetails.unit}
        style={{ width: 160 }}
        onChange={(value) => setQuantity(value ?? 0)}
      />
      {day && (
        <Typography.Text aria-live="polite">
          {t("dayCosts", { billed: day.billedQuantity, amount: formatMoney(day.amount, i18n.language) })}
        </Typography.Text>
      )}
    </Flex>
  );
}

