/** Which of several workers takes stored state up again. */
import { parseUri } from "../../sip/uri.ts";
import type { Services } from "../services.ts";

/** Whether requests for a resource come to this worker: its state has been here, and goes on here. */
export function ownsResource({ workers }: Pick<Services, "workers">, uri: string): boolean {
  return workers === null || workers.ownerOfUser(parseUri(uri)?.user ?? "") === workers.index;
}
