import Fastify from "fastify";
import mercurius from "mercurius";
import { pool } from "./pool.js";

const schema = `
  type Query { healthy: Boolean! }
  type Mutation { reportUsage(deployment: ID!, hour: String!, dataKits: [String!]!): Int! }
`;
const text = `
  INSERT INTO bench_rival.usage_row (deployment_id, hour, datakit)
  SELECT $1::uuid, $2::timestamptz, unnest($3::text[])
  ON CONFLICT DO NOTHING
`;
const resolvers = {
  Query: { healthy: () => true },
  Mutation: {
    reportUsage: async (_, { deployment, hour, dataKits }) => {
      const { rowCount } = await pool.query({ name: "report", text, values: [deployment, hour, dataKits] });
      return rowCount;
    },
  },
};

const app = Fastify({ bodyLimit: 4 * 1024 * 1024 });
app.register(mercurius, { schema, resolvers, jit: 1 });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
