/** The cfg_rpc module. */
import { implementModule, RpcError, type RpcReply, RpcStruct } from "../../runtime/module.ts";
import { listSettings, type Setting } from "./settings.ts";
import { cfgRpc } from "./spec.ts";

type Params = readonly (string | number)[];
type Kind = Setting["type"] | "any";

const nothing: RpcReply = { values: [] };

/** What is shown for a text that is not set. */
const unset = "<null string>";

export default implementModule(cfgRpc, ({ services }) => {
  const { log } = services;
  const all = (): Setting[] => listSettings(services);
  const initial = new Map<string, string | number | undefined>();
  let prepared: { readonly setting: Setting; readonly value: string | number }[] = [];

  function group(params: Params): Setting[] {
    const found = all().filter((setting) => setting.group === String(params[0] ?? ""));
    if (found.length === 0) throw new RpcError(400, "no such group of settings");
    return found;
  }

  function one(params: Params): Setting {
    const found = group(params).find((setting) => setting.name === String(params[1] ?? ""));
    if (found === undefined) throw new RpcError(400, "no such setting in this group");
    return found;
  }

  function valueFor(setting: Setting, params: Params, kind: Kind): string | number {
    const [, , given] = params;
    if (given === undefined) throw new RpcError(400, "the value is missing");
    if (setting.type === "string") {
      if (kind === "integer") throw new RpcError(400, "the setting is a text");
      return String(given);
    }
    const number = typeof given === "number" ? given : Number(given);
    if (kind === "string" || given === "" || !Number.isInteger(number))
      throw new RpcError(400, "the setting is an integer");
    const refused = setting.refuses?.(number);
    if (refused !== undefined) throw new RpcError(400, refused);
    return number;
  }

  function write(setting: Setting, value: string | number): void {
    setting.write(value);
    log.info(`cfg_rpc: ${setting.group}.${setting.name} has been changed to ${String(value)}`);
  }

  const setNow =
    (kind: Kind) =>
    (params: Params): RpcReply => {
      const setting = one(params);
      write(setting, valueFor(setting, params, kind));
      return nothing;
    };
  const prepare =
    (kind: Kind) =>
    (params: Params): RpcReply => {
      const setting = one(params);
      const value = valueFor(setting, params, kind);
      prepared = prepared.filter((change) => !isSame(change.setting, setting));
      prepared.push({ setting, value });
      return nothing;
    };

  return {
    rpc: {
      "cfg.list": (params) => ({
        values: [
          (params.length === 0 ? all() : group(params)).map(
            (setting) => `${setting.group}: ${setting.name}`,
          ),
        ],
      }),
      "cfg.get": (params) => {
        if (params.length > 1) return { values: [one(params).read() ?? unset] };
        const struct = new RpcStruct();
        for (const setting of group(params)) struct.add(setting.name, setting.read() ?? unset);
        return { values: [struct] };
      },
      "cfg.seti": setNow("integer"),
      "cfg.set_now_int": setNow("integer"),
      "cfg.sets": setNow("string"),
      "cfg.set_now_string": setNow("string"),
      "cfg.set": setNow("any"),
      "cfg.set_delayed_int": prepare("integer"),
      "cfg.set_delayed_string": prepare("string"),
      "cfg.set_delayed": prepare("any"),
      "cfg.reset": (params) => {
        for (const setting of group(params)) {
          const value = initial.get(`${setting.group}.${setting.name}`);
          if (value !== undefined) write(setting, value);
        }
        return nothing;
      },
      "cfg.help": (params) => {
        const setting = one(params);
        return { values: [setting.doc, `(parameter type is ${setting.type})`] };
      },
      "cfg.commit": () => {
        for (const { setting, value } of prepared) write(setting, value);
        prepared = [];
        return nothing;
      },
      "cfg.rollback": () => {
        prepared = [];
        return nothing;
      },
      "cfg.diff": () => ({
        values: prepared.map(({ setting, value }) =>
          new RpcStruct()
            .add("group name", setting.group)
            .add("variable name", setting.name)
            .add("old value", setting.read() ?? unset)
            .add("new value", value),
        ),
      }),
    },
    start() {
      for (const setting of all()) initial.set(`${setting.group}.${setting.name}`, setting.read());
    },
  };
});

function isSame(a: Setting, b: Setting): boolean {
  return a.group === b.group && a.name === b.name;
}
