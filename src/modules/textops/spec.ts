/** The declaration of the module textops. */
import { declareModule, optional, required } from "../../runtime/module.ts";

const ANY = ["any"] as const;
const CORE = ["request", "reply", "failure", "branch", "onsend", "local", "event"] as const;
const REQUESTS = ["request", "failure", "branch", "local", "event"] as const;
const ERRORS = ["request", "failure", "branch", "error", "local", "event"] as const;

export const textops = declareModule()({
  name: "textops",
  doc: "Functions that look at and change the message as text: search and replace, header lines, bodies and their parts, comparison of texts.",
  functions: {
    search: {
      doc: "Whether the pattern is found in headers or body of the message as received.",
      routes: CORE,
      args: [required("re", "regex", "The pattern.", { regex: { newline: true } })],
      examples: ['if (search("[Ss][Ii][Pp]")) xlog("found");'],
    },
    search_body: {
      doc: "Whether the pattern is found in the body.",
      routes: CORE,
      args: [required("re", "regex", "The pattern.", { regex: { newline: true } })],
      examples: ['if (search_body("a=sendrecv")) xlog("found");'],
    },
    search_str: {
      doc: "Whether the pattern is found in a text.",
      routes: ANY,
      args: [
        required("text", "fmt", "The text to search."),
        required("re", "regex-fmt", "The pattern.", { regex: { newline: true } }),
      ],
      examples: ['if (search_str("$ru", ";transport=tcp")) xlog("tcp");'],
    },
    search_hf: {
      doc: "Whether the pattern is found in the value of a header.",
      routes: CORE,
      args: [
        required("hf", "header", "Name of the header."),
        required("re", "regex", "The pattern.", { regex: { newline: true } }),
        required("flags", "str", "`a` all headers of that name, `f` the first, `l` the last.", {
          values: ["a", "f", "l"],
        }),
      ],
      examples: ['if (search_hf("From", ":test@", "a")) xlog("found");'],
    },
    search_append: {
      doc: "Puts a text behind the first match in headers or body.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", { regex: { newline: true, longest: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['search_append("[Oo]lelo", " proxy");'],
    },
    search_append_body: {
      doc: "Puts a text behind the first match in the body.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", { regex: { newline: true, longest: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['search_append_body("s=-", "-");'],
    },
    replace: {
      doc: "Replaces the first match in headers or body.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", { regex: { newline: true, longest: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace("server", "proxy");'],
    },
    replace_body: {
      doc: "Replaces the first match in the body.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", { regex: { newline: true, longest: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace_body("server", "proxy");'],
    },
    replace_hdrs: {
      doc: "Replaces the first match in the headers.",
      routes: ANY,
      args: [
        required("re", "regex", "The pattern.", { regex: { newline: true, longest: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace_hdrs("server", "proxy");'],
    },
    replace_all: {
      doc: "Replaces every match in headers and body.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", {
          regex: { newline: true, longest: true, global: true },
        }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace_all("server", "proxy");'],
    },
    replace_body_all: {
      doc: "Replaces every match in the body, line by line.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", {
          regex: { newline: true, longest: true, global: true },
        }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace_body_all("server", "proxy");'],
    },
    replace_body_atonce: {
      doc: "Replaces every match in the body, which is looked at as one line.",
      routes: CORE,
      args: [
        required("re", "regex", "The pattern.", { regex: { longest: true, global: true } }),
        required("txt", "fmt", "The text."),
      ],
      examples: ['replace_body_atonce("^.+$", "");'],
    },
    replace_str: {
      doc: "Replaces a text in headers and body. True also when there is none.",
      routes: ANY,
      args: [
        required("match", "fmt", "The text to replace."),
        required("repl", "fmt", "What takes its place."),
        required("mode", "str", "`f` the first occurrence, `a` all of them.", {
          values: ["f", "a"],
        }),
      ],
      examples: ['replace_str("abc", "def", "a");'],
    },
    replace_body_str: {
      doc: "Replaces a text in the body. True also when there is none.",
      routes: ANY,
      args: [
        required("match", "fmt", "The text to replace."),
        required("repl", "fmt", "What takes its place."),
        required("mode", "str", "`f` the first occurrence, `a` all of them.", {
          values: ["f", "a"],
        }),
      ],
      examples: ['replace_body_str("abc", "def", "a");'],
    },
    replace_hdrs_str: {
      doc: "Replaces a text in the headers. True also when there is none.",
      routes: ANY,
      args: [
        required("match", "fmt", "The text to replace."),
        required("repl", "fmt", "What takes its place."),
        required("mode", "str", "`f` the first occurrence, `a` all of them.", {
          values: ["f", "a"],
        }),
      ],
      examples: ['replace_hdrs_str("abc", "def", "a");'],
    },
    subst: {
      doc: "Runs a substitution over headers and body.",
      routes: CORE,
      args: [
        required(
          "subexp",
          "subst",
          "`/pattern/replacement/flags`; flags: i any case, g all matches, s line feeds are ordinary characters.",
        ),
      ],
      examples: ["subst('/^To:(.*)sip:[^@]*@(.*)$/To:\\1sip:x@\\2/ig');"],
    },
    subst_uri: {
      doc: "Runs a substitution over the Request-URI.",
      routes: CORE,
      args: [
        required(
          "subexp",
          "subst",
          "`/pattern/replacement/flags`; flags: i any case, g all matches, s line feeds are ordinary characters.",
        ),
      ],
      examples: ["subst_uri('/^sip:([0-9]+)@(.*)$/sip:3463\\1@\\2/i');"],
    },
    subst_user: {
      doc: "Runs a substitution over the user part of the Request-URI.",
      routes: CORE,
      args: [
        required(
          "subexp",
          "subst",
          "`/pattern/replacement/flags`; flags: i any case, g all matches, s line feeds are ordinary characters.",
        ),
      ],
      examples: ["subst_user('/3642$/36423463/');"],
    },
    subst_body: {
      doc: "Runs a substitution over the body.",
      routes: CORE,
      args: [
        required(
          "subexp",
          "subst",
          "`/pattern/replacement/flags`; flags: i any case, g all matches, s line feeds are ordinary characters.",
        ),
      ],
      examples: ["subst_body('/^o=(.*) /o=$fU /');"],
    },
    subst_hf: {
      doc: "Runs a substitution over values of headers.",
      routes: CORE,
      args: [
        required("hf", "header", "Name of the header."),
        required("subexp", "fmt", "The substitution."),
        required("flags", "str", "`a` all headers of that name, `f` the first, `l` the last.", {
          values: ["a", "f", "l"],
        }),
      ],
      examples: ['subst_hf("From", "/:test@/:best@/", "a");'],
    },
    set_body: {
      doc: "Sets body and Content-Type of the message. -1 when either is empty.",
      routes: CORE,
      args: [
        required("txt", "fmt", "The text."),
        required("content_type", "fmt", "Value of Content-Type."),
      ],
      examples: ['set_body("test", "text/plain");'],
    },
    set_reply_body: {
      doc: "Sets body and Content-Type of the replies that are made here. -1 when either is empty.",
      routes: REQUESTS,
      args: [
        required("txt", "fmt", "The text."),
        required("content_type", "fmt", "Value of Content-Type."),
      ],
      examples: ['set_reply_body("test", "text/plain");'],
    },
    filter_body: {
      doc: "Makes the content of the first part of a type the whole body. -1 when there is none.",
      routes: CORE,
      args: [required("content_type", "str", "Type of the part.")],
      examples: ['filter_body("application/sdp");'],
      departs: "Header lines of the part other than Content-Type do not become part of the body.",
    },
    append_to_reply: {
      doc: "Adds a header line to the replies that are made here.",
      routes: ERRORS,
      args: [required("txt", "fmt", "The line, with its CRLF.")],
      examples: ['append_to_reply("Foo: bar\\r\\n");'],
    },
    append_hf: {
      doc: "Adds a header line behind all headers, or behind the last one of a name.",
      routes: CORE,
      args: [
        required("txt", "fmt", "The line, with its CRLF."),
        optional("hdr", "header", "Name of a header."),
      ],
      examples: [
        'append_hf("P-hint: VOICEMAIL\\r\\n");',
        'append_hf("From-username: $fU\\r\\n", "Call-ID");',
      ],
    },
    insert_hf: {
      doc: "Adds a header line in front of all headers, or in front of the first one of a name.",
      routes: CORE,
      args: [
        required("txt", "fmt", "The line, with its CRLF."),
        optional("hdr", "header", "Name of a header."),
      ],
      examples: [
        'insert_hf("P-hint: VOICEMAIL\\r\\n");',
        'insert_hf("To-username: $tU\\r\\n", "Call-ID");',
      ],
    },
    append_urihf: {
      doc: "Adds a header line with the Request-URI as received in its middle.",
      routes: REQUESTS,
      args: [
        required("prefix", "str", "Text in front of the URI."),
        required("suffix", "str", "Text behind the URI, with a CRLF."),
      ],
      examples: ['append_urihf("CC-Diversion: ", "\\r\\n");'],
    },
    is_present_hf: {
      doc: "Whether the message has a header of that name, in full or compact form.",
      routes: CORE,
      args: [required("hf_name", "header", "Name of the header.")],
      examples: ['if (is_present_hf("From")) xlog("there");'],
    },
    is_present_hf_pv: {
      doc: "As is_present_hf(), with variables.",
      routes: CORE,
      args: [required("hf_name", "fmt", "Name of the header.")],
      examples: ['if (is_present_hf_pv("$var(name)")) xlog("there");'],
    },
    is_present_hf_re: {
      doc: "Whether the message has a header whose name matches.",
      routes: CORE,
      args: [required("hf_name_re", "regex", "The pattern.", { regex: { newline: true } })],
      examples: ['if (is_present_hf_re("^P-")) xlog("there");'],
    },
    is_present_hf_re_pv: {
      doc: "As is_present_hf_re(), with variables.",
      routes: CORE,
      args: [required("hf_name_re", "regex-fmt", "The pattern.", { regex: { newline: true } })],
      examples: ['if (is_present_hf_re_pv("^$var(prefix)")) xlog("there");'],
    },
    append_time: {
      doc: "Adds a Date header to the replies that are made here.",
      routes: REQUESTS,
      args: [],
      examples: ["append_time();"],
    },
    append_time_to_request: {
      doc: "Adds a Date header to the message.",
      routes: CORE,
      args: [],
      examples: ["append_time_to_request();"],
    },
    is_method: {
      doc: "Whether the method is one of those in the list; of a reply that in its CSeq.",
      routes: ANY,
      args: [required("name", "methods", "Methods, separated by `|`.")],
      examples: ['if (is_method("INVITE|UPDATE")) xlog("call");'],
    },
    remove_hf: {
      doc: "Removes all headers of a name, in full or compact form.",
      routes: CORE,
      args: [required("hname", "header", "Name of the header.")],
      examples: ['remove_hf("User-Agent");'],
    },
    remove_hf_pv: {
      doc: "As remove_hf(), with variables.",
      routes: CORE,
      args: [required("hname", "fmt", "Name of the header.")],
      examples: ['remove_hf_pv("$var(hname)");'],
    },
    remove_hf_re: {
      doc: "Removes all headers whose name matches.",
      routes: ANY,
      args: [required("re", "regex", "The pattern.", { regex: { newline: true } })],
      examples: ['remove_hf_re("^P-");'],
    },
    remove_hf_re_pv: {
      doc: "As remove_hf_re(), with variables.",
      routes: ANY,
      args: [required("re", "regex-fmt", "The pattern.", { regex: { newline: true } })],
      examples: ['remove_hf_re_pv("^$var(prefix)");'],
    },
    remove_hf_exp: {
      doc: "Removes all headers whose name matches the first pattern and not the second.",
      routes: ANY,
      args: [
        required("expmatch", "regex", "Names to remove.", { regex: { newline: true } }),
        required("expskip", "regex", "Names to keep.", { regex: { newline: true } }),
      ],
      examples: ['remove_hf_exp("^P-", "^P-Keep-");'],
    },
    remove_hf_exp_pv: {
      doc: "As remove_hf_exp(), with variables.",
      routes: ANY,
      args: [
        required("expmatch", "regex-fmt", "Names to remove.", { regex: { newline: true } }),
        required("expskip", "regex-fmt", "Names to keep.", { regex: { newline: true } }),
      ],
      examples: ['remove_hf_exp_pv("^$var(match)", "^$var(keep)");'],
    },
    remove_hf_idx: {
      doc: "Removes the header of a name at an index, negative from the last. 2 when there is none there.",
      routes: ANY,
      args: [
        required("hname", "fmt", "Name of the header."),
        required("idx", "int", "The index, 0 is the first."),
      ],
      examples: ['remove_hf_idx("X-My-Header", "-1");'],
    },
    remove_hf_match: {
      doc: "Removes the headers of a name whose value matches.",
      routes: ANY,
      args: [
        required("hname", "fmt", "Name of the header."),
        required(
          "op",
          "fmt",
          "`eq` equal, `ne` not equal, `in` contains, `re` matches the pattern.",
        ),
        required("expr", "fmt", "Text or pattern."),
      ],
      examples: ['remove_hf_match("X-Info", "re", "^data");'],
    },
    has_body: {
      doc: "Whether the message has a body, of that type if one is given.",
      routes: CORE,
      args: [optional("mime", "str", "The type: `application/sdp`.")],
      examples: ['if (has_body("application/sdp")) xlog("sdp");'],
    },
    is_audio_on_hold: {
      doc: "Whether an audio stream of the session description is on hold. 1: address of zero (RFC 2543), 2: sendonly or inactive (RFC 3264).",
      routes: CORE,
      args: [],
      examples: ['if (is_audio_on_hold()) xlog("hold");'],
    },
    is_privacy: {
      doc: "Whether Privacy (RFC 3323) asks for that.",
      routes: CORE,
      args: [
        required(
          "privacy_type",
          "str",
          "The value: header, session, user, none, critical, id or history.",
        ),
      ],
      examples: ['if (is_privacy("id")) xlog("anonymous");'],
    },
    in_list: {
      doc: "Whether a text is one of the items of a list; blanks around items do not count.",
      routes: ANY,
      args: [
        required("subject", "fmt", "The text."),
        required("list", "fmt", "The list."),
        required("separator", "str", "The character between items."),
      ],
      examples: ['if (in_list("fi", "dk,fi,no", ",")) xlog("yes");'],
    },
    in_list_prefix: {
      doc: "Whether one of the items of a list is a prefix of a text.",
      routes: ANY,
      args: [
        required("subject", "fmt", "The text."),
        required("list", "fmt", "The list."),
        required("separator", "str", "The character between items."),
      ],
      examples: ['if (in_list_prefix("final", "dk,fi,no", ",")) xlog("yes");'],
    },
    cmp_str: {
      doc: "Whether two texts are equal.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (cmp_str("$rU", "+358")) xlog("yes");'],
    },
    cmp_istr: {
      doc: "Whether two texts are equal but for case.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (cmp_istr("$rU", "+358")) xlog("yes");'],
    },
    starts_with: {
      doc: "Whether the first text starts with the second.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (starts_with("$rU", "+358")) xlog("yes");'],
    },
    ends_with: {
      doc: "Whether the first text ends with the second.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (ends_with("$rU", "+358")) xlog("yes");'],
    },
    str_find: {
      doc: "Where the second text is in the first, counted from 1; -1 when it is not there.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (str_find("$rU", "+358")) xlog("yes");'],
    },
    str_ifind: {
      doc: "As str_find(), without regard to case.",
      routes: ANY,
      args: [required("str1", "fmt", "One text."), required("str2", "fmt", "The other.")],
      examples: ['if (str_ifind("$rU", "+358")) xlog("yes");'],
    },
    set_body_multipart: {
      doc: "Makes the body a multipart one: with one part of the given text and type, or with the body that is there as its first part.",
      routes: REQUESTS,
      forms: {
        convert: [],
        boundary: [required("boundary", "fmt", "The boundary.")],
        content: [
          required("txt", "fmt", "The text."),
          required("content_type", "fmt", "Value of Content-Type."),
        ],
        full: [
          required("txt", "fmt", "The text."),
          required("content_type", "fmt", "Value of Content-Type."),
          required("boundary", "fmt", "The boundary."),
        ],
      },
      examples: ['set_body_multipart("test", "text/plain", "delimiter");'],
    },
    append_body_part: {
      doc: "Adds a part to a multipart body. -1 when the body is none.",
      routes: REQUESTS,
      args: [
        required("txt", "fmt", "The text."),
        required("content_type", "fmt", "Value of Content-Type."),
        optional("content_disposition", "fmt", "Value of Content-Disposition."),
      ],
      examples: ['append_body_part("test", "text/plain");'],
    },
    append_body_part_hex: {
      doc: "Adds a part to a multipart body; the content is given as hexadecimal digits.",
      routes: REQUESTS,
      args: [
        required("txt", "fmt", "The text."),
        required("content_type", "fmt", "Value of Content-Type."),
        optional("content_disposition", "fmt", "Value of Content-Disposition."),
      ],
      examples: ['append_body_part_hex("6b 61 6d", "application/my-ext");'],
    },
    get_body_part: {
      doc: "Puts the content of the first part of a type into a variable.",
      routes: CORE,
      args: [
        required("content_type", "fmt", "Type of the part."),
        required("opv", "var", "The variable."),
      ],
      examples: ['get_body_part("application/sdp", "$var(x)");'],
      departs: "Header lines of the part other than Content-Type are left out as well.",
    },
    get_body_part_raw: {
      doc: "Puts the first part of a type with its headers and the following delimiter into a variable.",
      routes: CORE,
      args: [
        required("content_type", "fmt", "Type of the part."),
        required("opv", "var", "The variable."),
      ],
      examples: ['get_body_part_raw("application/sdp", "$var(x)");'],
    },
    remove_body_part: {
      doc: "Leaves the first part of a type out of the body.",
      routes: REQUESTS,
      args: [required("content_type", "fmt", "Type of the part.")],
      examples: ['remove_body_part("application/sdp");'],
    },
    regex_substring: {
      doc: "Searches a text and puts one of the groups of the match into a variable.",
      routes: CORE,
      args: [
        required("itext", "fmt", "The text."),
        required("regexp", "regex-fmt", "The pattern.", {
          regex: { longest: true, caseSensitive: true },
        }),
        required("mindex", "int", "The group, 0 is the whole match."),
        required("mcount", "int", "Number of groups expected at most."),
        required("dpv", "var", "The variable."),
      ],
      examples: ['regex_substring("abc123def", "([a-z]*)([0-9]+)", "1", "3", "$var(x)");'],
    },
  },
  transformations: {
    re: {
      subst: {
        doc: "Result of a substitution: `/pattern/replacement/flags` with the flags g, i, s.",
        min: 1,
        max: 1,
        raw: true,
        result: "str",
      },
    },
  },
  departures: [
    "Multipart bodies always end with a closing delimiter, also when only one change was made.",
  ],
});
