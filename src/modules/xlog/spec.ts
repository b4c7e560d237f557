/** The declaration of the module xlog. */
import { declareModule, required } from "../../runtime/module.ts";

const ANY = ["any"] as const;

export const xlog = declareModule()({
  name: "xlog",
  doc: "Writes lines with variables to the log. Nothing is worked out for a level that is not written.",
  params: {
    buf_size: {
      type: "int",
      default: 4096,
      doc: "Longest line in bytes; longer ones are cut.",
      min: 1,
    },
    force_color: {
      type: "flag",
      default: false,
      doc: "Colours also where the log is no terminal.",
      ignored: "colour codes in lines are written as they are",
    },
    long_format: {
      type: "flag",
      default: false,
      doc: "Writes the file's name in front of the line number in xlogl() and xdbgl().",
    },
    prefix: { type: "str", default: "<script>: ", doc: "Stands in front of each line." },
    prefix_mode: { type: "int", default: 0, doc: "1: the prefix has variables.", min: 0, max: 1 },
    log_facility: {
      type: "str",
      doc: "Facility of the system log.",
      ignored: "lines go to standard error or the log given on the command line",
    },
    log_colors: {
      type: "str",
      doc: "Colours of the levels.",
      multiple: true,
      ignored: "lines are not coloured by level",
    },
    methods_filter: {
      type: "int",
      default: -1,
      doc: "Sum of the numbers of methods whose messages xlogm() is silent about; -1: all.",
      runtime: true,
    },
  },
  functions: {
    xlog: {
      doc: "Writes a line; at level L_ERR unless said otherwise.",
      routes: ANY,
      forms: {
        plain: [required("format", "fmt?", "The line.")],
        level: [
          required(
            "level",
            "fmt",
            "Level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or a number from -5 to 3.",
          ),
          required("format", "fmt?", "The line."),
        ],
        facility: [
          required("facility", "str", "Facility of the system log; without meaning here."),
          required(
            "level",
            "fmt",
            "Level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or a number from -5 to 3.",
          ),
          required("format", "fmt?", "The line."),
        ],
      },
      examples: ['xlog("method $rm from $si\\n");', 'xlog("L_INFO", "method $rm\\n");'],
    },
    xlogl: {
      doc: "As xlog(), with the line number of the call in front.",
      routes: ANY,
      forms: {
        plain: [required("format", "fmt?", "The line.")],
        level: [
          required(
            "level",
            "fmt",
            "Level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or a number from -5 to 3.",
          ),
          required("format", "fmt?", "The line."),
        ],
        facility: [
          required("facility", "str", "Facility of the system log; without meaning here."),
          required(
            "level",
            "fmt",
            "Level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or a number from -5 to 3.",
          ),
          required("format", "fmt?", "The line."),
        ],
      },
      examples: ['xlogl("here\\n");'],
    },
    xlogm: {
      doc: "As xlog() with a level, but silent about the methods in methods_filter.",
      routes: ANY,
      args: [
        required(
          "level",
          "fmt",
          "Level: L_ALERT, L_BUG, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, or a number from -5 to 3.",
        ),
        required("format", "fmt?", "The line."),
      ],
      examples: ['xlogm("L_INFO", "method $rm\\n");'],
    },
    xdbg: {
      doc: "Writes a line at level L_DBG.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xdbg("method $rm\\n");'],
    },
    xinfo: {
      doc: "Writes a line at level L_INFO.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xinfo("method $rm\\n");'],
    },
    xnotice: {
      doc: "Writes a line at level L_NOTICE.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xnotice("method $rm\\n");'],
    },
    xwarn: {
      doc: "Writes a line at level L_WARN.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xwarn("method $rm\\n");'],
    },
    xerr: {
      doc: "Writes a line at level L_ERR.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xerr("method $rm\\n");'],
    },
    xbug: {
      doc: "Writes a line at level L_BUG.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xbug("method $rm\\n");'],
    },
    xcrit: {
      doc: "Writes a line at level L_CRIT.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xcrit("method $rm\\n");'],
    },
    xalert: {
      doc: "Writes a line at level L_ALERT.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xalert("method $rm\\n");'],
    },
    xdbgl: {
      doc: "As xdbg(), with the line number of the call in front.",
      routes: ANY,
      args: [required("format", "fmt?", "The line.")],
      examples: ['xdbgl("here\\n");'],
    },
  },
  variables: {
    C: {
      doc: "Escape sequence of terminals: a letter for the colour of the text, one for its background. x default, s black, r red, g green, y yellow, b blue, p purple, c cyan, w white; capitals are bold.",
      type: "str",
      inner: "required",
      innerForm: "text",
    },
  },
  departures: ["A line longer than buf_size is cut; Kamailio does not write it at all."],
});
