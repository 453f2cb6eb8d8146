/** Every page of the console and where it is: one line a page, its code loaded when it is gone to. */
import type { ComponentType } from "react";
import { createBrowserRouter, Navigate, Outlet, type RouteObject, useLocation } from "react-router";
import { loadStaffTexts } from "./language";
import { session, useToken } from "./session";

/** A page of its own chunk: `page(() => import("@/pages/…"))`, whose default export is the page. */
const page = (load: () => Promise<{ default: ComponentType }>) => async () => ({ Component: (await load()).default });

/** Pages for who is signed in; whoever is not is sent to sign in, and then back. */
function SignedIn() {
  const token = useToken();
  const { pathname, search } = useLocation();
  if (token) return <Outlet />;
  if (session.left) return <Navigate to="/sign-in" replace />;
  return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
}

const guests: RouteObject[] = [
  { path: "sign-in", lazy: page(() => import("@/pages/signIn/SignIn")) },
  { path: "register", lazy: page(() => import("@/pages/signIn/Register")) },
  { path: "reset-password", lazy: page(() => import("@/pages/signIn/ResetPassword")) },
];

const account: RouteObject = {
  path: "accounts/:accountId",
  lazy: page(() => import("@/app/AccountLayout")),
  children: [
    { index: true, lazy: page(() => import("@/pages/account/Home")) },
    { path: "charges", lazy: page(() => import("@/pages/billing/Charges")) },
    { path: "contracts", lazy: page(() => import("@/pages/contracts/Contracts")) },
    { path: "licenses", lazy: page(() => import("@/pages/licenses/Licenses")) },
    { path: "statements", lazy: page(() => import("@/pages/billing/Statements")) },
    { path: "invoices", lazy: page(() => import("@/pages/billing/Invoices")) },
    { path: "members", lazy: page(() => import("@/pages/members/Members")) },
    { path: "settings", lazy: page(() => import("@/pages/account/Settings")) },
    { path: "alerts", lazy: page(() => import("@/pages/account/Alerts")) },
    { path: "events", lazy: page(() => import("@/pages/account/Events")) },
    { path: "audit", lazy: page(() => import("@/pages/account/AuditLog")) },
    { path: "webhooks", lazy: page(() => import("@/pages/webhooks/Webhooks")) },
    { path: "wallet", lazy: page(() => import("@/pages/wallet/Wallet")) },
    { path: "usage", lazy: page(() => import("@/pages/account/Usage")) },
    { path: "upgrade", lazy: page(() => import("@/pages/upgrade/Upgrade")) },
  ],
};

const me: RouteObject = {
  lazy: page(() => import("@/pages/me/MeLayout")),
  children: [
    { path: "me", lazy: page(() => import("@/pages/me/Profile")) },
    { path: "me/security", lazy: page(() => import("@/pages/me/Security")) },
    { path: "me/tokens", lazy: page(() => import("@/pages/me/Tokens")) },
    { path: "invitations", lazy: page(() => import("@/pages/me/Invitations")) },
  ],
};

const staff: RouteObject = {
  path: "staff",
  lazy: page(() => Promise.all([import("@/app/StaffLayout"), loadStaffTexts()]).then(([layout]) => layout)),
  children: [
    { index: true, lazy: page(() => import("@/pages/staff/Start")) },
    { path: "applications", lazy: page(() => import("@/pages/staff/Applications")) },
    { path: "accounts", lazy: page(() => import("@/pages/staff/Accounts")) },
    { path: "accounts/:accountId", lazy: page(() => import("@/pages/staff/Account")) },
    { path: "top-ups", lazy: page(() => import("@/pages/staff/TopUps")) },
    { path: "invoices", lazy: page(() => import("@/pages/staff/Invoices")) },
    { path: "verifications", lazy: page(() => import("@/pages/staff/Verifications")) },
    { path: "settlements", lazy: page(() => import("@/pages/staff/Settlements")) },
    { path: "cases", lazy: page(() => import("@/pages/staff/Cases")) },
    { path: "vouchers", lazy: page(() => import("@/pages/staff/Vouchers")) },
    { path: "coupons", lazy: page(() => import("@/pages/staff/Coupons")) },
    { path: "revenue", lazy: page(() => import("@/pages/staff/Revenue")) },
    { path: "arrears", lazy: page(() => import("@/pages/staff/Arrears")) },
    { path: "books", lazy: page(() => import("@/pages/staff/Books")) },
    { path: "plans", lazy: page(() => import("@/pages/staff/Plans")) },
    { path: "groups", lazy: page(() => import("@/pages/staff/Groups")) },
    { path: "meters", lazy: page(() => import("@/pages/staff/Meters")) },
    { path: "editions", lazy: page(() => import("@/pages/staff/Editions")) },
    { path: "agreements", lazy: page(() => import("@/pages/staff/Agreements")) },
    { path: "releases", lazy: page(() => import("@/pages/staff/Releases")) },
    { path: "days", lazy: page(() => import("@/pages/staff/Days")) },
    { path: "channels", lazy: page(() => import("@/pages/staff/Channels")) },
    { path: "roles", lazy: page(() => import("@/pages/staff/Roles")) },
    { path: "audit", lazy: page(() => import("@/pages/staff/Audit")) },
  ],
};

/** Names that lead to the machine itself; anywhere else a link could sign somebody in as whoever sent it. */
const OWN_MACHINE = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

/** A token in the address's fragment, as `billing serve` prints one on a developer's machine, signs in there. */
function takeToken(): null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    if (OWN_MACHINE.test(location.hostname)) session.begin(token);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return null;
}

takeToken();
export const router = createBrowserRouter([
  {
    lazy: page(() => import("@/app/Shell")),
    HydrateFallback: () => null,
    children: [
      ...guests,
      {
        element: <SignedIn />,
        children: [{ index: true, lazy: page(() => import("@/pages/Start")) }, account, me, staff],
      },
      { path: "*", lazy: page(() => import("@/pages/NotFound")) },
    ],
  },
]);
