/** The acc module: listens to transactions and writes a line for those that the script marked. */
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule } from "../../runtime/module.ts";
import { Accounting } from "./accounting.ts";
import { parseExtra } from "./extra.ts";
import type { RecordOptions } from "./record.ts";
import { acc } from "./spec.ts";

export default implementModule(acc, ({ params, use, services, variable, fail, warn }) => {
  function readList(param: "log_extra" | "multi_leg_info"): { name: string; variable: string }[] {
    const list = parseExtra(params[param] ?? "");
    if (typeof list === "string") return fail(param, list);
    if (list.length > params.acc_extra_size)
      fail(param, `more than acc_extra_size (${String(params.acc_extra_size)}) values`);
    return list;
  }

  function readLegs(): RecordOptions["legs"] {
    return readList("multi_leg_info").map(({ name, variable: text }) => {
      const avp = /^\$avp\((?:s:)?([^)]+)\)$/.exec(text)?.[1];
      return { name, avp: avp ?? fail("multi_leg_info", `"${text}" is no $avp(name)`) };
    });
  }

  function readFilter(): Set<number> {
    const codes = (params.failed_filter ?? "").split(",").filter((text) => text.trim() !== "");
    const numbers = codes.map(Number);
    if (numbers.some((code) => !Number.isInteger(code) || code < 300 || code > 999))
      fail("failed_filter", "codes from 300 to 999, separated by commas, are needed");
    return new Set(numbers);
  }

  if (params.detect_direction && use.rr === undefined)
    warn(
      "detect_direction",
      "needs the module rr, loaded before acc; directions are not looked at",
    );

  const accounting = new Accounting({
    choices: params,
    record: {
      extra: readList("log_extra").map((one) => ({
        name: one.name,
        variable: variable(one.variable),
      })),
      legs: readLegs(),
      timeMode: params.time_mode,
      timeAttr: params.time_attr,
      timeExten: params.time_exten,
      timeFormat: params.time_format,
    },
    leftOut: readFilter(),
    log: services.log,
    newTag: () => use.tm.newTag(),
    isSwapped: (context) => params.detect_direction && use.rr?.direction(context) === "upstream",
  });
  use.tm.addListener(accounting);

  /** The comment is a reason, with a code before it or none. */
  function accountNow(context: ScriptContext, comment: string): number {
    const [, code = "", reason = ""] = /^(\d{3})?\s*([\s\S]*)$/.exec(comment) ?? [];
    accounting.write(context, {
      event: "request accounted",
      code,
      reason,
      toTag: context.msg.toTag,
    });
    return 1;
  }

  return {
    functions: {
      acc_log_request: accountNow,
      acc_request: accountNow,
    },
  };
});
