// Builds everything the browser loads into web/static/dist: islands, the FEEL bundle, copies of finished libraries.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { islands } from "../vite.config.js";

const dist = "web/static/dist";
const finished = [
  "node_modules/@tabler/core/dist/css/tabler.min.css",
  "node_modules/htmx.org/dist/htmx.min.js",
];

rmSync(dist, { recursive: true, force: true });
if (Object.keys(islands()).length > 0) {
  await build({ mode: "production", logLevel: "warn" });
}
await build({ mode: "feelin", logLevel: "warn" });
mkdirSync(`${dist}/vendor`, { recursive: true });
for (const file of finished) {
  cpSync(file, `${dist}/vendor/${basename(file)}`);
}
// A phone in the field loads a quarter of it: packed once here, handed out by web/assets.py.
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css)$/.test(entry.name)) continue;
  const file = `${entry.parentPath ?? entry.path}/${entry.name}`;
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
