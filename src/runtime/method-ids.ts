/** The numbers by which Kamailio knows methods: `$rmid`, method filters, counters by method. */

const METHODS = [
  "INVITE",
  "CANCEL",
  "ACK",
  "BYE",
  "INFO",
  "REGISTER",
  "SUBSCRIBE",
  "NOTIFY",
  "MESSAGE",
  "OPTIONS",
  "PRACK",
  "UPDATE",
  "REFER",
  "PUBLISH",
] as const;

/** Methods of SIP in the order of their bits. */
export const sipMethods: readonly string[] = METHODS;

const IDS: ReadonlyMap<string, number> = new Map(
  [...METHODS, "KDMQ", "GET", "POST", "PUT", "DELETE"].map((method, bit) => [method, 1 << bit]),
);

/** Number of every method that has none of its own. */
const OTHER_METHOD = 524_288;

/** A method's number: one bit. */
export function methodId(method: string): number {
  return IDS.get(method) ?? OTHER_METHOD;
}
