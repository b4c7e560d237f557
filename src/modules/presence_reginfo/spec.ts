/** Declaration of presence_reginfo: the event package reg for presence. */
import { declareModule } from "../../runtime/module.ts";
import { documentParams } from "../../runtime/reginfo/limits.ts";
import { presence } from "../presence/spec.ts";

const OWN = "Kamailio has no such parameter.";

export const presenceReginfo = declareModule()({
  name: "presence_reginfo",
  doc: "The event package reg (RFC 3680) for presence: what registrars publish about an address of record is put together for its watchers.",
  needs: { presence },
  params: {
    default_expires: {
      type: "int",
      default: 3761,
      min: 1,
      doc: "Seconds granted to those who ask for no time.",
      departs: "The default is that of RFC 3680, 4.2, not 3600.",
    },
    aggregate_presentities: {
      type: "int",
      default: 1,
      values: [0, 1],
      doc: "Whether publications of several registrars about one user are put together; else watchers see the latest one only.",
      departs:
        "On by default, and contacts are merged into one registration element. Kamailio has it from 5.7 on.",
    },
    max_contacts: {
      type: "int",
      default: 200,
      min: 1,
      doc: "Number of contacts in one document that is accepted, and in one that watchers get.",
      departs: OWN,
    },
    ...documentParams,
  },
  notes: [
    {
      title: "Documents",
      text: "Published documents must be well-formed and full (400), and speak of the user in the Request-URI only (403). Watchers get documents of their own, counted from 0: state `init` when nothing is known, `terminated` when the last publication of a registered user has ended.",
    },
  ],
});
