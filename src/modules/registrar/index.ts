/** The module registrar. */
import type { ScriptContext } from "../../runtime/context.ts";
import {
  bound,
  type BoundArgument,
  implementModule,
  type ScriptVariable,
} from "../../runtime/module.ts";
import type { Table, UsrlocApi } from "../usrloc/spec.ts";
import { aorOfText } from "./aor.ts";
import { runExpiredRoute } from "./expired-event.ts";
import { gruusOf } from "./gruu.ts";
import { FetchedContacts, isAttribute, splitName } from "./fetched.ts";
import { Finder } from "./lookup.ts";
import { answerRemovals, registered, unregister } from "./registered.ts";
import { Saver } from "./save.ts";
import { answerRegistrations } from "./save-elsewhere.ts";
import { LiveAorRules, type Surroundings } from "./settings.ts";
import { registrar } from "./spec.ts";

export default implementModule(registrar, (env) => {
  const { params, services, use } = env;
  const location = use.usrloc;
  const { sl } = use;
  if (params.flow_timer > 0 && params.outbound_mode === 0) {
    env.fail("flow_timer", "flow_timer needs outbound_mode 1 or 2");
  }
  let received: ScriptVariable | undefined;
  if (params.received_avp !== undefined) received = env.variable(params.received_avp);
  const statistics = services.statistics;
  const around: Surroundings = {
    params,
    location,
    services,
    aorRules: new LiveAorRules(params, location),
    received,
    reply: (context, status, reason) => {
      sl.reply(context, status, reason);
    },
    accepted: statistics.counter("registrar", "accepted_regs", "Registrations accepted"),
    rejected: statistics.counter("registrar", "rejected_regs", "Registrations refused"),
  };
  for (const [name, read] of [
    ["default_expire", () => params.default_expires],
    ["default_expires_range", () => params.default_expires_range],
    ["expires_range", () => params.expires_range],
    ["max_contacts", () => params.max_contacts],
    ["max_expires", () => params.max_expires],
  ] as const) {
    statistics.gauge("registrar", name, read, "Value of the parameter", true);
  }
  location.keepExpired(() => (params.use_expired_contacts ? location.timerInterval : 0));
  const saver = new Saver(around);
  if (services.workers !== null) {
    answerRemovals(services.workers, around);
    answerRegistrations(services.workers, saver, around);
  }
  const finder = new Finder(around);
  const fetched = new FetchedContacts();
  runExpiredRoute(services, location, fetched);
  return {
    api: {
      aorOf: (uri) => aorOfText(uri, around.aorRules),
      gruus: (contact, aor) => (params.gruu_enabled ? gruusOf(contact, aor) : null),
    },
    functions: {
      save: bound((table, flags, uri) => {
        const tableFor = boundTable(location, table);
        return (context) =>
          saver.save(context, tableFor(context), flags?.get(context) ?? 0, uri?.get(context));
      }),
      reg_send_reply: (context) => saver.sendReply(context),
      lookup: bound((table, uri) => {
        const tableFor = boundTable(location, table);
        return (context) => finder.lookup(context, tableFor(context), uri?.get(context));
      }),
      lookup_to_dset: bound((table, uri) => {
        const tableFor = boundTable(location, table);
        return (context) => finder.lookupToBranches(context, tableFor(context), uri?.get(context));
      }),
      lookup_branches: bound((table) => {
        const tableFor = boundTable(location, table);
        return (context) => finder.lookupBranches(context, tableFor(context));
      }),
      registered: bound((table, uri, option, action) => {
        const tableFor = boundTable(location, table);
        return (context) => {
          const query = {
            uri: uri?.get(context),
            option: option?.get(context) ?? 0,
            action: action?.get(context) ?? 0,
          };
          return registered(context, tableFor(context), query, around);
        };
      }),
      unregister: bound((table, uri, ruid) => {
        const tableFor = boundTable(location, table);
        return (context) => {
          const what = { uri: uri.get(context), ruid: ruid?.get(context) ?? "" };
          return unregister(context, tableFor(context), what, around);
        };
      }),
      add_sock_hdr: (context, name) => {
        if (name === "") return -1;
        context.edits.appendHeader(context.msg, `${name}: ${context.socket.text}\r\n`);
        return 1;
      },
      reg_fetch_contacts: bound((table, uri, profile) => {
        const tableFor = boundTable(location, table);
        return (context) => {
          const query = { uri: uri.get(context), profile: profile.get(context) };
          return fetched.fetch(context, tableFor(context), query, around);
        };
      }),
      reg_free_contacts: (context, profile) => fetched.free(context, profile),
    },
    variables: {
      ulc: (reference) => {
        if (reference.inner !== undefined) {
          const { attribute } = splitName(reference.inner);
          if (!isAttribute(attribute)) {
            env.fail(undefined, `$ulc has no attribute called "${attribute}"`);
          }
        }
        return fetched.variable(reference);
      },
    },
  };
});

/** Finds the table of a call site: once, when its name is constant. */
function boundTable(
  location: UsrlocApi,
  argument: BoundArgument<string>,
): (context: ScriptContext) => Table {
  if (argument.constant === undefined) return (context) => location.table(argument.get(context));
  const table = location.table(argument.constant);
  return () => table;
}
