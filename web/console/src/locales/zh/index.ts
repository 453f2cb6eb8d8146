import common from "./common.json";
import account from "./account.json";
import billing from "./billing.json";
import contracts from "./contracts.json";
import signIn from "./signIn.json";
import licenses from "./licenses.json";
import statements from "./statements.json";
import invoices from "./invoices.json";
import tokens from "./tokens.json";
import members from "./members.json";
import settings from "./settings.json";
import alerts from "./alerts.json";
import events from "./events.json";
import audit from "./audit.json";
import webhooks from "./webhooks.json";
import me from "./me.json";
import upgrade from "./upgrade.json";

export default { account, billing, common, contracts, signIn, licenses, statements, invoices, tokens, members, settings, alerts, events, audit, webhooks, me, upgrade };
