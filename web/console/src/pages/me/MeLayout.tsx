/** The frame of a person's own pages: not of an account, though the way back to each is in the menu. */
import { ApiOutlined, HomeOutlined, MailOutlined, SafetyOutlined, UserOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { useQuery } from "urql";
import { pathOf } from "@/app/account";
import { Frame } from "@/app/Frame";
import { graphql } from "@/gql";
import type { MeFrameQuery } from "@/gql/graphql";
import { Failure } from "@/parts/Failure";

const MeFrame = graphql(`
  query MeFrame { viewer { staffRoles user { id name email } accounts(first: 100) { nodes { id name } } } }
`);

/** Where one's own pages are, longest first where one is within another: the frame marks the first that fits. */
export const ME = { profile: "/me", security: "/me/security", tokens: "/me/tokens", invitations: "/invitations" };

export default function MeLayout() {
  const [{ data, error }, again] = useQuery({ query: MeFrame });
  const menu = useMenu(data?.viewer?.accounts.nodes ?? []);
  const { t } = useTranslation("common");
  if (error && !data) return <Failure error={error} again={again} />;
  if (!data?.viewer) return null;
  return <Frame menu={menu} person={data.viewer.user} staffRoles={data.viewer.staffRoles} heading={t("product")} outlet={<Outlet />} />;
}

function useMenu(accounts: NonNullable<MeFrameQuery["viewer"]>["accounts"]["nodes"]) {
  const { t } = useTranslation(["me", "common"]);
  return [
    { key: ME.profile, label: t("profile"), icon: <UserOutlined /> },
    { key: ME.security, label: t("security"), icon: <SafetyOutlined /> },
    { key: ME.tokens, label: t("tokens"), icon: <ApiOutlined /> },
    { key: ME.invitations, label: t("invitation"), icon: <MailOutlined /> },
    ...(accounts.length
      ? [{
          type: "group" as const,
          label: t("accounts"),
          children: accounts.map(({ id, name }) => ({ key: pathOf(id), label: name, icon: <HomeOutlined /> })),
        }]
      : []),
  ];
}
