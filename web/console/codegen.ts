// Types of every operation, made from the contract that the server prints; and the operations by their hash, which the
// server trusts.
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          BigInt: { input: "number | string", output: "string" },
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          DataKitIds: "unknown",
          JSON: "unknown",
        },
      },
    },
    "src/gql/cache.ts": { plugins: ["./codegen.cache.mjs"] },
  },
};

export default config;
