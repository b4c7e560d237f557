/** One accounting line: what is in it and how it is written. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { ScriptVariable } from "../../runtime/module.ts";
import { brokenDown, formatTime } from "../../runtime/strftime.ts";

/** What a line says of the end of a request. */
export interface Outcome {
  /** `transaction answered`, `call missed`... */
  readonly event: string;
  /** "" when there is none. */
  readonly code: string;
  readonly reason: string;
  readonly toTag: string;
}

export interface RecordOptions {
  readonly extra: readonly { readonly name: string; readonly variable: ScriptVariable }[];
  readonly legs: readonly { readonly name: string; readonly avp: string }[];
  readonly timeMode: number;
  readonly timeAttr: string;
  readonly timeExten: string;
  readonly timeFormat: string;
}

/** Writes the line. `swapped`: the request goes against the direction of the call, so From and To change places. */
export function writeRecord(
  options: RecordOptions,
  context: ScriptContext,
  outcome: Outcome,
  swapped: boolean,
): string {
  const { msg } = context;
  const wall = context.services.clock.wallTime();
  const fromTag = swapped ? outcome.toTag : msg.fromTag;
  const toTag = swapped ? msg.fromTag : outcome.toTag;
  const fields = [
    `timestamp=${String(Math.floor(wall / 1000))}`,
    ...timeFields(options, wall),
    `method=${msg.method}`,
    `from_tag=${fromTag}`,
    `to_tag=${toTag}`,
    `call_id=${msg.callId}`,
    `code=${outcome.code}`,
    `reason=${outcome.reason}`,
    ...options.extra.map(({ name, variable }) => `${name}=${String(variable.get(context) ?? "")}`),
    ...legFields(options, context),
  ];
  return `ACC: ${outcome.event}: ${fields.join(";")}`;
}

function timeFields(options: RecordOptions, wall: number): string[] {
  switch (options.timeMode) {
    case 1:
      return [`${options.timeExten}=${String(Math.floor((wall % 1000) * 1000))}`];
    case 2:
      return [`${options.timeAttr}=${(wall / 1000).toFixed(3)}`];
    case 3:
      return [
        `${options.timeAttr}=${formatTime(options.timeFormat, brokenDown(Math.floor(wall / 1000), true))}`,
      ];
    case 4:
      return [
        `${options.timeAttr}=${formatTime(options.timeFormat, brokenDown(Math.floor(wall / 1000), false))}`,
      ];
    default:
      return [];
  }
}

/** Each leg's set of values, newest first; one set of empty values when there is none. */
function legFields(options: RecordOptions, context: ScriptContext): string[] {
  const stacks = options.legs.map(({ avp }) => context.lists.avpsIfAny?.get(avp) ?? []);
  const count = options.legs.length === 0 ? 0 : Math.max(1, ...stacks.map((stack) => stack.length));
  const fields: string[] = [];
  for (let leg = 0; leg < count; leg++)
    for (const [index, { name }] of options.legs.entries())
      fields.push(`${name}=${String(stacks[index]?.[leg] ?? "")}`);
  return fields;
}
