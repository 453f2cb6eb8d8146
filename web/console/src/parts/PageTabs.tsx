/** The parts of a page that are looked at one at a time; the address says which. */
import { Flex, Grid, Select, Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

interface Tab {
  key: string;
  label: string;
  children: ReactNode;
}

export function PageTabs({ tabs }: { tabs: (Tab | false)[] }) {
  const [asked, setAsked] = useSearchParams();
  const { t } = useTranslation();
  const wide = Grid.useBreakpoint().sm;
  const shown = tabs.filter((tab) => tab !== false);
  const open = shown.find(({ key }) => key === asked.get("tab")) ?? shown[0];
  const go = (tab: string) => setAsked({ tab }, { replace: true });
  // A phone has no room for a row of names, and what the library hides of it is not within reach of a screen reader.
  if (!wide && shown.length > 3)
    return (
      <Flex vertical gap="middle">
        <Select aria-label={t("parts")} value={open?.key} options={shown.map(({ key, label }) => ({ value: key, label }))} onChange={go} />
        {open?.children}
      </Flex>
    );
  return <Tabs items={shown} activeKey={open?.key} onChange={go} destroyOnHidden />;
}
