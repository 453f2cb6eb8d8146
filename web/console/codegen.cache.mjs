// What the cache has to know of the contract: the types that have no global id,
// and which types are of which interface: without it, a refusal is not told from what was done.
import { isInterfaceType, isObjectType } from "graphql";

export const plugin = (schema) => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const unidentified = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__") && !roots.includes(type))
    .filter((type) => !type.getFields().id)
    .map((type) => type.name);
  const possibleTypes = Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isInterfaceType)
      .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );
  const list = (name, values) => `export const ${name} = ${JSON.stringify(values)};\n`;
  return list("unidentified", unidentified) + list("possibleTypes", possibleTypes);
};
