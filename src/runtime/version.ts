/** Names and numbers of this program as it shows itself to others. */

/** Kept equal to package.json by a test. */
export const version = "0.1.0";

/** The release of Kamailio whose language and behaviour this is. */
export const kamailioVersion = "5.6.3";

/** `olelo (0.1.0 (x64/linux))`: for Server and User-Agent. */
export function signature(): string {
  return `olelo (${version} (${process.arch}/${process.platform}))`;
}
