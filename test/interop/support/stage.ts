/** What a test has running: servers that can be killed and started again, links, phones. All of it is ended together. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { LossyLink } from "./lossy-link.ts";
import { Phone } from "./phone.ts";
import type { Wiring } from "./reg-event-configs.ts";
import { RegWatcher } from "./reg-watcher.ts";
import { freePort, portReleased, type Server, startKamailio, startOlelo } from "./servers.ts";

/** Tables that Kamailio's pua wants to find, whatever is in them. */
const TABLES = ["version", "pua"];

/** A server with one port and one folder for all of its lives. */
export class Machine {
  readonly kind: Server["kind"];
  readonly port: number;
  readonly #config: string;
  readonly #directory: string;
  #server: Server | undefined;

  constructor(kind: Server["kind"], config: string, port: number) {
    this.kind = kind;
    this.#config = config;
    this.port = port;
    this.#directory = mkdtempSync(join(tmpdir(), `${kind}-`));
  }

  get server(): Server {
    if (this.#server === undefined) throw new Error("the server is not running");
    return this.#server;
  }

  async start(): Promise<void> {
    const tables = join(this.#directory, "run", "dbtext");
    rmSync(tables, { recursive: true, force: true });
    mkdirSync(tables, { recursive: true });
    for (const name of TABLES) {
      copyFileSync(`/usr/share/kamailio/dbtext/kamailio/${name}`, join(tables, name));
    }
    const options = { port: this.port, directory: this.#directory };
    this.#server = await (this.kind === "olelo" ? startOlelo : startKamailio)(
      this.#config,
      options,
    );
  }

  /** Ends it without a warning. */
  async kill(): Promise<void> {
    await this.#server?.stop("SIGKILL");
    await portReleased(this.port);
    this.#server = undefined;
  }

  /** Ends it without a warning and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async dispose(): Promise<void> {
    await this.#server?.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A stage for one test. */
export function openStage(): Stage {
  const stage = new Stage();
  onTestFinished(() => stage.close());
  return stage;
}

export class Stage {
  readonly #machines: Machine[] = [];
  readonly #open: { close(): void }[] = [];

  /** Starts a server, on a free port unless one is given; `PORT` in the config is its port, `RUN` its folder. */
  async start(kind: Server["kind"], config: string, port?: number): Promise<Machine> {
    const machine = new Machine(kind, config, port ?? (await freePort()));
    this.#machines.push(machine);
    await machine.start();
    return machine;
  }

  /** A link between two servers that are to be started, on the link's `ports`. */
  async link(): Promise<LossyLink> {
    const link = await LossyLink.open(await freePort(), await freePort());
    this.#open.push(link);
    return link;
  }

  /** A and B, two of ours with a link between them, whose configs say the same of each other. */
  async pair(
    config: (wiring: Wiring) => string,
  ): Promise<{ link: LossyLink; a: Machine; b: Machine }> {
    const link = await this.link();
    const a = await this.start("olelo", config(link.wiringOf("a")), link.ports[0]);
    const b = await this.start("olelo", config(link.wiringOf("b")), link.ports[1]);
    return { link, a, b };
  }

  async phone(user: string): Promise<Phone> {
    const phone = await Phone.open(user);
    this.#open.push(phone.peer);
    return phone;
  }

  async watcher(user: string, port: number): Promise<RegWatcher> {
    const watcher = await RegWatcher.open(user, port);
    this.#open.push(watcher);
    return watcher;
  }

  async close(): Promise<void> {
    const machines = this.#machines.splice(0);
    // Ours take back what they have at their peers, which have to be there to answer.
    for (const kind of ["olelo", "kamailio"] as const) {
      const those = machines.filter((machine) => machine.kind === kind);
      await Promise.all(those.map((machine) => machine.dispose()));
    }
    for (const one of this.#open.splice(0)) one.close();
  }
}
