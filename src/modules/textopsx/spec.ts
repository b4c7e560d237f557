/** The declaration of the module textopsx. */
import { declareModule, optional, required } from "../../runtime/module.ts";

const ANY = ["any"] as const;
const REPLY = ["reply"] as const;

export const textopsx = declareModule()({
  name: "textopsx",
  doc: "More changes to the message: applied at once, single values and parameters of headers, iterators over headers and lines of the body.",
  functions: {
    msg_apply_changes: {
      doc: "Applies the changes made so far, so that what follows sees them. -1 when there is a Record-Route of ours, whose text is known only when the request is sent, or in a transaction's routes.",
      routes: ["request", "reply", "event", "local"],
      args: [],
      examples: ["msg_apply_changes();"],
    },
    msg_set_buffer: {
      doc: "Sets the whole message. -1 when the text is no message of the same kind.",
      routes: ["request", "reply", "event", "local"],
      args: [required("data", "fmt", "The message.")],
      examples: ['msg_set_buffer("$var(message)");'],
    },
    change_reply_status: {
      doc: "Changes status and reason of a reply. -1 when that would make a final reply of a provisional one, a failure of a success, or the reverse.",
      routes: REPLY,
      args: [
        required("code", "status", "The status."),
        required("reason", "fmt", "The reason phrase."),
      ],
      examples: ['change_reply_status(404, "Not Found");'],
    },
    change_reply_status_code: {
      doc: "Changes the status of a reply, under the same conditions.",
      routes: REPLY,
      args: [required("vcode", "status", "The status.")],
      examples: ['change_reply_status_code("404");'],
    },
    remove_body: { doc: "Removes the body.", routes: ANY, args: [], examples: ["remove_body();"] },
    keep_hf: {
      doc: "Removes the headers whose name does not match. Via, From, To, Call-ID, CSeq, Content-Length, Content-Type, Max-Forwards, Contact, Route and Record-Route always stay.",
      routes: ANY,
      args: [optional("regexp", "regex", "Names that stay.", { regex: { newline: true } })],
      examples: ['keep_hf("User-Agent");'],
      departs:
        "True also when headers were removed (Kamailio 5.6.3 is false then), and the pattern may be left out.",
    },
    fnmatch: {
      doc: "Whether a text matches a pattern of file names: * any text, ? any character, [...] one of those, \\\\ the next character itself.",
      routes: ANY,
      args: [
        required("value", "fmt", "The text."),
        required("expr", "fmt", "The pattern."),
        optional("flags", "fmt", "`i`: without regard to case."),
      ],
      examples: ['if (fnmatch("$rU", "123*")) xlog("yes");'],
    },
    append_hf_value: {
      doc: "Adds a value behind the one at the index; without index, or when there is none there, as a header of its own behind all headers.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf",
          "str",
          "Name[index]; the index counts the values of all headers of that name from 1, negative from the last.",
        ),
        required("hvalue", "fmt", "The value."),
      ],
      examples: ['append_hf_value("foo[1]", "gogo");'],
    },
    insert_hf_value: {
      doc: "Adds a value in front of the one at the index; without index as a header of its own in front of the first of that name.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf",
          "str",
          "Name[index]; the index counts the values of all headers of that name from 1, negative from the last.",
        ),
        required("hvalue", "fmt", "The value."),
      ],
      examples: ['insert_hf_value("foo[2]", "gogo");'],
    },
    remove_hf_value: {
      doc: "Removes a value, or a parameter of it. Without index the first.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf_par",
          "str",
          "Name[index].parameter; index and parameter may be left out, index * is all.",
        ),
      ],
      examples: ['remove_hf_value("foo[-1]");', 'remove_hf_value("foo[*].bar");'],
    },
    remove_hf_value2: {
      doc: "The same for headers in which a comma separates parameters, such as Authorization.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf_par",
          "str",
          "Name[index].parameter; index and parameter may be left out, index * is all.",
        ),
      ],
      examples: ['remove_hf_value2("foo.bar");'],
    },
    assign_hf_value: {
      doc: "Sets a value, or a parameter of it; an empty one leaves a parameter without value.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf_par",
          "str",
          "Name[index].parameter; index and parameter may be left out, index * is all.",
        ),
        required("hvalue", "fmt", "The value."),
      ],
      examples: ['assign_hf_value("foo[3].bar", "");'],
    },
    assign_hf_value2: {
      doc: "The same for headers in which a comma separates parameters.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [
        required(
          "hf_par",
          "str",
          "Name[index].parameter; index and parameter may be left out, index * is all.",
        ),
        required("hvalue", "fmt", "The value."),
      ],
      examples: ['assign_hf_value2("Authorization.integrity-protected", "yes");'],
    },
    include_hf_value: {
      doc: "Adds a value to the list if it is not in it.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [required("hf", "str", "Name of the header."), required("hvalue", "fmt", "The value.")],
      examples: ['include_hf_value("Supported", "path");'],
    },
    exclude_hf_value: {
      doc: "Removes a value from the list.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [required("hf", "str", "Name of the header."), required("hvalue", "fmt", "The value.")],
      examples: ['exclude_hf_value("Supported", "100rel");'],
    },
    hf_value_exists: {
      doc: "Whether a value is in the list.",
      routes: ["request", "reply", "failure", "branch", "event", "local"],
      args: [required("hf", "str", "Name of the header."), required("hvalue", "fmt", "The value.")],
      examples: ['if (hf_value_exists("Supported", "100rel")) xlog("yes");'],
    },
    hf_iterator_start: {
      doc: "Starts an iterator over the headers; there may be four at a time.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['hf_iterator_start("i1");'],
    },
    hf_iterator_end: {
      doc: "Ends the iterator.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['hf_iterator_end("i1");'],
    },
    hf_iterator_next: {
      doc: "Goes on to the next, at first to the first. -1 at the end.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['while (hf_iterator_next("i1")) xlog("one");'],
    },
    hf_iterator_prev: {
      doc: "Goes back. -1 at the start, or when the end was passed.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['hf_iterator_prev("i1");'],
    },
    hf_iterator_rm: {
      doc: "Removes the present one.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['hf_iterator_rm("i1");'],
    },
    hf_iterator_append: {
      doc: "Adds text behind the present one.",
      routes: ANY,
      args: [
        required("iname", "fmt", "Name of the iterator."),
        required("htext", "fmt", "The text with its line end."),
      ],
      examples: ['hf_iterator_append("i1", "X: y\\r\\n");'],
    },
    hf_iterator_insert: {
      doc: "Adds text in front of the present one.",
      routes: ANY,
      args: [
        required("iname", "fmt", "Name of the iterator."),
        required("htext", "fmt", "The text with its line end."),
      ],
      examples: ['hf_iterator_insert("i1", "X: y\\r\\n");'],
    },
    bl_iterator_start: {
      doc: "Starts an iterator over the lines of the body; there may be four at a time.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['bl_iterator_start("i1");'],
    },
    bl_iterator_end: {
      doc: "Ends the iterator.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['bl_iterator_end("i1");'],
    },
    bl_iterator_next: {
      doc: "Goes on to the next, at first to the first. -1 at the end.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['while (bl_iterator_next("i1")) xlog("one");'],
    },
    bl_iterator_rm: {
      doc: "Removes the present one.",
      routes: ANY,
      args: [required("iname", "fmt", "Name of the iterator.")],
      examples: ['bl_iterator_rm("i1");'],
    },
    bl_iterator_append: {
      doc: "Adds text behind the present one.",
      routes: ANY,
      args: [
        required("iname", "fmt", "Name of the iterator."),
        required("text", "fmt", "The text with its line end."),
      ],
      examples: ['bl_iterator_append("i1", "X: y\\r\\n");'],
    },
    bl_iterator_insert: {
      doc: "Adds text in front of the present one.",
      routes: ANY,
      args: [
        required("iname", "fmt", "Name of the iterator."),
        required("text", "fmt", "The text with its line end."),
      ],
      examples: ['bl_iterator_insert("i1", "X: y\\r\\n");'],
    },
  },
  variables: {
    hfitname: {
      doc: "Name of the header that an iterator is at.",
      type: "str",
      inner: "required",
      innerForm: "format",
    },
    hfitbody: {
      doc: "Value of the header that an iterator is at.",
      type: "str",
      inner: "required",
      innerForm: "format",
    },
    blitval: {
      doc: "Line of the body that an iterator is at, with its line end.",
      type: "str",
      inner: "required",
      innerForm: "format",
    },
  },
});
