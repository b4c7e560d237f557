/** Writes docs/modules from the declarations of the modules, and docs/reg-event.md: `npm run docs`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { core } from "../src/modules/core/spec.ts";
import { moduleDefinitions } from "../src/modules/all.ts";
import { manualIndex, manualPage } from "../src/runtime/manual.ts";
import { findRowTests, regEventPage } from "./reg-event.ts";

const folder = fileURLToPath(new URL("../docs/modules/", import.meta.url));
const specs = [core, ...moduleDefinitions.map((definition) => definition.spec)];

// Pages of modules that are gone go too.
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const spec of specs) writeFileSync(`${folder}${spec.name}.md`, manualPage(spec));
writeFileSync(`${folder}README.md`, manualIndex(specs));

const root = fileURLToPath(new URL("..", import.meta.url));
writeFileSync(`${root}docs/reg-event.md`, regEventPage(findRowTests(root)));
