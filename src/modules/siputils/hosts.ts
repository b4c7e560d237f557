/** Addresses as they stand in messages. */

/** IPv6 addresses in brackets, others as they are. */
export function bracketed(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}
