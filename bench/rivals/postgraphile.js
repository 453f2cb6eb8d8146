import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { pool } from "./pool.js";

// Without the plugin, what an index does not begin with (the accounts of a user) is reached as well.
const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["public", "bench_rival"] })],
  grafserv: { graphiql: false, graphqlOverGET: true, maxRequestLength: 4 * 1024 * 1024 },
});
const server = createServer();
await service.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
