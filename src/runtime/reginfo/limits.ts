/** How much of a registration document is read: settings that the modules have in common. */
import type { ParamSpec } from "../../dsl/catalog/spec.ts";

/** What is more than this is refused. */
export interface ReginfoLimits {
  /** Length of the document in bytes. */
  readonly bytes: number;
  /** Elements within each other. */
  readonly depth: number;
  /** Elements and attributes; comments and CDATA sections count too. */
  readonly parts: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Bytes in the name of an element or attribute. */
  readonly nameLength: number;
  /** Bytes in one value. */
  readonly valueLength: number;
  /** Contacts of all registrations together. */
  readonly contacts: number;
  /** Bytes in a URI. */
  readonly uriLength: number;
}

const OWN = "Kamailio has no such parameter.";

const limit = <const Default extends number>(value: Default, min: number, doc: string) =>
  ({ type: "int", default: value, min, doc, departs: OWN }) as const satisfies ParamSpec;

/** Parameters of a module that reads documents, but for their size and number of contacts. */
export const documentParams = {
  max_depth: {
    ...limit(16, 4, "Deepest nesting of elements that is read."),
    max: 256,
  },
  max_parts: limit(
    5000,
    16,
    "Number of elements and attributes in one document that is read; comments and CDATA sections count too. They are what reading takes time for. What fits into a datagram has about 3000.",
  ),
  max_attributes: limit(64, 16, "Number of attributes of one element that is read."),
  max_name: limit(256, 32, "Longest name of an element or attribute in bytes that is read."),
  max_value: limit(
    4096,
    64,
    "Longest attribute value, or text between two tags, in bytes that is read.",
  ),
  max_uri: limit(
    4096,
    64,
    "Longest URI that is taken over; contacts with longer ones are passed over.",
  ),
} as const satisfies Record<string, ParamSpec>;

/** Values of these parameters. */
export type DocumentSettings = { readonly [Name in keyof typeof documentParams]: number };

/** The limits that settings make, with size and number of contacts. */
export function documentLimits(
  settings: DocumentSettings,
  bytes: number,
  contacts: number,
): ReginfoLimits {
  return {
    bytes,
    contacts,
    depth: settings.max_depth,
    parts: settings.max_parts,
    attributes: settings.max_attributes,
    nameLength: settings.max_name,
    valueLength: settings.max_value,
    uriLength: settings.max_uri,
  };
}
