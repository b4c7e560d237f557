/** The remote commands that every engine has. */
import { ctime } from "../../runtime/clock.ts";
import {
  RpcError,
  type RpcImplementation,
  type RpcReply,
  RpcStruct,
  type RpcValue,
} from "../../runtime/module.ts";
import { CachingResolver } from "../../runtime/resolver.ts";
import type { Services } from "../../runtime/services.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { kamailioVersion, signature, version } from "../../runtime/version.ts";

const reply = (...values: RpcValue[]): RpcReply => ({ values });

/** A list, also when there is one value or none. */
const list = (values: Iterable<RpcValue>): RpcReply => ({ values: [[...values]] });

function struct(fields: Readonly<Record<string, RpcValue>>): RpcStruct {
  const out = new RpcStruct();
  for (const [name, value] of Object.entries(fields)) out.add(name, value);
  return out;
}

const program = (): string => `olelo ${version} (${process.arch}/${process.platform})`;
const build = (): string => `Node.js ${process.version}, V8 ${process.versions.v8}`;

/** All commands, bound to an engine. */
export function rpcCommands(services: Services) {
  return {
    ...programCommands(services),
    ...systemCommands(services),
    ...networkCommands(services),
    ...dnsCommands(services),
  } satisfies Record<string, RpcImplementation>;
}

function programCommands(services: Services) {
  const startedAt = services.clock.wallTime();
  const startedOn = services.clock.now();
  const seconds = (): number => Math.floor((services.clock.now() - startedOn) / 1000);
  return {
    "core.version": () => reply(program()),
    "core.flags": () => reply(build()),
    "core.info": () =>
      reply(
        struct({
          version: `olelo ${version}`,
          id: `for configurations of kamailio ${kamailioVersion}`,
          compiler: build(),
          compiled: "",
          flags: signature(),
        }),
      ),
    "core.runinfo": () => {
      const up = seconds();
      const [days, rest] = [Math.floor(up / 86_400), up % 86_400];
      const [hours, minutes] = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60)];
      return reply(
        struct({
          name: "olelo",
          version,
          sourceid: kamailioVersion,
          compiler: build(),
          compiled: "",
          time_now: ctime(services.clock.wallTime()),
          time_started: ctime(startedAt),
          uptime_secs: up,
          utime_days: `${days}d ${hours}h ${minutes}m ${up % 60}s`,
        }),
      );
    },
    "core.uptime": () =>
      reply(
        struct({
          now: ctime(services.clock.wallTime()),
          up_since: ctime(startedAt),
          uptime: seconds(),
        }),
      ),
    "core.modules": () => {
      const names = services.loadedModules.map((spec) => spec.name);
      return list(names.filter((name) => name !== "core").reverse());
    },
    "core.ppdefines": () => list(services.defines.keys()),
    "core.ppdefines_full": () =>
      reply(
        ...[...services.defines].map(([name, value]) =>
          struct({ name, type: 0, value: value ?? "none" }),
        ),
      ),
  };
}

const killDelayMs = 100;

function systemCommands(services: Services) {
  const index = services.workers?.index ?? 0;
  const description = index === 0 ? "main process" : `worker ${index}`;
  const self = { IDX: index, PID: process.pid, DSC: description };
  return {
    "system.listMethods": () => list(services.rpc.commands().map((command) => command.name)),
    "system.methodHelp": (params: readonly (string | number)[]) => {
      const name = String(params[0] ?? "");
      const known = services.rpc.commands().find((command) => command.name === name);
      if (known === undefined) throw new RpcError(400, "command not found");
      return reply(known.doc);
    },
    "system.methodSignature": () => {
      throw new RpcError(500, "Not Implemented Yet");
    },
    "core.echo": (params: readonly (string | number)[]) => list(params),
    "core.prints": (params: readonly (string | number)[]) => list([String(required(params))]),
    "core.printi": (params: readonly (string | number)[]) => {
      const value = Number(required(params));
      if (!Number.isInteger(value)) throw new RpcError(400, "a number is needed");
      return list([value]);
    },
    "core.ps": () => list([process.pid, self.DSC]),
    "core.psx": () => list([struct(self)]),
    "core.psa": () => reply(struct({ ...self, RSS: process.memoryUsage.rss() })),
    "core.pwd": () => list([process.cwd()]),
    "core.arg": () => list(process.argv.slice(1)),
    "core.kill": (params: readonly (string | number)[]) => {
      const signal = Number(params[0] ?? 15);
      if (!Number.isInteger(signal) || signal < 0 || signal > 64) {
        throw new RpcError(400, "a number of a signal is needed");
      }
      const isStop = signal === 15 || signal === 2;
      // The answer goes out first.
      services.clock.after(killDelayMs, () => {
        if (isStop) services.requestStop(`core.kill ${signal}`);
        else process.kill(process.pid, signal);
      });
      return reply();
    },
    "core.shmmem": (params: readonly (string | number)[]) =>
      reply(memory(String(params[0] ?? "b"))),
  };
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** The heap, under the names that shared memory has in Kamailio. */
function memory(unit: string): RpcStruct {
  const divisor = units[unit.toLowerCase()];
  if (divisor === undefined) throw new RpcError(400, "the unit is one of b, k, m, g");
  const { heapTotal, heapUsed, rss } = process.memoryUsage();
  const scaled = (bytes: number): number => Math.floor(bytes / divisor);
  return struct({
    total: scaled(heapTotal),
    free: scaled(heapTotal - heapUsed),
    used: scaled(heapUsed),
    real_used: scaled(rss),
    max_used: scaled(process.resourceUsage().maxRSS * 1024),
    fragments: 0,
  });
}

function networkCommands(services: Services) {
  const noTcp = (): never => {
    throw new RpcError(500, "there is no TCP");
  };
  return {
    "core.sockets_list": () => list(services.sockets.map(socketEntry)),
    "core.aliases_list": () => {
      const aliases = services.aliases.map(({ host, port, proto }) =>
        struct({
          alias: struct({
            proto: proto ?? "*",
            address: host,
            port: port === 0 ? "*" : String(port),
          }),
        }),
      );
      return reply(struct({ myself_callbacks: "no", aliases }));
    },
    "core.tcp_info": noTcp,
    "core.tcp_list": noTcp,
    "core.tcp_options": noTcp,
    "core.udp4_raw_info": () =>
      reply(struct({ udp4_raw: 0, udp4_raw_mtu: 1500, udp4_raw_ttl: 64 })),
  };
}

function socketEntry(socket: ListenSocket): RpcStruct {
  const { proto, address, port, name, advertisedHost } = socket;
  return struct({
    socket: struct({
      proto,
      address,
      ipaddress: address,
      port: String(port),
      mcast: "no",
      mhomed: "no",
      virtual: "no",
      ...(name === undefined ? {} : { sockname: name }),
      ...(advertisedHost === undefined ? {} : { advertise: `${socket.viaHost}:${socket.viaPort}` }),
    }),
  });
}

function dnsCommands(services: Services) {
  const cache = (): CachingResolver => {
    if (services.resolver instanceof CachingResolver) return services.resolver;
    throw new RpcError(500, "there is no cache of names");
  };
  const forgetAll = (): RpcReply => {
    cache().clear();
    return reply();
  };
  const forget = (params: readonly (string | number)[]): RpcReply => {
    if (!cache().forget(String(required(params)))) throw new RpcError(404, "not found");
    return reply();
  };
  return {
    "dns.lookup": async (params: readonly (string | number)[]) => {
      const name = params[1];
      if (name === undefined) throw new RpcError(400, "a type and a name are needed");
      const targets = await services.resolver.resolve(String(name), 5060, "udp");
      if (targets.length === 0) throw new RpcError(404, "not found");
      return reply(...targets.map((target) => target.address));
    },
    "dns.view": () =>
      reply(
        ...[...cache().entries()].map(({ key, targets, expiresInSeconds }) =>
          struct({
            name: key.slice(0, key.indexOf("|")),
            addresses: targets.map((target) => target.address),
            expires: expiresInSeconds,
          }),
        ),
      ),
    "dns.mem_info": () => reply(cache().size, cache().limit),
    "dns.delete_all": forgetAll,
    "dns.delete_all_force": forgetAll,
    "dns.delete_a": forget,
    "dns.delete_aaaa": forget,
  };
}

function required(params: readonly (string | number)[]): string | number {
  const value = params[0];
  if (value === undefined) throw new RpcError(400, "a parameter is missing");
  return value;
}
