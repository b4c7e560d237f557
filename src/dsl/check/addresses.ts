/** Forms of addresses: IPv4, IPv6, masks, host names, ports. */

/** Highest port of UDP and TCP. */
export const MAX_PORT = 65535;

/** Whether a text is an IPv4 address. */
export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** Whether a text looks like an IPv4 address, right or wrong. */
export function looksLikeIpv4(text: string): boolean {
  return /^\d+(?:\.\d+){2,4}$/.test(text);
}

/** Whether a text (without brackets) is an IPv6 address (RFC 4291, 2.2). */
export function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2 || !/^[0-9A-Fa-f:.]*$/.test(text)) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    for (const [place, part] of parts.entries()) {
      const isLast = index === halves.length - 1 && place === parts.length - 1;
      if (isLast && part.includes(".")) {
        if (!isIpv4(part)) return false;
        groups += 2;
      } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
        groups += 1;
      } else {
        return false;
      }
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** What is wrong with an address that may carry a mask (`10.0.0.0/8`); nothing when it is right or a host name. */
export function addressProblem(text: string): string | undefined {
  const [address = "", mask, ...more] = text.split("/");
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  const isV6 = bare.includes(":");
  if (isV6 ? !isIpv6(bare) : looksLikeIpv4(bare) && !isIpv4(bare)) {
    return `${address} is not an IP address`;
  }
  if (mask === undefined) return undefined;
  if (more.length > 0) return `${text} is not a network`;
  if (isIpv4(mask)) return undefined;
  const bits = isV6 ? 128 : 32;
  if (/^\d{1,3}$/.test(mask) && Number(mask) <= bits) return undefined;
  return `a mask has 0 to ${bits} bits, not ${mask}`;
}

/** Whether a text can be a host name (letters of other alphabets and `_` included, as the DNS allows). */
export function isHostName(text: string): boolean {
  return text.length <= 255 && /^[^\s<>"'(){}[\]@;,:/?=&]+$/.test(text);
}
