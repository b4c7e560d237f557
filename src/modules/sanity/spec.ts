/** The declaration of the module sanity. */
import { declareModule, optional } from "../../runtime/module.ts";
import { sl } from "../sl/spec.ts";

export const sanity = declareModule()({
  name: "sanity",
  doc: "Checks of requests, with an answer that says what is wrong.",
  needs: { sl },
  params: {
    default_checks: {
      type: "int",
      default: 3047,
      doc: "Sum of the checks that are made: 1 version, 2 scheme of the Request-URI, 4 required headers, 32 method in CSeq, 64 number in CSeq, 128 Content-Length, 256 Expires, 512 Proxy-Require, 1024 URIs, 2048 digest credentials, 4096 repeated tags, 8192 Authorization, 16384 topmost Via.",
      min: 0,
    },
    uri_checks: {
      type: "int",
      default: 7,
      doc: "Sum of the URIs that check 1024 looks at: 1 Request-URI, 2 From, 4 To, 8 Contact.",
      min: 0,
    },
    proxy_require: {
      type: "str",
      default: "",
      doc: "Option tags of Proxy-Require that are supported, separated by commas.",
    },
    autodrop: { type: "flag", default: true, doc: "Ends the script when a check fails." },
    noreply: { type: "flag", default: false, doc: "Sends no answer; sanity_reply() sends it." },
  },
  functions: {
    sanity_check: {
      doc: "Checks the request. When a check fails the answer is sent; then the script ends (0), or -1 without autodrop.",
      routes: ["request", "reply", "event", "local"],
      args: [
        optional("msg_checks", "int", "The checks, instead of default_checks."),
        optional("uri_checks", "int", "The URIs, instead of uri_checks."),
      ],
      examples: ['if (!sanity_check("1511", "7")) exit;'],
    },
    sanity_reply: {
      doc: "Sends the answer that the last failed check called for; with noreply only.",
      routes: ["request", "reply", "event", "local"],
      args: [],
      examples: ["sanity_reply();"],
    },
  },
});
