/** What a token of the API may do, and until when: the fields by which tokens of persons and of accounts are made. */
import { Checkbox, DatePicker, Flex, Form, Input, Radio, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { TokenScope } from "@/gql/graphql";

export interface TokenTerms {
  name: string;
  limited: boolean;
  scopes?: TokenScope[];
  /** The day on which it ends, as it is picked. */
  expiresAt?: { endOf(unit: "day"): { toISOString(): string } };
}

/** The fields as the API takes them: no list of scopes is all that its maker may. */
export const termsOf = ({ name, limited, scopes, expiresAt }: TokenTerms) => ({
  name,
  scopes: limited ? (scopes ?? []) : null,
  expiresAt: expiresAt?.endOf("day").toISOString() ?? null,
});

export function TokenFields({ scopes }: { scopes: readonly TokenScope[] }) {
  const { t } = useTranslation(["tokens", "common"]);
  return (
    <>
      <Form.Item name="name" label={t("name")} extra={t("nameHelp")} rules={[{ required: true, message: t("common:required") }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="limited" label={t("rights")} initialValue={false} required>
        <Radio.Group options={[{ value: false, label: t("everything") }, { value: true, label: t("limited") }]} />
      </Form.Item>
      <Form.Item noStyle dependencies={["limited"]}>
        {({ getFieldValue }) =>
          getFieldValue("limited") && (
            <Form.Item name="scopes" label={t("scopes")} extra={t("scopesHelp")}>
              <Checkbox.Group
                style={{ flexDirection: "column" }}
                options={scopes.map((scope) => ({ value: scope, label: t(`scope.${scope}`) }))}
              />
            </Form.Item>
          )
        }
      </Form.Item>
      <Form.Item name="expiresAt" label={t("expiresAt")} extra={t("expiresHelp")}>
        <DatePicker style={{ width: "100%" }} disabledDate={(day) => day.isBefore(new Date(), "day")} />
      </Form.Item>
    </>
  );
}

export function Scopes({ of }: { of: readonly TokenScope[] | null }) {
  const { t } = useTranslation("tokens");
  if (!of) return <>{t("everything")}</>;
  if (!of.length) return <>{t("readOnly")}</>;
  return <Flex gap={4} wrap>{of.map((scope) => <Tag key={scope}>{t(`scopeName.${scope}`)}</Tag>)}</Flex>;
}
