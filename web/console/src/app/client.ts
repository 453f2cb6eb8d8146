/** The client of the API: every operation is a trusted document, answers are kept by their global ids. */
import { cacheExchange, type UpdateResolver } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";
import type { DocumentNode } from "graphql";
import { createClient as createSocket } from "graphql-ws";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { mutations, possibleTypes, unidentified } from "@/gql/cache";
import { language } from "./language";
import { session } from "./session";
import type { Trusted } from "./trusted";

/** What a change touches is the server's to say: whatever is on the screen is asked for again. */
const askAgain: UpdateResolver = (_, __, cache) => {
  for (const { fieldKey } of cache.inspectFields("Query")) cache.invalidate("Query", fieldKey);
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
      cacheExchange({
        possibleTypes,
        keys: Object.fromEntries(unidentified.map((name) => [name, () => null])),
        updates: {
          Mutation: Object.fromEntries(mutations.map((name) => [name, askAgain])),
          Subscription: { accountEvents: askAgain, staffEvents: askAgain },
        },
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
