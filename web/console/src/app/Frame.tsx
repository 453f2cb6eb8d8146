/** The frame of a signed-in person's pages: menu at the side (a drawer on a phone), who is signed in at the top. */
import { MenuOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Drawer, Dropdown, Flex, Grid, Layout, Menu, type MenuProps, theme } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { useMutation } from "urql";
import { graphql } from "@/gql";
import type { StaffRole } from "@/gql/graphql";
import { Preferences } from "./Preferences";
import { session } from "./session";

const SignOut = graphql(`
  mutation SignOut {
    signOut { ... on SignOutSuccess { user { id } } ... on Error { code message path } }
  }
`);

/** How high the header is, which stays in sight. */
const HEADER = 56;

export type MenuItems = NonNullable<MenuProps["items"]>;

interface Props {
  /** Entries whose keys are paths; the present one is marked. */
  menu: MenuItems;
  person: { name: string; email: string };
  staffRoles: readonly StaffRole[];
  /** What stands at the left of the header. */
  heading: ReactNode;
  /** What stands above the page: banners. */
  above?: ReactNode;
  /** The page itself. */
  outlet: ReactNode;
  staff?: boolean;
}

export function Frame({ menu, person, staffRoles, heading, above, outlet, staff }: Props) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const wide = Grid.useBreakpoint().lg;
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const [, signOut] = useMutation(SignOut);
  const side = useRef<HTMLDivElement>(null);
  // A menu that is longer than the screen scrolls by itself, and is opened at the present entry.
  useEffect(() => void side.current?.querySelector(".ant-menu-item-selected")?.scrollIntoView({ block: "nearest" }), [wide]);

  const present = keysOf(menu).filter((key) => pathname === key || pathname.startsWith(`${key}/`));
  const entries = (
    <nav aria-label={t("menu")}>
      <Menu
        mode="inline"
        items={menu}
        selectedKeys={present.sort((one, other) => other.length - one.length).slice(0, 1)}
        style={{ borderInlineEnd: 0 }}
        onClick={({ key }) => {
          setOpen(false);
          navigate(key);
        }}
      />
    </nav>
  );
  const mine: MenuItems = [
    { key: "who", label: person.email, disabled: true },
    { key: "/me", label: t("profile") },
    ...(staffRoles.length ? [{ key: staff ? "/" : "/staff", label: t(staff ? "customerArea" : "staffArea") }] : []),
    { key: "graphiql", label: <a href="/graphql">{t("graphiql")}</a> },
    { type: "divider" },
    { key: "out", label: t("signOut"), danger: true },
  ];
  async function chosen(key: string) {
    if (key === "out") {
      await signOut({});
      session.leave();
    } else if (key.startsWith("/")) navigate(key);
  }

  return (
    <Layout style={{ minHeight: "100vh" }}>
      <a href="#content" className="skip">{t("skip")}</a>
      <Layout.Header
        style={{ background: token.colorBgContainer, borderBottom: `1px solid ${token.colorBorderSecondary}`, paddingInline: 16, height: HEADER, lineHeight: "normal", position: "sticky", top: 0, zIndex: 10 }}
      >
        <Flex align="center" justify="space-between" style={{ height: "100%" }} gap="small">
          <Flex align="center" gap="small" style={{ minWidth: 0 }}>
            {!wide && <Button type="text" icon={<MenuOutlined />} aria-label={t("menu")} onClick={() => setOpen(true)} />}
            <Link to={staff ? "/staff" : "/"} aria-label={t("product")} style={{ display: "flex" }}>
              <img src="/icon.svg" alt="" width={26} height={26} />
            </Link>
            {heading}
          </Flex>
          <Flex align="center">
            <Preferences />
            <Dropdown menu={{ items: mine, onClick: ({ key }) => chosen(key) }} trigger={["click"]}>
              <Button type="text" icon={<UserOutlined />} aria-label={person.name}>{wide && person.name}</Button>
            </Dropdown>
          </Flex>
        </Flex>
      </Layout.Header>
      <Layout>
        {wide ? (
          <Layout.Sider
            ref={side}
            width={216}
            theme="light"
            style={{ borderInlineEnd: `1px solid ${token.colorBorderSecondary}`, paddingBlock: 8, position: "sticky", top: HEADER, height: `calc(100vh - ${HEADER}px)`, overflow: "auto" }}
          >
            {entries}
          </Layout.Sider>
        ) : (
          <Drawer open={open} placement="left" size={260} onClose={() => setOpen(false)} title={t("product")} styles={{ body: { padding: 0 } }}>
            {entries}
          </Drawer>
        )}
        <Layout.Content id="content" role="main" tabIndex={-1} style={{ padding: wide ? 24 : 16, minWidth: 0 }}>
          {above}
          {outlet}
        </Layout.Content>
      </Layout>
    </Layout>
  );
}

function keysOf(items: MenuItems): string[] {
  return items.flatMap((item) => {
    if (!item) return [];
    const below = "children" in item && item.children ? keysOf(item.children) : [];
    return "key" in item && item.key ? [String(item.key), ...below] : below;
  });
}
