/** What the jsonrpcs module declares: JSON-RPC 2.0 over a FIFO, datagrams, HTTP and from the script. */
import { declareModule, required } from "../../runtime/module.ts";

export const jsonrpcs = declareModule()({
  name: "jsonrpcs",
  doc: "Serves RPC commands as JSON-RPC 2.0: over a FIFO (what `kamctl` uses), over datagrams, and from the script.",
  params: {
    pretty_format: { type: "flag", default: true, doc: "Whether replies are indented." },
    transport: {
      type: "int",
      default: 6,
      min: 0,
      max: 7,
      doc: "Sum of 1 (HTTP), 2 (FIFO), 4 (datagram); 0 is all that can be.",
    },
    fifo_name: {
      type: "str",
      default: "kamailio_rpc.fifo",
      doc: "The FIFO that is read; a relative path is below the run directory.",
    },
    fifo_mode: {
      type: "int",
      default: 0o600,
      doc: "Permissions of the FIFO.",
      departs: "The default is 0600: only the owner reads and writes it (Kamailio: 0660).",
    },
    fifo_user: { type: "str", orNumber: true, doc: "Owner of the FIFO: a name or number." },
    fifo_group: { type: "str", orNumber: true, doc: "Group of the FIFO: a name or number." },
    fifo_reply_dir: {
      type: "str",
      default: "/tmp/",
      doc: "Folder of the FIFOs that replies are written to; a request names only the file.",
    },
    dgram_socket: {
      type: "str",
      default: "kamailio_rpc.sock",
      doc: "`udp:ADDRESS:PORT`, or the path of a Unix datagram socket.",
      departs:
        "Node.js has no Unix datagram sockets: a path is served by a stream socket of that name instead, one JSON document a line or a connection, and a line in the log says so.",
    },
    dgram_workers: {
      type: "int",
      default: 1,
      doc: "Worker processes.",
      ignored: "one event loop serves all",
    },
    dgram_mode: {
      type: "int",
      default: 0o600,
      doc: "Permissions of the socket.",
      departs: "The default is 0600: only the owner uses it (Kamailio: 0660).",
    },
    dgram_user: { type: "str", orNumber: true, doc: "Owner of the socket: a name or number." },
    dgram_group: { type: "str", orNumber: true, doc: "Group of the socket: a name or number." },
    dgram_timeout: {
      type: "int",
      default: 2000,
      min: 1,
      doc: "How long a reply may wait, in milliseconds.",
      ignored: "replies are handed to the system at once",
    },
    max_request_size: {
      type: "int",
      default: 65536,
      min: 64,
      doc: "olelo's own: largest request in bytes; a larger one is refused.",
    },
  },
  functions: {
    jsonrpc_dispatch: {
      doc: "Answers the HTTP request that is being handled.",
      routes: ["any"],
      args: [],
      implemented: false,
    },
    jsonrpc_exec: {
      doc: "Runs a JSON-RPC document; the answer is in `$jsonrpl(code)` and `$jsonrpl(body)`. 1, also when the command fails (the code is that of the error then); -1 when the document is no request.",
      routes: ["any"],
      async: true,
      args: [required("cmd", "fmt", "The whole JSON-RPC document.")],
      examples: [`jsonrpc_exec('{"jsonrpc": "2.0", "method": "core.version", "id": 1}');`],
    },
  },
  variables: {
    jsonrpl: {
      doc: "Answer of the last `jsonrpc_exec()`: `code`, `text`, `body`.",
      type: "any",
      inner: "required",
      innerValues: ["code", "text", "body"],
    },
  },
});
