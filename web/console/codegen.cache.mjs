// What the cache has to know of the contract: the types that have no global id.
import { isObjectType } from "graphql";

export const plugin = (schema) => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const unidentified = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__") && !roots.includes(type))
    .filter((type) => !type.getFields().id)
    .map((type) => type.name);
  return `export const unidentified = ${JSON.stringify(unidentified)};\n`;
};
