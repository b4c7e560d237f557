/** Settings of the location tables that tests begin with. */
import type { LocationSettings } from "../../../src/modules/usrloc/location.ts";

/** As the parameters' defaults, with seeds that are the same in each run. */
export const locationSettings: LocationSettings = {
  matchingMode: 0,
  newestFirst: false,
  cseqDelay: 20,
  useDomain: false,
  natFlags: 0,
  xavpContact: undefined,
  timerInterval: 60,
  seed: 1,
  hashSeed: 0x600df00d,
  cachedContacts: 1000,
};
