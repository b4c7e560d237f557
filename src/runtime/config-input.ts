/** What is read: the configuration, with what the command line adds around it. */
import { resolve } from "node:path";
import type { FileReader } from "../dsl/preprocess/result.ts";
import { readConfig, type ReadInput, type ReadResult } from "../dsl/read.ts";
import type { EngineOptions } from "./engine-options.ts";
import { diskFiles } from "./file-reader.ts";

const commandLine = "<command line>";

/** Reads the configuration of an engine. Never throws. */
export function readEngineConfig(options: EngineOptions): ReadResult {
  const { input, files } = inputOf(options);
  return readConfig(input, {
    files,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    defines: options.defines ?? [],
  });
}

/**
 * What the command line adds is written in the language itself, around an include of the configuration: it is read, checked and
 * reported like everything else, and positions in the configuration stay what they are.
 */
function inputOf(options: EngineOptions): { input: ReadInput; files: FileReader } {
  const { configText, configPath } = options;
  const disk = options.files ?? diskFiles;
  const before = [
    ...(options.substitutions ?? []).map((line) => `#!${line}`),
    ...(options.loadModules ?? []).map((name) => `loadmodule "${name}"`),
  ];
  const after = (options.params ?? []).map(({ module, name, value }) => {
    const text = typeof value === "number" ? String(value) : JSON.stringify(value);
    return `modparam("${module}", "${name}", ${text})`;
  });
  const name = options.configName ?? configPath ?? "<text>";
  if (before.length === 0 && after.length === 0) {
    if (configText !== undefined) return { input: { text: configText, name }, files: disk };
    return { input: { path: configPath ?? "kamailio.cfg" }, files: disk };
  }
  const path = configText === undefined ? resolve(configPath ?? "kamailio.cfg") : name;
  const lines = [...before, `include_file "${path}"`, ...after, ""];
  return {
    input: { text: lines.join("\n"), name: commandLine },
    files: configText === undefined ? disk : withText(disk, path, configText),
  };
}

/** The disk, and one file that is only a text. */
function withText(disk: FileReader, name: string, text: string): FileReader {
  return {
    read: (path) => (path === name ? text : disk.read(path)),
    resolve: (from, relative) => (relative === name ? [name] : disk.resolve(from, relative)),
    glob: (from, pattern) => disk.glob(from, pattern),
  };
}
