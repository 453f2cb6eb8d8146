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
 * again. It stays there meanwhile, so that nothing that a person is writing is lost. What is just being asked for may be
 * answered as it was before the change: then it is asked for once more, and not beside, lest the older answer comes last.
 */
const askAgain: Exchange = ({ client, forward }) => (operations) => {
  const shown = new Map<number, Operation>();
  /** What has not been answered yet, and whether something changed meanwhile. */
  const asked = new Map<number, boolean>();
  function ask(key: number) {
    const each = shown.get(key);
    if (each) client.reexecuteOperation(makeOperation("query", each, { ...each.context, requestPolicy: "cache-and-network" }));
  }
  const noted = pipe(
    operations,
    tap((operation) => {
      const { kind, key } = operation;
      if (kind === "query") {
        shown.set(key, operation);
        if (!asked.has(key)) asked.set(key, false);
      } else if (kind === "teardown") {
        shown.delete(key);
        asked.delete(key);
      }
    }),
  );
  return pipe(
    forward(noted),
    tap(({ operation: { kind, key }, data, stale }) => {
      if (kind === "query") {
        if (stale) return;
        // The client takes it for asked until this answer has come through.
        if (asked.get(key)) queueMicrotask(() => ask(key));
        asked.delete(key);
      } else if (data)
        for (const each of shown.keys()) {
          if (asked.has(each)) asked.set(each, true);
          else ask(each);
        }
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
