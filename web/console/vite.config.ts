import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

const outDir = "../../app/api/static/console";

/** Beside every asset the same compressed, which the server sends as it is; the trusted documents beside the page. */
const finished: Plugin = {
  name: "finished",
  closeBundle() {
    for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/\.(js|css|svg)$/.test(path)) continue;
      const bytes = readFileSync(path);
      if (bytes.length < 1024) continue;
      writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    }
    writeFileSync(join(outDir, "documents.json"), readFileSync("src/gql/persisted-documents.json"));
    renameSync(join(outDir, "index.html"), join(outDir, "page.html"));
  },
};

/** Each operation stands where it is used, as the text that the server trusts, so that a page loads its own alone. */
const documents: Plugin = {
  name: "documents",
  enforce: "pre",
  transform(code, id) {
    if (!/\.tsx?$/.test(id) || id.includes("/src/gql/") || !code.includes("graphql(`")) return undefined;
    const trusted: Record<string, string> = JSON.parse(readFileSync("src/gql/persisted-documents.json", "utf8"));
    const replaced = code.replaceAll(/graphql\(`\s*(?:query|mutation|subscription) (\w+)[^`]*`\)/g, (_, name) => {
      const found = Object.entries(trusted).find(([, text]) => new RegExp(`(query|mutation|subscription) ${name}\\b`).test(text));
      if (!found) throw new Error(`${name} is not generated: run npm run generate`);
      return `__trusted(${JSON.stringify(found[0])}, ${JSON.stringify(found[1])})`;
    });
    return `import { trusted as __trusted } from "@/app/trusted";\n${replaced}`;
  },
};

export default defineConfig({
  plugins: [documents, react(), finished],
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  html: { cspNonce: "NONCE" },
  build: {
    outDir,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8000", ws: true } } },
});
