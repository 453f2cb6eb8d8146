import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { pool } from "./pool.js";
import { loaders, reading } from "./reading.js";

const { INT8, DATE, TIMESTAMPTZ } = pg.types.builtins;
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(DATE, (text) => text);
pg.types.setTypeParser(TIMESTAMPTZ, (text) => text.replace(" ", "T"));

const schema = `
  type Query { healthy: Boolean! account(id: ID!): Account viewer(user: ID!): Viewer! }
  type Viewer { accounts(first: Int!): Accounts! }
  type Accounts { nodes: [Account!]! }
  type Account {
    id: ID! name: String! edition: String! sandbox: Boolean! createdAt: String!
    charges(first: Int!): Charges! licenses(first: Int!): Licenses! usage(from: String!, to: String!): [Usage!]!
  }
  type Charges { nodes: [Charge!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
  type Charge {
    id: ID! kind: String! day: String! quantity: Int! billedQuantity: Int! amountMinor: Int! currency: String!
    raisedAt: String! settlement: Settlement! pricePlan: PricePlan!
  }
  type Settlement { id: ID! state: String! channel: String! settledAt: String }
  type PricePlan { id: ID! unitPriceMinor: Int! currency: String! }
  type Licenses { nodes: [License!]! }
  type License { id: ID! label: String! state: String! }
  type Usage { days: [Day!]! }
  type Day { day: String! quantity: Int! hours: [Hour!]! }
  type Hour { hour: String! quantity: Int! }
  type Mutation { reportUsage(deployment: ID!, hour: String!, dataKits: [String!]!): Int! }
`;
const text = `
  INSERT INTO bench_rival.usage_row (deployment_id, hour, datakit)
  SELECT $1::uuid, $2::timestamptz, unnest($3::text[])
  ON CONFLICT DO NOTHING
`;
const resolvers = {
  Query: { healthy: () => true, ...reading },
  Mutation: {
    reportUsage: async (_, { deployment, hour, dataKits }) => {
      const { rowCount } = await pool.query({ name: "report", text, values: [deployment, hour, dataKits] });
      return rowCount;
    },
  },
};

const app = Fastify({ bodyLimit: 4 * 1024 * 1024 });
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
