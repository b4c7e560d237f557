/** Writes docs/modules from the declarations of the modules: `npm run docs`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { core } from "../src/modules/core/spec.ts";
import { moduleDefinitions } from "../src/modules/index.ts";
import { manualIndex, manualPage } from "../src/runtime/manual.ts";

const folder = fileURLToPath(new URL("../docs/modules/", import.meta.url));
const specs = [core, ...moduleDefinitions.map((definition) => definition.spec)];

mkdirSync(folder, { recursive: true });
for (const spec of specs) writeFileSync(`${folder}${spec.name}.md`, manualPage(spec));
writeFileSync(`${folder}README.md`, manualIndex(specs));
