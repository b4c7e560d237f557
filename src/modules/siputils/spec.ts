/** The declaration of the module siputils. */
import { declareModule, optional, required } from "../../runtime/module.ts";
import { sl } from "../sl/spec.ts";

const ANY = ["any"] as const;
const REQUEST = ["request", "failure", "branch", "local", "event"] as const;

export const siputils = declareModule()({
  name: "siputils",
  doc: "Checks and changes of SIP messages and URIs.",
  needs: { sl },
  params: {
    options_accept: {
      type: "str",
      default: "*/*",
      doc: "Value of Accept in the answer to OPTIONS.",
    },
    options_accept_encoding: {
      type: "str",
      default: "",
      doc: "Value of Accept-Encoding in the answer to OPTIONS.",
    },
    options_accept_language: {
      type: "str",
      default: "en",
      doc: "Value of Accept-Language in the answer to OPTIONS.",
    },
    options_support: {
      type: "str",
      default: "",
      doc: "Value of Supported in the answer to OPTIONS.",
    },
    contact_flds_separator: {
      type: "str",
      default: "*",
      doc: "Character between the parts of an encoded contact; only the first counts.",
    },
    rpid_prefix: { type: "str", default: "", doc: "Text in front of the URI in Remote-Party-ID." },
    rpid_suffix: {
      type: "str",
      default: ";party=calling;id-type=subscriber;screen=yes",
      doc: "Text behind the URI in Remote-Party-ID.",
    },
    rpid_avp: {
      type: "str",
      default: "$avp(s:rpid)",
      doc: "Avp that holds the URI for Remote-Party-ID.",
      form: "avp",
    },
  },
  functions: {
    options_reply: {
      doc: "Answers an OPTIONS request without user in its Request-URI. -1 for any other.",
      routes: ["request", "event", "local"],
      args: [],
      examples: ["options_reply();"],
    },
    is_user: {
      doc: "Whether the accepted credentials are of that user.",
      routes: ["request", "event", "local"],
      args: [required("username", "fmt", "The user.")],
      implemented: false,
    },
    has_totag: {
      doc: "Whether To has a tag, so that the request is one within a dialog.",
      routes: ANY,
      args: [],
      examples: ['if (has_totag()) xlog("in dialog");'],
    },
    uri_param: {
      doc: "Whether the Request-URI has a parameter: without value, or with that one.",
      routes: REQUEST,
      forms: {
        bare: [required("param", "str", "Name of the parameter.")],
        valued: [
          required("param", "str", "Name of the parameter."),
          required("value", "fmt", "The value."),
        ],
      },
      examples: ['if (uri_param("lr")) xlog("yes");', 'if (uri_param("nat", "yes")) xlog("yes");'],
    },
    uri_param_any: {
      doc: "Whether the Request-URI has a parameter, with or without value.",
      routes: REQUEST,
      args: [required("param", "fmt", "Name of the parameter.")],
      examples: ['if (uri_param_any("nat")) xlog("yes");'],
    },
    uri_param_rm: {
      doc: "Removes a parameter from the Request-URI. True also when there was none.",
      routes: REQUEST,
      args: [required("param", "fmt", "Name of the parameter.")],
      examples: ['uri_param_rm("nat");'],
    },
    add_uri_param: {
      doc: "Adds a parameter to the Request-URI.",
      routes: ["request", "event", "local"],
      args: [required("param", "str", "`name=value`.")],
      examples: ['add_uri_param("nat=yes");'],
    },
    get_uri_param: {
      doc: "Puts the value of a parameter of the Request-URI into a variable. -1 when there is none.",
      routes: ["request", "event", "local"],
      args: [
        required("name", "str", "Name of the parameter."),
        required("var", "var", "The variable."),
      ],
      examples: ['get_uri_param("nat", "$var(nat)");'],
    },
    tel2sip: {
      doc: "Makes a SIP URI of a telephone URI (RFC 3261, 19.1.6). 1: done, 2: it was none, -1: it could not be read.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required("uri", "fmt", "The URI."),
        required("hostpart", "fmt", "Host of the SIP URI."),
        required("result", "var", "Where to put it."),
      ],
      examples: ['tel2sip("$ru", "$fd", "$ru");'],
    },
    is_e164: {
      doc: "Whether a variable holds a number of E.164: + and 2 to 15 digits.",
      routes: ["request", "failure", "event", "local"],
      args: [required("pvar", "var", "The variable.")],
      examples: ['if (is_e164("$fU")) xlog("number");'],
    },
    is_uri_user_e164: {
      doc: "Whether the user part of a URI in a variable is a number of E.164.",
      routes: ANY,
      args: [required("pvar", "var", "The variable.")],
      examples: ['if (is_uri_user_e164("$fu")) xlog("number");'],
    },
    is_uri: {
      doc: "Whether a text is a URI.",
      routes: ANY,
      args: [required("uri", "fmt", "The text.")],
      examples: ['if (is_uri("$var(x)")) xlog("uri");'],
    },
    is_tel_number: {
      doc: "Whether a text is digits, with or without a + in front. -2 when it is not.",
      routes: ANY,
      args: [required("tval", "fmt", "The text.")],
      examples: ['if (is_tel_number("$rU")) xlog("yes");'],
    },
    is_numeric: {
      doc: "Whether a text is digits only. -2 when it is not.",
      routes: ANY,
      args: [required("tval", "fmt", "The text.")],
      examples: ['if (is_numeric("$rU")) xlog("yes");'],
    },
    is_alphanum: {
      doc: "Whether a text is digits and ASCII letters only. -2 when empty, -3 when not.",
      routes: ANY,
      args: [required("tval", "fmt", "The text.")],
      examples: ['if (is_alphanum("$rU")) xlog("yes");'],
    },
    is_alphanumex: {
      doc: "The same with further characters.",
      routes: ANY,
      args: [
        required("tval", "fmt", "The text."),
        required("eset", "fmt", "The further characters."),
      ],
      examples: ['if (is_alphanumex("$rU", "+.-_")) xlog("yes");'],
    },
    encode_contact: {
      doc: "Puts host, port and transport of the contacts into their user part. -1 without contacts.",
      routes: ["request", "reply", "event", "local"],
      args: [
        required("encoding_prefix", "str", "What an encoded user begins with."),
        required("hostpart", "str", "Host that takes the place of the contact's."),
      ],
      examples: ['encode_contact("natted_client", "1.2.3.4");'],
    },
    decode_contact: {
      doc: "Makes the Request-URI of what encode_contact() has made.",
      routes: ["request", "event", "local"],
      args: [],
      examples: ["decode_contact();"],
    },
    decode_contact_header: {
      doc: "The same for the contacts of the message.",
      routes: ["request", "reply", "failure", "event", "local"],
      args: [],
      examples: ["decode_contact_header();"],
    },
    cmp_uri: {
      doc: "Whether two URIs are the same (RFC 3261, 19.1.4). -2 when one cannot be read.",
      routes: ANY,
      args: [required("str1", "fmt", "One URI."), required("str2", "fmt", "The other.")],
      examples: ['if (cmp_uri("$ru", "sip:a@example.com")) xlog("same");'],
    },
    cmp_aor: {
      doc: "Whether two URIs are the same address of record. -2 when one cannot be read.",
      routes: ANY,
      args: [required("str1", "fmt", "One URI."), required("str2", "fmt", "The other.")],
      examples: ['if (cmp_aor("$ru", "sip:a@example.com")) xlog("same");'],
    },
    cmp_hdr_name: {
      doc: "Whether two header names mean the same, compact forms known.",
      routes: ANY,
      args: [required("str1", "fmt", "One name."), required("str2", "fmt", "The other.")],
      examples: ['if (cmp_hdr_name("f", "From")) xlog("same");'],
    },
    append_rpid_hf: {
      doc: "Adds Remote-Party-ID with the URI in rpid_avp. -1 when there is none.",
      routes: ["request", "failure", "branch", "event", "local"],
      forms: {
        usual: [],
        given: [
          required("prefix", "str", "Text in front."),
          required("suffix", "str", "Text behind."),
        ],
      },
      examples: ["append_rpid_hf();"],
    },
    is_rpid_user_e164: {
      doc: "Whether the user part of the URI in rpid_avp is a number of E.164.",
      routes: ["request", "event", "local"],
      args: [],
      examples: ['if (is_rpid_user_e164()) xlog("number");'],
    },
    set_uri_user: {
      doc: "Sets the user part of the URI in a variable.",
      routes: ANY,
      args: [required("uri", "var", "The variable."), required("user", "fmt", "The user.")],
      examples: ['set_uri_user("$var(uri)", "$var(user)");'],
    },
    set_uri_host: {
      doc: "Sets the host of the URI in a variable.",
      routes: ANY,
      args: [required("uri", "var", "The variable."), required("host", "fmt", "The host.")],
      examples: ['set_uri_host("$var(uri)", "$var(host)");'],
    },
    is_request: {
      doc: "Whether the message is a request.",
      routes: ANY,
      args: [],
      examples: ['if (is_request()) xlog("request");'],
    },
    is_reply: {
      doc: "Whether the message is a reply.",
      routes: ANY,
      args: [],
      examples: ['if (is_reply()) xlog("reply");'],
    },
    is_gruu: {
      doc: "Whether a URI has the parameter gr (RFC 5627). 1: public, with a value; 2: temporary, without.",
      routes: ANY,
      args: [optional("uri", "fmt", "The URI; the Request-URI without.")],
      examples: ['if (is_gruu()) xlog("gruu");'],
    },
    is_supported: {
      doc: "Whether Supported names that option.",
      routes: ANY,
      args: [required("option", "str", "path, 100rel, timer, eventlist, gruu or outbound.")],
      examples: ['if (is_supported("outbound")) xlog("yes");'],
    },
    is_first_hop: {
      doc: "Whether this is the first server of the message, as far as can be told: a request with one Via; a reply whose first Record-Route is ours.",
      routes: ANY,
      args: [optional("mode", "int", "1: a reply may come from one of our addresses.")],
      examples: ['if (is_first_hop()) xlog("first");'],
    },
    sip_p_charging_vector: {
      doc: "P-Charging-Vector (RFC 7315, 5.6): r removes it, g adds one if there is none, f removes it and adds a new one.",
      routes: ANY,
      args: [required("flags", "str", "r, g or f.", { values: ["r", "g", "f"] })],
      examples: ['sip_p_charging_vector("g");'],
    },
    contact_param_encode: {
      doc: "Puts each contact's URI into a parameter of a URI of ours, which takes its place.",
      routes: ["request", "reply", "event", "local"],
      args: [
        required("pname", "fmt", "Name of the parameter."),
        required("saddr", "fmt", "URI of ours."),
      ],
      examples: ['contact_param_encode("ksu", "sip:1.2.3.4:5060;transport=tcp");'],
    },
    contact_param_decode: {
      doc: "Undoes it in the contacts.",
      routes: ["request", "reply", "event", "local"],
      args: [required("pname", "fmt", "Name of the parameter.")],
      examples: ['contact_param_decode("ksu");'],
    },
    contact_param_decode_uri: {
      doc: "Undoes it in the Request-URI.",
      routes: REQUEST,
      args: [required("pname", "fmt", "Name of the parameter.")],
      examples: ['contact_param_decode_uri("ksu");'],
    },
    contact_param_decode_ruri: {
      doc: "Undoes it in the Request-URI.",
      routes: ["request", "event", "local"],
      args: [required("pname", "fmt", "Name of the parameter.")],
      examples: ['contact_param_decode_ruri("ksu");'],
    },
    contact_param_rm: {
      doc: "Removes a parameter from the URIs of the contacts.",
      routes: ["request", "reply", "event", "local"],
      args: [required("pname", "fmt", "Name of the parameter.")],
      examples: ['contact_param_rm("myparam");'],
    },
    hdr_date_check: {
      doc: "Whether the Date header is not older than some seconds. -4 when it is older, -1 without one.",
      routes: ANY,
      args: [required("tdiff", "int", "Seconds.")],
      examples: ['if (!hdr_date_check("10")) exit;'],
    },
  },
  variables: {
    pcv: {
      doc: "Part of P-Charging-Vector: all, value (icid-value), genaddr (icid-generated-at), orig (orig-ioi), term (term-ioi).",
      type: "str",
      inner: "required",
      innerValues: ["all", "value", "genaddr", "orig", "term"],
    },
  },
});
