import pg from "pg";

// PGHOST and the like name the server. Connections stay open between rounds, as those of the other servers do.
export const pool = new pg.Pool({ max: Number(process.env.POOL_SIZE), idleTimeoutMillis: 0 });
