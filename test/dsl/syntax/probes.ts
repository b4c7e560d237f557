/** Reads the probe files: small configurations with the verdicts of Kamailio 5.6.3 and our own. */
import { readdirSync, readFileSync } from "node:fs";

export interface Probe {
  /** Where the probe stands, for the names of tests. */
  readonly name: string;
  readonly text: string;
  /** What `kamailio -c` says. */
  readonly isAccepted: boolean;
  /** What our grammar says; the checker may still object. */
  readonly isAcceptedHere: boolean;
}

export const PROBE_FOLDER = new URL("./probes/", import.meta.url);

const HEAD = `#!KAMAILIO
listen=udp:127.0.0.1:31100
${["pv", "xlog", "sl", "tm", "textops", "maxfwd"].map((name) => `loadmodule "${name}.so"\n`).join("")}`;

const HEADING = /^#@ (body|top|whole) (accepted|rejected)(?: \| here (accepted|rejected): .+)?$/;

function complete(form: string, body: string): string {
  if (form === "body") return `${HEAD}request_route {\n${body}\n}\n`;
  return form === "top" ? `${HEAD}${body}\nrequest_route { exit; }\n` : body;
}

/** All probes of all files. */
export function readProbes(): Probe[] {
  const probes: Probe[] = [];
  for (const file of readdirSync(PROBE_FOLDER).filter((name) => name.endsWith(".cfg"))) {
    const [, ...parts] = readFileSync(new URL(file, PROBE_FOLDER), "utf8").split(/^(?=#@ )/m);
    for (const part of parts) {
      const newline = part.indexOf("\n");
      const heading = HEADING.exec(part.slice(0, newline));
      if (heading === null) throw new Error(`bad heading in ${file}: ${part.slice(0, newline)}`);
      const [, form = "", verdict, here] = heading;
      const body = part.slice(newline + 1).replace(/\n$/, "");
      probes.push({
        name: `${file}: ${body.replaceAll("\n", "\\n").slice(0, 100)}`,
        text: complete(form, body),
        isAccepted: verdict === "accepted",
        isAcceptedHere: (here ?? verdict) === "accepted",
      });
    }
  }
  return probes;
}
