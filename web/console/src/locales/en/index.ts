import type zh from "../zh";
import common from "./common.json";
import account from "./account.json";
import billing from "./billing.json";
import contracts from "./contracts.json";
import staff from "./staff.json";
import finance from "./finance.json";
import operations from "./operations.json";
import signIn from "./signIn.json";
import licenses from "./licenses.json";
import statements from "./statements.json";
import invoices from "./invoices.json";
import upgrade from "./upgrade.json";

const texts: typeof zh = { account, billing, common, contracts, staff, finance, operations, signIn, licenses, statements, invoices, upgrade };
export default texts;
