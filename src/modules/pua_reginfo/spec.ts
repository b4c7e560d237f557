/** Declaration of pua_reginfo: registration state between servers. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { documentParams } from "../../runtime/reginfo/limits.ts";
import { pua } from "../pua/spec.ts";
import { registrar } from "../registrar/spec.ts";
import { rr } from "../rr/spec.ts";
import { usrloc } from "../usrloc/spec.ts";

const OWN = "Kamailio has no such parameter.";

export const puaReginfo = declareModule()({
  name: "pua_reginfo",
  doc: "Registration state between servers (RFC 3680): publishes the changes of this engine's location tables, subscribes to the state of users at other servers, and keeps what they report in a table of its own.",
  needs: { usrloc, pua },
  uses: { registrar, rr },
  params: {
    default_domain: {
      type: "str",
      doc: "Domain in published URIs of users that are stored without one. Must be set unless publish_reginfo is off.",
    },
    publish_reginfo: {
      type: "int",
      default: 1,
      doc: "1: changes of contacts are published; any other value: they are not.",
    },
    outbound_proxy: {
      type: "str",
      form: "uri",
      doc: "URI that PUBLISH and the first SUBSCRIBE of a dialog are sent to, instead of the domain's server.",
    },
    server_address: {
      type: "str",
      form: "uri",
      doc: "URI of this server, for From and Contact of SUBSCRIBE. When it is not set, it is made from the first socket.",
      departs: "Kamailio does not start without it.",
    },
    trust_any_notify: {
      type: "flag",
      default: false,
      doc: "Whether reginfo_handle_notify also applies NOTIFYs that belong to no subscription of this engine. Whoever can send it a packet can then place contacts: only for closed networks.",
      departs: OWN,
    },
    check_source: {
      type: "flag",
      default: true,
      doc: "Whether a NOTIFY must come from an address of its notifier: one that has answered a SUBSCRIBE of the dialog, or that its Contact or Record-Route names. Switch it off for notifiers that send from addresses that they do not name.",
      departs: OWN,
    },
    domain_resource: {
      type: "str",
      default: "all",
      doc: 'User part of URIs that stand for all users of their domain: reginfo_subscribe("sip:all@example.org") follows every user of example.org. So does a URI without a user part. The notifier has a setting of that name too.',
      departs: OWN,
    },
    accept_any_aor: {
      type: "flag",
      default: false,
      doc: "Whether a notifier may report users other than the one that was asked for, or those of the domain that was asked for.",
      departs: OWN,
    },
    route_via_source: {
      type: "flag",
      default: true,
      doc: "Whether requests to mirrored contacts behind NAT that have no Path of their own go through the server that they are registered at: only that one can reach them. Other engines name the way in their documents (see `extension`); their script has to call loose_route() for requests that come with a Route.",
      departs: OWN,
    },
    keep_subscriptions: {
      type: "flag",
      default: true,
      doc: "Whether subscriptions are refreshed until they are ended; else they end after the time given to reginfo_subscribe.",
      departs: OWN,
    },
    keep_contacts: {
      type: "flag",
      default: false,
      doc: "Whether contacts stay until they run out when their subscription has ended for good; else they are removed with it.",
      departs: OWN,
    },
    publish_grace: {
      type: "int",
      default: 32,
      min: 0,
      doc: "Seconds between the document that says that a user is gone and the removal of the publication.",
      departs: OWN,
    },
    admin_event: {
      type: "str",
      default: "unregistered",
      values: ["unregistered", "deactivated", "rejected"],
      doc: "Event that is published for contacts removed by the operator or the script. Kamailio's mirrors understand the first one only.",
      departs: OWN,
    },
    unknown_params: {
      type: "flag",
      default: true,
      doc: "Whether documents show contact parameters (instance, reg-id, feature tags) as unknown-param. Kamailio's mirrors append these to the contact's URI.",
      departs: OWN,
    },
    extension: {
      type: "flag",
      default: true,
      doc: "Whether documents carry Path, received address, socket, instance and the like in the namespace urn:olelo:params:xml:ns:reginfo-ext, so that other engines can reach the contact.",
      departs: OWN,
    },
    max_body: {
      type: "int",
      default: 65_536,
      min: 256,
      doc: "Largest document in bytes that is read, unpacked if it came in gzip. A datagram holds no more than the default.",
      departs: OWN,
    },
    max_contacts: {
      type: "int",
      default: 1000,
      min: 1,
      doc: "Number of contacts in one document that is read.",
      departs: OWN,
    },
    ...documentParams,
    max_user_contacts: {
      type: "int",
      default: 100,
      min: 1,
      doc: "Number of contacts of one address of record up to which further ones are taken over from documents. `$reginfo(problem)` is `too-many-contacts` when there were more.",
      departs: OWN,
    },
    max_held_contacts: {
      type: "int",
      default: 100_000,
      min: 1,
      doc: "Number of contacts that one subscription may bring.",
      departs: OWN,
    },
    max_strangers: {
      type: "int",
      default: 1000,
      min: 1,
      doc: "Number of peers whose contacts are kept at one time without a subscription, with trust_any_notify.",
      departs: OWN,
    },
  },
  functions: {
    reginfo_subscribe: {
      doc: "Follows the registration state of a user at the server that is responsible for it. -1 as expires: for ever; 0: ends the subscription. A second call for the same URI asks the notifier again in the same dialog. 1 done, -1 the URI or the time cannot be read.",
      routes: ["request", "reply", "event"],
      asksWorkers: true,
      args: [
        required("uri", "fmt", "Whom to follow."),
        optional("expires", "int", "Seconds to ask for (3600)."),
      ],
      examples: [`reginfo_subscribe("$ru");`, `reginfo_subscribe("sip:alice@example.org", "600");`],
      departs:
        "Subscriptions are refreshed, begun anew when they are lost, and ended at a clean stop.",
    },
    reginfo_handle_notify: {
      doc: "Applies the document of a NOTIFY to a location table; sends no reply. 1 the users in it can be reached, or it has no body; 2 none of them can be reached any more; -1 it cannot be used; -2 it belongs to no subscription, or does not come from its notifier. $reginfo(status) is the status that fits as an answer.",
      routes: ["request", "event"],
      asksWorkers: true,
      args: [required("table", "table", "Table that is changed.")],
      examples: [
        `if (reginfo_handle_notify("location")) xlog("applied\\n"); else xlog("$reginfo(status)\\n");`,
      ],
      departs:
        "A NOTIFY that belongs to no subscription changes nothing (see trust_any_notify). Contacts that ended are removed at once, full documents replace what the subscription has brought before, and registrations made here are overridden only when their client has renewed them at the other server (same Call-ID, higher CSeq).",
    },
    reginfo_disable_publish: {
      doc: "What the present message changes is not published.",
      routes: ["request", "reply", "failure", "event"],
      args: [],
      examples: [`reginfo_disable_publish();`],
      departs:
        "It concerns the present message only, and all of its contacts. Kamailio has it from 6.1 on.",
    },
  },
  variables: {
    reginfo: {
      doc: "About the NOTIFY that reginfo_handle_notify has just seen: status and reason of the reply that fits, name of the problem, URI of the subscription (resource).",
      type: "any",
      inner: "required",
      innerValues: ["status", "reason", "problem", "resource"],
      innerForm: "text",
      departs: "Kamailio has no such variable.",
    },
  },
  eventRoutes: [
    {
      name: "pua_reginfo:registered",
      doc: "A user has registered at a server that is followed, for the first time or once more; `$ru` is the address of record. Runs after the NOTIFY has been applied, for one user after the other. Kamailio has no such event.",
    },
  ],
  notes: [
    {
      title: "Answering a NOTIFY",
      text: 'Always answer: `if (reginfo_handle_notify("location")) sl_send_reply("200", "OK"); else sl_send_reply("$reginfo(status)", "$reginfo(reason)");`. Without an answer the notifier ends the subscription.',
    },
    {
      title: "Contacts of other servers",
      text: "They belong to the subscription that brought them, are never published again, and give way to a registration made here. A phone behind NAT is reached through the server that it is registered at; there, rr is loaded and the script has `if (loose_route_preloaded()) { t_relay(); exit; }` for requests of its peers.",
    },
  ],
});
