/** What the ctl module declares: binrpc over local and network sockets, for kamcmd. */
import { declareModule } from "../../runtime/module.ts";

export const ctl = declareModule()({
  name: "ctl",
  doc: "Serves RPC commands in the binary format that `kamcmd` speaks.",
  params: {
    binrpc: {
      type: "str",
      multiple: true,
      doc: "Where to listen: `unixs:PATH` (or `unix:PATH`, or a path alone), `udp:ADDRESS:PORT` (or an address and port alone), `tcp:ADDRESS:PORT`; `*` or no address is all local addresses. A relative path is taken from the run directory. Without any: `unixs:kamailio_ctl` in the run directory.",
    },
    binrpc_buffer_size: {
      type: "str",
      orNumber: true,
      default: "1024",
      doc: "Size of a buffer for one printed element, in bytes.",
      ignored: "replies of any size are built as they are",
    },
    mode: { type: "int", default: 0o600, doc: "Permissions of Unix sockets." },
    user: { type: "str", orNumber: true, doc: "Owner of Unix sockets: a name or number." },
    group: { type: "str", orNumber: true, doc: "Group of Unix sockets: a name or number." },
    fifo: {
      type: "str",
      multiple: true,
      doc: "The FIFO with the line protocol of SER.",
      implemented: false,
    },
    autoconversion: {
      type: "int",
      default: 0,
      doc: "Whether parameters of another type are converted.",
      ignored: "parameters are always converted where that loses nothing",
    },
    binrpc_max_body_size: {
      type: "int",
      default: 32,
      doc: "Largest reply in kilobytes.",
      ignored: "replies of any size are sent",
    },
    binrpc_struct_max_body_size: {
      type: "int",
      default: 8,
      doc: "Largest structure in a reply in kilobytes.",
      ignored: "structures of any size are sent",
    },
    max_connections: {
      type: "int",
      default: 64,
      min: 1,
      doc: "olelo's own: how many stream connections may be open at once; more are closed at once.",
    },
    max_request_size: {
      type: "int",
      default: 65536,
      min: 64,
      doc: "olelo's own: largest request in bytes; a connection that sends a larger one is closed.",
    },
    max_reply_size: {
      type: "int",
      default: 67_108_864,
      min: 4096,
      doc: "olelo's own: largest reply in bytes, as a binrpc reply has to be in memory as a whole; what would be larger is an error. `kamcmd` itself takes 128 kilobytes. For lists of any length use jsonrpcs over its FIFO or stream.",
    },
  },
  rpc: {
    "ctl.listen": { doc: "The sockets that it listens on." },
    "ctl.connections": { doc: "How many stream connections are open." },
    "ctl.who": { doc: "The open stream connections." },
  },
  departures: [
    "Unix datagram sockets (`unixd:`) do not exist in Node.js: the configuration is refused with a message that names `unixs:`.",
    "The default socket is `kamailio_ctl` in the run directory (`-Y`), as in Kamailio.",
  ],
});
