import { pool } from "./pool.js";

const ACCOUNT = `id, name, edition, sandbox, created_at AS "createdAt"`;
const ACCOUNT_OF_ID = `SELECT ${ACCOUNT} FROM account WHERE id = $1`;
const ACCOUNTS_OF_USER = `
  SELECT ${ACCOUNT} FROM account WHERE id IN (SELECT account_id FROM membership WHERE user_id = $1) ORDER BY id LIMIT $2
`;
const CHARGES = `
  SELECT c.* FROM unnest($1::uuid[]) AS asked(id) CROSS JOIN LATERAL (
    SELECT id, kind, day, quantity, billed_quantity AS "billedQuantity", amount_minor AS "amountMinor", currency,
      raised_at AS "raisedAt", account_id AS "of", plan_id AS "plan"
    FROM charge WHERE account_id = asked.id ORDER BY id LIMIT $2) AS c
`;
const LICENSES = `
  SELECT l.* FROM unnest($1::uuid[]) AS asked(id) CROSS JOIN LATERAL (
    SELECT id, label, state, account_id AS "of" FROM license WHERE account_id = asked.id ORDER BY id LIMIT $2) AS l
`;
const SETTLEMENTS = `
  SELECT id, state, channel, settled_at AS "settledAt", charge_id AS "of" FROM settlement WHERE charge_id = ANY($1)
`;
const PRICE_PLANS = `
  SELECT id, unit_price_minor AS "unitPriceMinor", currency, id AS "of" FROM price_plan WHERE id = ANY($1)
`;
const HOURS = `
  SELECT days.day::date AS day, h.hour, h.quantity
  FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS days(day)
  LEFT JOIN LATERAL (
    SELECT hour, sum(quantity)::bigint AS quantity FROM usage_hour
    WHERE account_id = $1 AND meter = 'datakit' AND hour >= days.day AT TIME ZONE 'Asia/Shanghai'
      AND hour < (days.day + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
    GROUP BY hour) AS h ON true
  ORDER BY 1, 2
`;

const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

/** The rows of a statement for many keys, as lists by what they are of. */
const grouped = async (name, text, values) => {
  const found = new Map(values[0].map((key) => [key, []]));
  for (const row of await rows(name, text, values)) found.get(row.of).push(row);
  return found;
};

/** A page of each object, with one statement for all that ask for pages of the same size. */
const page = (name, text) => async (queries) => {
  const sizes = new Map();
  for (const { obj, params } of queries) sizes.set(params.first, [...(sizes.get(params.first) ?? []), obj.id]);
  const found = new Map();
  for (const [first, keys] of sizes) found.set(first, await grouped(name, text, [keys, first + 1]));
  return queries.map(({ obj, params: { first } }) => {
    const nodes = found.get(first).get(obj.id);
    return { nodes: nodes.slice(0, first), pageInfo: { hasNextPage: nodes.length > first } };
  });
};

/** The one row that each object has. */
const one = (name, text, key) => async (queries) => {
  const found = await grouped(name, text, [[...new Set(queries.map(({ obj }) => obj[key]))]]);
  return queries.map(({ obj }) => found.get(obj[key])[0]);
};

const usage = async ({ obj, params }) => {
  const days = new Map();
  for (const { day, hour, quantity } of await rows("hours", HOURS, [obj.id, params.from, params.to])) {
    const shown = days.get(day) ?? { day, quantity: 0, hours: [] };
    days.set(day, shown);
    if (hour === null) continue;
    shown.hours.push({ hour, quantity });
    shown.quantity = Math.max(shown.quantity, quantity);
  }
  return [{ days: [...days.values()] }];
};

export const reading = {
  account: async (_, { id }) => (await rows("account", ACCOUNT_OF_ID, [id]))[0],
  viewer: (_, { user }) => ({ user }),
};
export const loaders = {
  Viewer: {
    accounts: (queries) =>
      Promise.all(
        queries.map(async ({ obj, params }) => ({
          nodes: await rows("accounts", ACCOUNTS_OF_USER, [obj.user, params.first]),
        })),
      ),
  },
  Account: {
    charges: page("charges", CHARGES),
    licenses: page("licenses", LICENSES),
    usage: (queries) => Promise.all(queries.map(usage)),
  },
  Charge: {
    settlement: one("settlements", SETTLEMENTS, "id"),
    pricePlan: one("price plans", PRICE_PLANS, "plan"),
  },
};
