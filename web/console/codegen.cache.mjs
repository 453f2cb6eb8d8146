// What the cache has to know of the contract: every mutation's name, and the types that have no global id.
import { isObjectType } from "graphql";

export const plugin = (schema) => {
  const mutations = Object.keys(schema.getMutationType().getFields());
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const unidentified = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__") && !roots.includes(type))
    .filter((type) => !type.getFields().id)
    .map((type) => type.name);
  const list = (name, values) => `export const ${name} = ${JSON.stringify(values)};\n`;
  return list("mutations", mutations) + list("unidentified", unidentified);
};
