// Bundles GraphiQL and its workers into app/api/static/graphiql, so that the page needs no outside network.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const outdir = "../../app/api/static/graphiql";
const examples = readdirSync("examples")
  .sort()
  .map((name) => ({ query: readFileSync(`examples/${name}`, "utf8") }));
const common = { bundle: true, minify: true, logLevel: "warning", define: { "process.env.NODE_ENV": '"production"' } };

rmSync(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { graphiql: "src/main.jsx" },
  outdir,
  format: "esm",
  jsx: "automatic",
  define: { ...common.define, EXAMPLES: JSON.stringify(examples) },
  loader: { ".ttf": "file", ".woff": "file", ".woff2": "file", ".svg": "dataurl" },
});
await build({
  ...common,
  entryPoints: {
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir,
  format: "iife",
});
