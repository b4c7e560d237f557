/** Configurations that people use: the distribution's own, if it is installed, with all its switches. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/dsl/check/check.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { builtInCatalog } from "../../../src/modules/check-text.ts";
import { summary } from "./harness.ts";

const stock = "/etc/kamailio/kamailio.cfg";

/** Findings about what Kamailio has and olelo does not have yet. */
const notBuilt = new Set(["E316", "E510", "E502"]);

const switches = [
  "",
  "WITH_DEBUG",
  "WITH_NAT WITH_NATSIPPING WITH_RTPENGINE",
  "WITH_MYSQL WITH_AUTH WITH_USRLOCDB WITH_ACCDB WITH_ALIASDB WITH_SPEEDDIAL WITH_MULTIDOMAIN",
  "WITH_MYSQL WITH_AUTH WITH_IPAUTH",
  "WITH_TLS WITH_ANTIFLOOD WITH_BLOCK3XX WITH_BLOCK401407",
  "WITH_VOICEMAIL WITH_PSTN WITH_JSONRPC WITH_MSGREBUILD",
];

describe.runIf(existsSync(stock))("the stock configuration", () => {
  it.each(switches)("has no faults with %s", (names) => {
    const text = readFileSync(stock, "utf8");
    const defines = names.split(" ").filter((name) => name !== "");
    const read = readConfig({ text, name: "kamailio.cfg" }, { defines });
    expect(read.diagnostics.map(summary)).toEqual([]);
    const found = checkConfig(read, builtInCatalog(), { advice: false });
    expect(found.filter(({ code }) => !notBuilt.has(code)).map(summary)).toEqual([]);
  });
});
