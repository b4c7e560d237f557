/** What the cfg_rpc module declares: settings read and changed while the engine runs. */
import { declareModule } from "../../runtime/module.ts";

export const cfgRpc = declareModule()({
  name: "cfg_rpc",
  doc: "RPC commands that read and change settings while the engine runs: global parameters that can change (group `core`), module parameters that can (group = module), and the config's own `group.name` settings.",
  rpc: {
    "cfg.list": { doc: "Settings, all or of a group.", params: "[group]" },
    "cfg.get": { doc: "Value of a setting, or all values of a group.", params: "group [name]" },
    "cfg.seti": { workers: "every", doc: "Sets a number.", params: "group name value" },
    "cfg.set_now_int": { workers: "every", doc: "Sets a number.", params: "group name value" },
    "cfg.sets": { workers: "every", doc: "Sets a text.", params: "group name value" },
    "cfg.set_now_string": { workers: "every", doc: "Sets a text.", params: "group name value" },
    "cfg.set": { workers: "every", doc: "Sets a number or text.", params: "group name value" },
    "cfg.reset": {
      workers: "every",
      doc: "Puts the settings of a group back to what the config says.",
      params: "group",
    },
    "cfg.help": { doc: "Meaning and type of a setting.", params: "group name" },
    "cfg.set_delayed_int": {
      workers: "every",
      doc: "Prepares setting a number.",
      params: "group name value",
    },
    "cfg.set_delayed_string": {
      workers: "every",
      doc: "Prepares setting a text.",
      params: "group name value",
    },
    "cfg.set_delayed": {
      workers: "every",
      doc: "Prepares setting a number or text.",
      params: "group name value",
    },
    "cfg.commit": { workers: "every", doc: "Makes the prepared changes." },
    "cfg.rollback": { workers: "every", doc: "Forgets the prepared changes." },
    "cfg.diff": { doc: "The prepared changes." },
    "cfg.del": {
      doc: "Deletes a value of a group instance.",
      params: "group[id] name",
      implemented: false,
    },
    "cfg.del_delayed": {
      doc: "Prepares deleting a value of a group instance.",
      params: "group[id] name",
      implemented: false,
    },
    "cfg.add_group_inst": {
      doc: "Adds a group instance.",
      params: "group[id]",
      implemented: false,
    },
    "cfg.del_group_inst": {
      doc: "Removes a group instance.",
      params: "group[id]",
      implemented: false,
    },
  },
  departures: [
    "All settings can be read, also tm's timers (in milliseconds), which Kamailio refuses to show.",
    "Group instances (`group[id]`) do not exist: no setting has any.",
  ],
});
