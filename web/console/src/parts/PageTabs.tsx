/** The parts of a page that are looked at one at a time; the address says which. */
import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

interface Tab {
  key: string;
  label: string;
  children: ReactNode;
}

export function PageTabs({ tabs }: { tabs: (Tab | false)[] }) {
  const [asked, setAsked] = useSearchParams();
  const shown = tabs.filter((tab) => tab !== false);
  return (
    <Tabs
      items={shown}
      activeKey={shown.find(({ key }) => key === asked.get("tab"))?.key ?? shown[0]?.key}
      onChange={(tab) => setAsked({ tab }, { replace: true })}
      destroyOnHidden
    />
  );
}
