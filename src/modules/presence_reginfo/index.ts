/** The module presence_reginfo. */
import { implementModule } from "../../runtime/module.ts";
import { documentLimits } from "../../runtime/reginfo/limits.ts";
import { ReginfoReader } from "../../runtime/reginfo/read.ts";
import { RegEvent } from "./package.ts";
import { presenceReginfo } from "./spec.ts";

/** Longest document that is read; presence has a limit of its own in front of it. */
const MAX_BYTES = 16_777_216;

export default implementModule(presenceReginfo, ({ params, use }) => {
  const reader = new ReginfoReader(documentLimits(params, MAX_BYTES, params.max_contacts));
  const merges = params.aggregate_presentities === 1;
  use.presence.addEvent(
    new RegEvent(params.default_expires, reader, { merges, maxContacts: params.max_contacts }),
  );
  return {};
});
