import type zh from "../zh";
import common from "./common.json";
import account from "./account.json";
import billing from "./billing.json";
import signIn from "./signIn.json";
import contracts from "./contracts.json";
import licenses from "./licenses.json";
import upgrade from "./upgrade.json";

const texts: typeof zh = { account, billing, common, signIn, contracts, licenses, upgrade };
export default texts;
