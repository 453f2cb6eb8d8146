// What the cache has to know of the contract, of the types that the pages ask for: which have no global id, and which are
// of which interface: without it, a refusal is not told from what was done.
import { isAbstractType, isInterfaceType, TypeInfo, visit, visitWithTypeInfo } from "graphql";

export const plugin = (schema, documents) => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const asked = typesAsked(schema, documents);
  const unidentified = [...asked].filter((type) => !roots.includes(type) && !type.getFields().id).map(({ name }) => name).sort();
  const possibleTypes = Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isInterfaceType)
      .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );
  const list = (name, values) => `export const ${name} = ${JSON.stringify(values)};\n`;
  return list("unidentified", unidentified) + list("possibleTypes", possibleTypes);
};

/** The object types of which an answer to the documents may have some. */
function typesAsked(schema, documents) {
  const info = new TypeInfo(schema);
  const found = new Set();
  const note = (type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]).forEach((each) => found.add(each));
  for (const { document } of documents)
    visit(document, visitWithTypeInfo(info, { SelectionSet: () => void note(info.getParentType()) }));
  return found;
}
