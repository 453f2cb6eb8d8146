/** Editions that are agreed upon with an account manager: applying, the offer, and the contracts that come of it. */
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { pathOf, useAccountId, useRights } from "@/app/account";
import { graphql } from "@/gql";
import type { ContractState, ContractsListQuery } from "@/gql/graphql";
import { COLOURS } from "@/pages/billing/Charges";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Pages } from "@/parts/Pages";
import { Rows } from "@/parts/Rows";
import { Day, Money } from "@/parts/values";
import { Applications, isOpen } from "./Applications";
import { Apply } from "./Apply";
import { dataKits } from "./terms";

const ContractsPage = graphql(`
  query ContractsPage($id: ID!) {
    editions { id key name byApplication leastTermMonths termStepMonths perpetual }
    settlementChannels { key name health configurationSchema purchaseUrl }
    account(id: $id) {
      id name contactName contactPhone
      nextSteps { action edition }
      settlementBinding { id channel state continueUrl }
      applications(first: 20, order: NEWEST_FIRST) {
        nodes {
          id edition state remarks contactName contactPhone contactEmail expectedDataKits termMonths submittedAt manager
          offer {
            id price { amount currency } dkLimit startsOn endsOn productVersion validUntil
            schedule { dueOn amount { amount currency } }
          }
        }
      }
    }
  }
`);

const ContractsList = graphql(`
  query ContractsList($id: ID!, $first: Int, $after: String) {
    account(id: $id) {
      id
      contracts(first: $first, after: $after, order: NEWEST_FIRST) {
        nodes {
          id edition state dkLimit startsOn endsOn perpetual productVersion
          offer { id price { amount currency } }
          instalments { id dueOn amount { amount currency } charge { id settlement { id state } } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Contract = NonNullable<ContractsListQuery["account"]>["contracts"]["nodes"][number];

const STATES: Record<ContractState, string> = { SCHEDULED: "processing", ACTIVE: "success", ENDED: "default" };

export default function Contracts() {
  const { t } = useTranslation("contracts");
  const id = useAccountId();
  const { administers } = useRights();
  return (
    <Loaded document={ContractsPage} variables={{ id }}>
      {({ account, editions, settlementChannels }) =>
        account && (
          <Page
            title={t("title")}
            about={t("about")}
            actions={
              administers && (
                <Apply
                  account={account}
                  editions={editions.filter(({ byApplication }) => byApplication)}
                  open={account.applications.nodes.filter(isOpen).map(({ edition }) => edition)}
                />
              )
            }
          >
            <Applications account={account} settlementChannels={settlementChannels} />
            <section>
              <Typography.Title level={2} style={{ fontSize: 16 }}>{t("contracts")}</Typography.Title>
              <List />
            </section>
          </Page>
        )
      }
    </Loaded>
  );
}

function List() {
  const { t } = useTranslation(["contracts", "common"]);
  const id = useAccountId();
  return (
    <Pages
      document={ContractsList}
      variables={{ id }}
      pick={(data) => data.account?.contracts}
      label={t("contracts")}
      empty={t("noContracts")}
      expandable={{ expandedRowRender: (contract: Contract) => <Instalments contract={contract} /> }}
      columns={[
        { title: t("edition"), dataIndex: "edition", render: (edition: Contract["edition"]) => t(`common:edition.${edition}`) },
        {
          title: t("state"),
          dataIndex: "state",
          render: (state: ContractState) => <Tag color={STATES[state]}>{t(`contractState.${state}`)}</Tag>,
        },
        {
          title: t("term"),
          render: (_, { startsOn, endsOn, perpetual }) => (
            <>
              <Day of={startsOn} /> – <Day of={endsOn} />
              {perpetual && <div><Typography.Text type="secondary">{t("perpetual")}</Typography.Text></div>}
            </>
          ),
        },
        { title: t("dataKitLimit"), dataIndex: "dkLimit", align: "right", render: (limit) => dataKits(t, limit) },
        { title: t("price"), dataIndex: ["offer", "price"], align: "right", render: (price) => <Money of={price} /> },
        {
          title: t("common:actions"),
          render: (_, contract) =>
            contract.state !== "ENDED" && <Link to={pathOf(id, `licenses?contract=${encodeURIComponent(contract.id)}`)}>{t("licenses")}</Link>,
        },
      ]}
    />
  );
}

function Instalments({ contract }: { contract: Contract }) {
  const { t } = useTranslation(["contracts", "common"]);
  return (
    <Flex vertical gap="small">
      {contract.productVersion && <Typography.Text>{t("forVersion", { version: contract.productVersion })}</Typography.Text>}
      <Rows
        rows={contract.instalments}
        label={t("instalments")}
        empty={t("noInstalments")}
        columns={[
          { title: t("dueOn"), dataIndex: "dueOn", render: (day) => <Day of={day} /> },
          { title: t("amount"), dataIndex: "amount", align: "right", render: (amount) => <Money of={amount} /> },
          {
            title: t("state"),
            render: (_, { charge }) =>
              charge ? (
                <Tag color={COLOURS[charge.settlement.state]}>{t(`common:settlementState.${charge.settlement.state}`)}</Tag>
              ) : (
                <Tag>{t("notDue")}</Tag>
              ),
          },
        ]}
      />
    </Flex>
  );
}
