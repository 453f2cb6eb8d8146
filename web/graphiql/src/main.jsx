import { explorerPlugin } from "@graphiql/plugin-explorer";
import "@graphiql/plugin-explorer/style.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { filled, remember } from "./remember.js";

const workers = { graphql: "graphql.worker", json: "json.worker" };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(`/graphiql/${workers[label] ?? "editor.worker"}.js`),
};

// One sign-in for all tabs and for the console; an address with #token=… signs in on a developer's own machine. Anywhere
// else a link could sign somebody in as whoever sent it.
const KEY = "edition-billing.token";
const OWN_MACHINE = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;
const named = new URLSearchParams(location.hash.slice(1)).get("token");
if (named) {
  if (OWN_MACHINE.test(location.hostname)) localStorage.setItem(KEY, named);
  history.replaceState(null, "", location.pathname);
}
const own = () => {
  const token = localStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
};
const language = (localStorage.getItem("edition-billing.language") ?? navigator.language).startsWith("zh") ? "zh" : "en";

// The Headers editor goes before the sign-in, so that a request can be somebody else's, or nobody's.
const headersOf = (given) => {
  const lower = Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const { Authorization: authorization } = own();
  return { "accept-language": language, ...(authorization && { authorization }), ...lower };
};
const socket = location.href.replace(/^http/, "ws").split(/[?#]/)[0];
const fetcherWith = (headers) =>
  createGraphiQLFetcher({
    url: location.pathname,
    enableIncrementalDelivery: false,
    wsClient: createClient({ url: socket, connectionParams: { authorization: headers.authorization } }),
  });

const operationOf = (request, options) =>
  options?.documentAST?.definitions.find(
    ({ kind, name }) =>
      kind === "OperationDefinition" && (!request.operationName || name?.value === request.operationName),
  );

async function fetcher(request, options) {
  const headers = headersOf(options?.headers);
  const variables = filled(operationOf(request, options), request.variables);
  const answer = await fetcherWith(headers)({ ...request, variables }, { ...options, headers });
  remember(answer?.data ?? {});
  return answer;
}

// Comments are there in both languages; a tab has those of the reader's.
const inLanguage = ({ query }) => ({
  query: query
    .split("\n")
    .filter((line) => !line.startsWith(language === "zh" ? "# " : "#zh "))
    .map((line) => line.replace(/^#zh /, "# "))
    .join("\n"),
});

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[HISTORY_PLUGIN, explorerPlugin()]}
    defaultEditorToolsVisibility="variables"
    defaultTabs={EXAMPLES.map(inLanguage)}
    shouldPersistHeaders={false}
  />,
);
