/** From the command line to the engine's options. */
import { describe, expect, it } from "vitest";
import yargs from "yargs";
import { addRunOptions, type RunArguments } from "../../src/cli/options.ts";
import { engineOptions, UsageError } from "../../src/cli/run-options.ts";

async function options(...argv: string[]) {
  const parsed = await addRunOptions(yargs(argv).version(false))
    .parserConfiguration({ "camel-case-expansion": false, "greedy-arrays": false })
    .strict()
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    })
    .parseAsync();
  return engineOptions(parsed as unknown as RunArguments);
}

describe("Kamailio's options", () => {
  it("take the file, defines, sockets, aliases and directories", async () => {
    expect(
      await options(
        ..."-f x.cfg -A WITH_AUTH -A FLT=1 -l udp:127.0.0.1:5080".split(" "),
        "-l",
        "(eth0, eth1):5065",
        ..."--alias=tcp:foo.com -Y /run/x".split(" "),
      ),
    ).toMatchObject({
      configPath: "x.cfg",
      defines: ["WITH_AUTH", "FLT=1"],
      listen: ["udp:127.0.0.1:5080", "(eth0, eth1):5065"],
      aliases: ["tcp:foo.com"],
      runDirectory: "/run/x",
    });
  });

  it("use the system's configuration when none is named", async () => {
    expect(await options()).toMatchObject({ configPath: "/etc/kamailio/kamailio.cfg" });
  });

  it("set globals", async () => {
    expect((await options("-E", "-e", "-dd", "-a", "no", "-b", "65536")).globals).toEqual({
      debug: 2,
      log_stderror: 1,
      log_color: 1,
      auto_aliases: 0,
      maxbuffer: 65_536,
    });
    expect((await options("--debug=-1")).globals).toEqual({ debug: -1 });
    expect((await options("--server-id=7")).globals).toEqual({ server_id: 7 });
  });

  it("set parameters of modules, with values that hold colons", async () => {
    const { params } = await options(
      "--modparam=usrloc:db_url:s:mysql://a:b@c/d",
      "--modparam=tm:fr_timer:i:5000",
    );
    expect(params).toEqual([
      { module: "usrloc", name: "db_url", value: "mysql://a:b@c/d" },
      { module: "tm", name: "fr_timer", value: 5000 },
    ]);
  });

  it("give the preprocessor substitutions", async () => {
    expect((await options("--substdef=!X!y!g")).substitutions).toEqual(['substdef "!X!y!g"']);
  });

  it("accept what has no meaning here", async () => {
    const many = ["-m", "64", "-M", "8", "-n", "1", "-N", "2", "-x", "fm", "-X", "qm", "-O", "0"];
    const switches = ["-K", "-rR", "-S", "-T", "-DD", "-L", "/usr/lib/kamailio/modules"];
    expect(await options(...many, ...switches, "-W", "epoll_lt")).toMatchObject({ listen: [] });
  });

  it.each([
    [["-a", "maybe"], "-a takes yes or no"],
    [["--debug=loud"], "--debug takes a number"],
    [["--modparam=tm:fr_timer"], "--modparam takes"],
    [["--modparam=tm:fr_timer:i:x"], "takes a number"],
  ])("%s is refused", async (argv, message) => {
    await expect(options(...argv)).rejects.toThrow(UsageError);
    await expect(options(...argv)).rejects.toThrow(message);
  });
});
