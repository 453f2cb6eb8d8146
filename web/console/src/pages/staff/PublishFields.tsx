/** What several forms of published things have: when it begins, and texts in both languages. */
import { Flex, Form, Input } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { InstantInput, useRequired } from "./inputs";

export interface Both {
  zh: string;
  en: string;
}

export interface Begins {
  validFrom?: Dayjs | null;
}

/** From when on it is in force; left empty, from now on. */
export function ValidFrom({ help, name = "validFrom", label }: { help?: string; name?: string; label?: string }) {
  const { t } = useTranslation(["operations", "common"]);
  return (
    <Form.Item name={name} label={label ?? t("validFrom")} extra={help ?? t("validFromHelp")}>
      <InstantInput placeholder={t("atOnce")} />
    </Form.Item>
  );
}

interface BothProps {
  name: string;
  label: string;
  /** How many lines each has at the least; more than one makes it a text of lines. */
  lines?: number;
  maxLength?: number;
}

/** A text in Chinese and in English, side by side where there is room. */
export function BothLanguages({ name, label, lines = 1, maxLength }: BothProps) {
  const { t } = useTranslation(["operations", "common"]);
  const rules = useRequired();
  const input = lines > 1 ? <Input.TextArea rows={lines} maxLength={maxLength} /> : <Input maxLength={maxLength} />;
  return (
    <Flex gap="middle" wrap>
      {(["zh", "en"] as const).map((language) => (
        <Form.Item key={language} name={[name, language]} label={t("common:aside", { what: label, aside: t(language) })} rules={rules} style={{ flex: "1 1 220px" }}>
          {input}
        </Form.Item>
      ))}
    </Flex>
  );
}
