/** A page: its title, what can be done on it, and its content. */
import { Flex, Typography } from "antd";
import { type ReactNode, useEffect } from "react";

interface Props {
  title: string;
  /** One sentence on what the page is for. */
  about?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, about, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Edition Billing`;
  }, [title]);
  return (
    <Flex vertical gap={20}>
      <Flex justify="space-between" align="start" gap="middle" wrap>
        <div>
          <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>{title}</Typography.Title>
          {about && <Typography.Text type="secondary">{about}</Typography.Text>}
        </div>
        {actions && <Flex gap="small" wrap>{actions}</Flex>}
      </Flex>
      {children}
    </Flex>
  );
}
