import { existsSync, readdirSync } from "node:fs";
import { parse } from "node:path";
import { defineConfig } from "vite";

const source = "web/islands";
const outDir = "web/static/dist";

/** Every web/islands/NAME.js is an entry called NAME. */
export function islands() {
  const files = existsSync(source) ? readdirSync(source).filter((file) => file.endsWith(".js")) : [];
  return Object.fromEntries(files.map((file) => [parse(file).name, `${source}/${file}`]));
}

const pages = {
  base: "./",
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: true,
    manifest: "manifest.json",
    chunkSizeWarningLimit: 2000,
    // The content policy of the pages knows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: islands(),
      // A page imports an island's functions; tree shaking would drop the exports of an entry.
      preserveEntrySignatures: "strict",
    },
  },
};

// The server evaluates the FEEL of a form with the very code of the browser: one file, one global, no modules.
const feelin = {
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: false,
    lib: {
      entry: "node_modules/@bpmn-io/feelin/dist/index.js",
      formats: ["iife"],
      name: "feelin",
      fileName: () => "feelin.js",
    },
  },
};

export default defineConfig(({ mode }) => (mode === "feelin" ? feelin : pages));
