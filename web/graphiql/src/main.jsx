import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

const workers = { graphql: "graphql.worker", json: "json.worker" };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(`/graphiql/${workers[label] ?? "editor.worker"}.js`),
};

const authorization = (headers) =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "authorization")?.[1];
const socket = location.href.replace(/^http/, "ws").split(/[?#]/)[0];
const http = createGraphiQLFetcher({ url: location.pathname });

// A subscription's socket takes its token from the Headers editor, like every other request.
const fetcher = (request, options) =>
  createGraphiQLFetcher({
    url: location.pathname,
    wsClient: createClient({ url: socket, connectionParams: { authorization: authorization(options?.headers) } }),
  })(request, options);
const isSubscription = (request, options) =>
  options?.documentAST?.definitions.some(
    (definition) =>
      definition.operation === "subscription" &&
      (!request.operationName || definition.name?.value === request.operationName),
  );

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={(request, options) => (isSubscription(request, options) ? fetcher : http)(request, options)}
    defaultHeaders={JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2)}
    defaultEditorToolsVisibility="headers"
    defaultTabs={EXAMPLES}
    shouldPersistHeaders={false}
  />,
);
