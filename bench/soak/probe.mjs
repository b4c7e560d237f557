/**
 * Loaded into the server under test (`node --expose-gc --import`): collects all garbage when asked over the Unix socket that
 * SOAK_PROBE names, and tells what is left. The server itself has no such door.
 */
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const server = createServer(async (socket) => {
  // What waits for a finaliser or a weak reference goes with the next collection.
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await pause(50);
  }
  socket.end(JSON.stringify(process.memoryUsage()));
});
server.listen(process.env.SOAK_PROBE);
server.unref();
