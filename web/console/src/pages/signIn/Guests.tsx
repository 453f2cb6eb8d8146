/** The frame of the pages for who is not signed in. */
import { Flex, theme, Typography } from "antd";
import { type ReactNode, useEffect } from "react";
import { Preferences } from "@/app/Preferences";

export function Guests({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  const { token } = theme.useToken();
  useEffect(() => {
    document.title = `${title} · Edition Billing`;
  }, [title]);
  return (
    <Flex vertical style={{ minHeight: "100vh", padding: 16 }}>
      <Flex justify="end" component="header"><Preferences /></Flex>
      <Flex component="main" flex={1} justify="center" align="center">
        <Flex
          vertical
          gap="middle"
          style={{
            width: "100%",
            maxWidth: 420,
            padding: 24,
            borderRadius: token.borderRadiusLG,
            border: `1px solid ${token.colorBorderSecondary}`,
            background: token.colorBgContainer,
          }}
        >
          <Flex align="center" gap="small">
            <img src="/icon.svg" alt="" width={32} height={32} />
            <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>{title}</Typography.Title>
          </Flex>
          {about && <Typography.Text type="secondary">{about}</Typography.Text>}
          {children}
        </Flex>
      </Flex>
    </Flex>
  );
}
