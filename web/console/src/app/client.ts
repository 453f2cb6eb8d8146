/** The client of the API: every operation is a trusted document, answers are kept by their global ids. */
import { cacheExchange } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";
import type { DocumentNode } from "graphql";
import { createClient as createSocket } from "graphql-ws";
import { Client, type Exchange, fetchExchange, makeOperation, mapExchange, type Operation, subscriptionExchange } from "urql";
import { pipe, tap } from "wonka";
import { possibleTypes, unidentified } from "@/gql/cache";
import { language } from "./language";
import { session } from "./session";
import type { Trusted } from "./trusted";

/**
 * What a change touches is the server's to say: after one, and after an event, whatever is on the screen is asked for
 * again. It stays there meanwhile, so that nothing that a person is writing is lost.
 */
const askAgain: Exchange = ({ client, forward }) => (operations) => {
  const shown = new Map<number, Operation>();
  const noted = pipe(
    operations,
    tap((operation) => {
      if (operation.kind === "query") shown.set(operation.key, operation);
      else if (operation.kind === "teardown") shown.delete(operation.key);
    }),
  );
  return pipe(
    forward(noted),
    tap(({ operation, data }) => {
      if (operation.kind === "query" || !data) return;
      for (const each of shown.values())
        client.reexecuteOperation(makeOperation("query", each, { ...each.context, requestPolicy: "cache-and-network" }));
    }),
  );
};

const hash = (_: string, document: DocumentNode) =>
  Promise.resolve((document as Trusted).__meta__.hash.replace("sha256:", ""));

export function createClient(): Client {
  const authorization = session.token ? `Bearer ${session.token}` : undefined;
  const socket = createSocket({
    url: location.origin.replace(/^http/, "ws") + "/graphql",
    connectionParams: { authorization },
    retryAttempts: Infinity,
  });
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: () => ({
      headers: { "Accept-Language": language(), ...(authorization && { Authorization: authorization }) },
    }),
    exchanges: [
      mapExchange({
        onError(error) {
          if (error.graphQLErrors.some((each) => each.extensions.code === "UNAUTHENTICATED")) session.end();
        },
      }),
      askAgain,
      cacheExchange({
        possibleTypes,
        keys: Object.fromEntries(unidentified.map((name) => [name, () => null])),
      }),
      persistedExchange({
        enforcePersistedQueries: true,
        enableForMutation: true,
        enableForSubscriptions: true,
        preferGetForPersistedQueries: false,
        generateHash: hash,
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables, extensions }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: query ?? "", variables, extensions }, {
              next: sink.next.bind(sink),
              error: sink.error.bind(sink),
              complete: sink.complete.bind(sink),
            }),
          }),
        }),
      }),
    ],
  });
}
