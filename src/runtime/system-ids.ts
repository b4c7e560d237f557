/** User and group names to numbers, from the system's own files. */
import { readFileSync } from "node:fs";

/** -1 for undefined; undefined when there is no such name. */
export function systemId(
  file: "/etc/passwd" | "/etc/group",
  name: string | undefined,
): number | undefined {
  if (name === undefined || name === "") return -1;
  if (/^\d+$/.test(name)) return Number(name);
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const id = line?.split(":")[2];
  return id === undefined ? undefined : Number(id);
}
