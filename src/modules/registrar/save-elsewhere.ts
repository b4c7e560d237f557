/** REGISTER requests for an address of record that another worker has: it applies them, this one replies. */
import type { ScriptContext } from "../../runtime/context.ts";
import { XavpNode } from "../../runtime/lists.ts";
import { type AttributeRow, attributeOf, attributeRow } from "../../runtime/workers/attributes.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import { contextOfRow, type MessageRow, messageRow } from "../../runtime/workers/message.ts";
import { type Outcome, Outcomes } from "./outcome.ts";
import { messageSettings, type Surroundings } from "./settings.ts";

/** What `save` was asked for. */
export interface SaveJob {
  readonly table: string;
  readonly flags: number;
  readonly uri: string | undefined;
}

/** What became of a request. */
export interface SaveResult {
  /** Code of `save`. */
  readonly code: number;
  readonly outcome: Outcome;
  /** Header lines for the reply. */
  readonly headers: string;
}

const topic = "registrar.save";

/** A request with what the script has made of its message, as far as `save` looks at it. */
interface SaveRequest {
  readonly job: SaveJob;
  readonly message: MessageRow;
  readonly received: string | null;
  readonly settings: AttributeRow | null;
  readonly attributes: readonly AttributeRow[];
}

/** What comes back; an outcome is known by its name. */
interface SaveAnswer {
  readonly code: number;
  readonly outcome: keyof typeof Outcomes;
  readonly headers: string;
}

/** Asks the owner. One that is being started again answers nothing: the client is told to try again. */
export async function saveElsewhere(
  workers: Workers,
  owner: number,
  { context, ...job }: SaveJob & { readonly context: ScriptContext },
  around: Surroundings,
): Promise<SaveResult> {
  try {
    const request = requestOf(context, job, around);
    const answer = (await workers.call(owner, topic, request)) as SaveAnswer;
    return { ...answer, outcome: Outcomes[answer.outcome] };
  } catch {
    return { code: -1, outcome: Outcomes.ownerAway, headers: "" };
  }
}

function requestOf(context: ScriptContext, job: SaveJob, around: Surroundings): SaveRequest {
  const { params, location, received } = around;
  const settings = messageSettings(context, params);
  const name = location.xavpContact;
  const attributes = name === undefined ? undefined : context.lists.xavps.get(name);
  const address = received?.get(context);
  return {
    job,
    message: messageRow(context),
    received: typeof address === "string" ? address : null,
    settings: settings === undefined ? null : attributeRow(settings),
    attributes: (attributes ?? []).map(attributeRow),
  };
}

/** What applies a request. */
interface Applies {
  saveFor(context: ScriptContext, job: SaveJob): SaveResult | Promise<SaveResult>;
}

/** Answers the other workers. */
export function answerRegistrations(workers: Workers, saver: Applies, around: Surroundings): void {
  const names = new Map(
    Object.entries(Outcomes).map(([name, outcome]) => [outcome, name as keyof typeof Outcomes]),
  );
  workers.handle(topic, async (payload): Promise<SaveAnswer> => {
    const request = payload as SaveRequest;
    const context = contextOf(request, around);
    const { code, outcome, headers } = await saver.saveFor(context, request.job);
    return { code, outcome: names.get(outcome) ?? "ok", headers };
  });
}

function contextOf(request: SaveRequest, around: Surroundings): ScriptContext {
  const { services, params, location, received } = around;
  const context = contextOfRow(services, request.message);
  if (context === null) throw new Error("a request cannot be read again");
  const { xavps } = context.lists;
  const settings = request.settings === null ? null : attributeOf(request.settings);
  if (params.xavp_cfg !== undefined && settings instanceof XavpNode) {
    xavps.set(params.xavp_cfg, [settings]);
  }
  if (location.xavpContact !== undefined && request.attributes.length > 0) {
    xavps.set(location.xavpContact, request.attributes.map(attributeOf));
  }
  if (request.received !== null) received?.set?.(context, request.received);
  return context;
}
