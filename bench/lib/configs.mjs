/** The configurations that are measured, by name, and what has to be changed so that they run here. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const folder = resolve(import.meta.dirname, "..");

/** Port of the server, and of the generator's own user agent, in the files; replaced when a server starts. */
const serverPort = "15060";
const agentPort = "21001";

/** Debian's example: read where it is installed, never kept here. */
export const stockFile = "/etc/kamailio/kamailio.cfg";
/** Empty tables of Kamailio. */
const emptyTables = "/usr/share/kamailio/dbtext/kamailio";

/** Modes that a configuration can be measured in. Debian's example relays nothing to foreign hosts without authentication. */
export const modesOf = {
  bench: ["options", "register", "relay", "lookup"],
  stock: ["options", "register", "lookup"],
  publishing: ["register"],
};

/** Whether what a configuration needs is on this machine. */
export function isThere(name) {
  return name !== "stock" || existsSync(stockFile);
}

function textOf(name, kind) {
  if (name === "stock") return stockText();
  if (name === "publishing") return publishingText(kind);
  return readFileSync(name === "bench" ? join(folder, "bench.cfg") : resolve(name), "utf8");
}

/** One port of loopback, one process, the generator's domain as one of ours; the rest is as Debian has it. */
function stockText() {
  const lines = [
    "#!KAMAILIO",
    `listen=udp:127.0.0.1:${serverPort}`,
    "disable_tcp=yes",
    "auto_aliases=no",
    'alias="example.com"',
  ];
  return readFileSync(stockFile, "utf8")
    .replace(/^#!KAMAILIO/, lines.join("\n"))
    .replace(/^children=.*/m, "children=1")
    .replace(/^auto_aliases=.*/m, "");
}

function publishingText(kind) {
  const text = readFileSync(join(folder, "publishing.cfg"), "utf8");
  if (kind !== "kamailio") return text;
  const define = `#!substdef "!PUA_DATABASE!${puaDatabase()}!g"`;
  return text.replace(/^#!KAMAILIO/, `#!KAMAILIO\n${define}`);
}

/** A new database for Kamailio's pua, which does not start without one; its URL. */
export function puaDatabase() {
  const database = join(mkdtempSync(join(tmpdir(), "bench-tables-")), "kamailio");
  mkdirSync(database);
  for (const table of ["version", "pua"]) cpSync(join(emptyTables, table), join(database, table));
  return `text://${database}`;
}

/** Writes a configuration for a kind of server and its ports; the name of the file. */
export function writeConfig(name, { kind, port, uasPort }) {
  const text = textOf(name, kind)
    .replaceAll(serverPort, String(port))
    .replaceAll(agentPort, String(uasPort));
  const file = join(mkdtempSync(join(tmpdir(), "bench-config-")), "bench.cfg");
  writeFileSync(file, text);
  return file;
}
