/** The bare UDP echo: receives a SIP packet and turns it around; the limit of what Node.js can do on one core. */
import { createSocket } from "node:dgram";

const port = Number(process.argv[2] ?? 15060);
const socket = createSocket({
  type: "udp4",
  lookup: (host, _options, done) => done(null, host, 4),
});
socket.on("message", (bytes, from) => {
  const text = bytes.latin1Slice();
  const head = text.indexOf("\r\n");
  socket.send(Buffer.from(`SIP/2.0 200 OK${text.slice(head)}`, "latin1"), from.port, from.address);
});
socket.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
socket.bind(port, "127.0.0.1", () => {
  socket.setRecvBufferSize(4 << 20);
});
