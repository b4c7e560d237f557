/** What the parts of the module share: parameters, the API of usrloc, and settings that a script gives per message. */
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode } from "../../runtime/lists.ts";
import type { ParamValues, ScriptVariable } from "../../runtime/module.ts";
import type { Counter, Services } from "../../runtime/services.ts";
import type { UsrlocApi } from "../usrloc/spec.ts";
import type { AorRules } from "./aor.ts";
import type { registrar } from "./spec.ts";

export type RegistrarParams = ParamValues<typeof registrar>;

/** Sends a reply, through the transaction when there is one. */
export type Replier = (context: ScriptContext, status: number, reason: string) => void;

/** Everything that the functions need. */
export interface Surroundings {
  readonly params: RegistrarParams;
  readonly location: UsrlocApi;
  readonly services: Services;
  readonly aorRules: AorRules;
  readonly received: ScriptVariable | undefined;
  readonly reply: Replier;
  readonly accepted: Counter;
  readonly rejected: Counter;
}

/** Rules for addresses of record that follow the parameters when those change. */
export class LiveAorRules implements AorRules {
  readonly useDomain: boolean;
  readonly #params: RegistrarParams;

  constructor(params: RegistrarParams, location: UsrlocApi) {
    this.useDomain = location.useDomain;
    this.#params = params;
  }

  get caseSensitive(): boolean {
    return this.#params.case_sensitive;
  }

  get realmPrefix(): string | undefined {
    return this.#params.realm_prefix;
  }
}

/** The `$xavp` with settings for this message, if the script has made one. */
export function messageSettings(
  context: ScriptContext,
  params: RegistrarParams,
): XavpNode | undefined {
  if (params.xavp_cfg === undefined) return undefined;
  const node = context.lists.xavps.get(params.xavp_cfg)?.[0];
  return node instanceof XavpNode ? node : undefined;
}

/** A number in it. */
export function numberSetting(settings: XavpNode | undefined, name: string): number | undefined {
  const value = settings?.fields.get(name)?.[0];
  return typeof value === "number" ? value : undefined;
}

/** A text in it. */
export function textSetting(settings: XavpNode | undefined, name: string): string | undefined {
  const value = settings?.fields.get(name)?.[0];
  return typeof value === "string" ? value : undefined;
}
