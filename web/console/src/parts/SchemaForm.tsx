/** The fields of a settlement channel's configuration, made from the JSON Schema that its plugin gives. */
import { Form, Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";

interface Property {
  type?: string;
  title?: string;
  description?: string;
  enum?: string[];
  default?: unknown;
}

interface ObjectSchema {
  properties?: Record<string, Property>;
  required?: string[];
}

/** Within a `Form`: one field for each property. What is wrong with a value is the server's to say. */
export function SchemaFields({ schema }: { schema: unknown }) {
  const { t } = useTranslation();
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => (
    <Form.Item
      key={name}
      name={name}
      label={property.title ?? name}
      extra={property.description}
      initialValue={property.default}
      valuePropName={property.type === "boolean" ? "checked" : "value"}
      rules={[{ required: required.includes(name), message: t("required") }]}
    >
      {input(property)}
    </Form.Item>
  ));
}

function input(property: Property) {
  if (property.enum) return <Select options={property.enum.map((value) => ({ value, label: value }))} />;
  if (property.type === "boolean") return <Switch />;
  if (property.type === "number" || property.type === "integer") return <InputNumber style={{ width: "100%" }} />;
  return <Input autoComplete="off" />;
}

export const asksNothing = (schema: unknown): boolean =>
  Object.keys(((schema ?? {}) as ObjectSchema).properties ?? {}).length === 0;
