/** Every change of the balance, and of which part of it. */
import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccountId } from "@/app/account";
import { graphql } from "@/gql";
import type { MovementKind, MovementsQuery } from "@/gql/graphql";
import { Filter } from "@/parts/Filter";
import { Pages } from "@/parts/Pages";
import { Instant, Money } from "@/parts/values";

const MovementList = graphql(`
  query Movements($id: ID!, $kind: MovementKind, $first: Int, $after: String) {
    account(id: $id) {
      id
      wallet {
        movements(kind: $kind, first: $first, after: $after) {
          nodes { kind causeId at parts { source void amount { amount currency } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

type Movement = NonNullable<NonNullable<MovementsQuery["account"]>["wallet"]>["movements"]["nodes"][number];

const KINDS: MovementKind[] = ["TOP_UP", "CHARGE", "REFUND", "VOUCHER_ISSUED", "CARD_PURCHASED", "EXPIRED", "VOIDED"];

export function Movements() {
  const { t } = useTranslation(["wallet", "billing"]);
  const id = useAccountId();
  const [kind, setKind] = useState<MovementKind>();
  return (
    <Flex vertical gap="middle">
      <Filter
        label={t("kind")}
        style={{ minWidth: 160, alignSelf: "start" }}
        options={KINDS.map((value) => ({ value, label: t(`movement.${value}`) }))}
        onChange={setKind}
      />
      <Pages
        document={MovementList}
        variables={{ id, kind }}
        pick={(data) => data.account?.wallet?.movements}
        label={t("movements")}
        empty={t("noMovements")}
        columns={[
          { title: t("at"), dataIndex: "at", render: (at) => <Instant at={at} /> },
          { title: t("kind"), dataIndex: "kind", render: (each: MovementKind) => t(`movement.${each}`) },
          {
            title: t("parts"),
            dataIndex: "parts",
            render: (parts: Movement["parts"]) => (
              <Flex vertical gap={2}>
                {parts.map((part, index) => (
                  <Flex key={index} justify="space-between" gap="large" style={{ maxWidth: 320 }}>
                    <Typography.Text>{t(`billing:source.${part.source}`)}{part.void && ` (${t("void")})`}</Typography.Text>
                    <Money of={part.amount} />
                  </Flex>
                ))}
              </Flex>
            ),
          },
        ]}
      />
    </Flex>
  );
}
