/** Who is staff. Roles are given and taken at the command line, where the operator of the machine is known. */
import { Alert, Card, Flex, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { StaffRole } from "@/gql/graphql";
import { Copied } from "@/parts/Copied";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Table } from "@/parts/Table";

const RolesPage = graphql(`
  query RolesPage {
    staffMembers { email roles }
  }
`);

const COMMANDS = {
  grant: "billing staff grant name@example.com --role FINANCE",
  revoke: "billing staff revoke name@example.com --role FINANCE",
  forget: "billing staff forget-second-factor name@example.com",
} as const;
const ROLES: StaffRole[] = ["ACCOUNT_MANAGER", "FINANCE", "OPERATOR", "AUDITOR"];

export default function Roles() {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Page title={t("roles")} about={t("rolesAbout")}>
      <Loaded document={RolesPage} variables={{}}>
        {({ staffMembers }) => (
          <Table
            aria-label={t("roles")}
            size="middle"
            rowKey="email"
            dataSource={staffMembers}
            pagination={{ hideOnSinglePage: true, pageSize: 50, showSizeChanger: false }}
            columns={[
              { title: t("email"), dataIndex: "email" },
              { title: t("rolesLabel"), dataIndex: "roles", render: (roles: StaffRole[]) => roles.map((role) => <Tag key={role}>{t(`role.${role}`)}</Tag>) },
            ]}
          />
        )}
      </Loaded>
      <Card size="small" title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("whatRolesDo")}</h2>}>
        <Flex vertical gap={4}>
          {ROLES.map((role) => <div key={role}>{t("common:labelled", { what: t("common:aside", { what: t(`role.${role}`), aside: role }), value: t(`roleDoes.${role}`) })}</div>)}
        </Flex>
      </Card>
      <Card size="small" title={<h2 style={{ fontSize: "inherit", margin: 0 }}>{t("changeRoles")}</h2>}>
        <Flex vertical gap="middle">
          <Alert type="info" showIcon title={t("changeRolesHelp")} />
          {(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]).map((name) => <Copied key={name} label={t(`command.${name}`)} text={COMMANDS[name]} />)}
        </Flex>
      </Card>
    </Page>
  );
}
