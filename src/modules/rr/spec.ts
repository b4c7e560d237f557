/** The declaration of the module rr. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import type { RrApi } from "./api.ts";

export type { RrApi } from "./api.ts";

const ANY = ["any"] as const;
const REQUEST = ["request", "event", "local"] as const;
const ROUTES = ["request", "branch", "failure", "local", "event"] as const;

export const rr = declareModule<RrApi>()({
  name: "rr",
  doc: "Record-Route and Route (RFC 3261, 16.4, 16.6 and 16.12): stays on the path of a dialog and follows its route set.",
  params: {
    enable_full_lr: {
      type: "flag",
      default: false,
      doc: "Writes `;lr=on` instead of `;lr`, for peers that drop parameters without value.",
    },
    append_fromtag: {
      type: "flag",
      default: true,
      doc: "Adds the tag of From, by which the direction of later requests is told.",
    },
    enable_double_rr: {
      type: "int",
      default: 1,
      doc: "1: two Record-Route headers when a request leaves through another socket than it came in; 2: always two; 0: one.",
      min: 0,
      max: 2,
    },
    add_username: {
      type: "flag",
      default: false,
      doc: "Adds the user part of the Request-URI to the Record-Route URI.",
    },
    enable_socket_mismatch_warning: {
      type: "flag",
      default: true,
      doc: "Warns when a preset Record-Route names an address that is not ours.",
      ignored: "preset addresses are not compared with our sockets",
    },
    custom_user_avp: {
      type: "str",
      doc: "Avp that holds the user part to add instead, with add_username.",
      form: "avp",
    },
    force_send_socket: {
      type: "flag",
      default: false,
      doc: "Sends from the socket that a single local Route names; with two it is always done.",
    },
    ignore_sips: {
      type: "flag",
      default: false,
      doc: "Writes sip: also when the Request-URI is sips:.",
    },
    sockname_mode: {
      type: "flag",
      default: false,
      doc: "Adds the socket's name as parameter sn, and looks sockets up by it.",
    },
  },
  functions: {
    loose_route: {
      doc: "Follows the Route headers: takes off our own, sets the next hop to the next one. 1: done; -1: no Route, or not readable; -3: only our own in a request outside a dialog.",
      routes: REQUEST,
      args: [],
      examples: ['if (loose_route()) xlog("in dialog");'],
      departs: "Flow tokens of the module outbound are not known (codes 2 and -2).",
    },
    loose_route_preloaded: {
      doc: "As loose_route(), but true only for a request outside a dialog whose only Route is our own.",
      routes: REQUEST,
      args: [],
      examples: ["if (!loose_route_preloaded()) exit;"],
    },
    loose_route_mode: {
      doc: "As loose_route(); with 1 a Request-URI of our own is not taken for a strict router's.",
      routes: REQUEST,
      args: [required("vmode", "int", "0 or 1.")],
      examples: ['loose_route_mode("1");'],
    },
    record_route: {
      doc: "Adds a Record-Route header. -1 when there is one already.",
      routes: ROUTES,
      args: [optional("sparams", "fmt", "Further parameters of its URI: `;name=value`.")],
      examples: ["record_route();", 'record_route(";nat=yes");'],
    },
    remove_record_route: {
      doc: "Takes back what record_route() and its like added.",
      routes: ROUTES,
      args: [],
      examples: ["remove_record_route();"],
    },
    record_route_preset: {
      doc: "Adds one or two Record-Route headers with addresses given here.",
      routes: ROUTES,
      args: [
        required(
          "string",
          "fmt",
          "address:port;parameters, of the outgoing side if there are two.",
        ),
        optional("string2", "fmt", "The same for the incoming side."),
      ],
      examples: ['record_route_preset("1.2.3.4:5090");'],
    },
    record_route_advertised_address: {
      doc: "Adds a Record-Route header with this address.",
      routes: ROUTES,
      args: [required("address", "fmt", "The address, with its port.")],
      examples: ['record_route_advertised_address("1.2.3.4:5080");'],
    },
    add_rr_param: {
      doc: "Adds a parameter to the URI of the Record-Route header, which may be added before or after.",
      routes: ROUTES,
      args: [required("param", "fmt", "The parameter: `;name=value`.")],
      examples: ['add_rr_param(";nat=yes");'],
    },
    check_route_param: {
      doc: "Whether the parameters of our own Route that loose_route() took off match.",
      routes: REQUEST,
      args: [required("re", "regex", "The pattern.")],
      examples: ['if (check_route_param("nat=yes")) setflag(6);'],
    },
    is_direction: {
      doc: "Whether the request goes that way in its dialog; by the tag in our Route, downstream without one.",
      routes: REQUEST,
      args: [
        required("dir", "str", "downstream (as the request that began the dialog) or upstream.", {
          values: ["downstream", "upstream"],
        }),
      ],
      examples: ['if (is_direction("downstream")) xlog("from the caller");'],
    },
    rr_next_hop_route: {
      doc: "Whether there was a further Route behind our own, which the request now follows.",
      routes: ANY,
      args: [],
      examples: ['if (rr_next_hop_route()) xlog("further proxies");'],
    },
  },
  variables: {
    route_uri: {
      doc: "URI of the first Route header as received; empty without one.",
      type: "str",
    },
    fti: {
      doc: "Tag that the caller's side had in the request that began the dialog.",
      type: "str",
    },
    tti: { doc: "Tag that the called side has in the dialog.", type: "str" },
    rdir: {
      doc: "Direction within the dialog: id 1 downstream, 2 upstream; name in words.",
      type: "any",
      inner: "required",
      innerValues: ["id", "name"],
    },
  },
});
