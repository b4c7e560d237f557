/** Rule: every route that is called exists; routes that nothing runs are pointed out. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { RouteBlock, RouteCall, RouteKind } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { didYouMean } from "../../diagnostics/did-you-mean.ts";
import { routeNameOf } from "../routes.ts";
import type { CallUse, Visitor } from "../visitor.ts";

export function knownRoutes(context: CheckContext): Visitor {
  return new RouteUses(context);
}

class RouteUses implements Visitor {
  readonly #context: CheckContext;
  /** Calls of routes that do not exist, by name. */
  readonly #missing = new Map<string, Span[]>();
  /** Names that are run, by kind of route. */
  readonly #used = new Map<RouteKind, Set<string>>();
  readonly #mentioned = new Set<string>();
  #hasComputedCall = false;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  routeCall(call: RouteCall): void {
    const name = routeNameOf(call);
    if (name === undefined) {
      this.#hasComputedCall = true;
      return;
    }
    this.#use("request", name);
    if (this.#context.facts.routes.get("request")?.has(name) === true) return;
    const spans = this.#missing.get(name);
    if (spans === undefined) this.#missing.set(name, [call.target.span]);
    else spans.push(call.target.span);
  }

  call({ call, form }: CallUse): void {
    call.args.forEach((argument, index) => {
      const spec = form?.[index];
      const text =
        argument.kind === "string" || argument.kind === "number"
          ? String(argument.value)
          : undefined;
      if (text === undefined) {
        if (spec?.kind === "route") this.#hasComputedCall = true;
      } else if (spec?.kind === "route") {
        this.#use(spec.of ?? "request", (spec.prefix ?? "") + text);
        if (text.includes("$")) this.#hasComputedCall = true;
      } else {
        this.#mentioned.add(text);
      }
    });
  }

  finish(): void {
    const renamed = this.#reportMissing();
    if (this.#hasComputedCall) return;
    for (const kind of ["request", "failure", "reply", "branch"] as const) {
      for (const block of this.#context.facts.routes.get(kind)?.values() ?? []) {
        if (!renamed.has(block) && this.#isUnused(kind, block)) this.#reportUnused(block);
      }
    }
  }

  #use(kind: RouteKind, name: string): void {
    const names = this.#used.get(kind);
    if (names === undefined) this.#used.set(kind, new Set([name]));
    else names.add(name);
  }

  /** One finding for each missing name. Hands back the blocks that probably should have had such a name. */
  #reportMissing(): ReadonlySet<RouteBlock> {
    const renamed = new Set<RouteBlock>();
    for (const [name, spans] of this.#missing) {
      const block = this.#misnamed(name);
      if (block !== undefined) renamed.add(block);
      if (block !== undefined && spans.length > 1) this.#reportMisnamed(block, name, spans);
      else this.#reportUnknown(name, spans);
    }
    return renamed;
  }

  /** A block that is never called and has nearly this name. */
  #misnamed(name: string): RouteBlock | undefined {
    const routes = this.#context.facts.routes.get("request");
    const meant = didYouMean(name, routes?.keys() ?? []);
    if (meant === undefined || meant === "0") return undefined;
    return this.#used.get("request")?.has(meant) === true ? undefined : routes?.get(meant);
  }

  #reportUnknown(name: string, [first, ...others]: readonly Span[]): void {
    if (first === undefined) return;
    const meant = didYouMean(name, this.#context.facts.routes.get("request")?.keys() ?? []);
    this.#context.report(checkCodes.unknownRoute, first, this.#sentence(name), {
      help: meant === undefined || meant === "0" ? undefined : `did you mean route(${meant})?`,
      related: others.map((span) => ({ span, message: "also called here" })),
    });
  }

  #reportMisnamed(block: RouteBlock, name: string, spans: readonly Span[]): void {
    const message = `route[${block.name.text}] is never called, while route(${name}) is called and does not exist`;
    this.#context.report(checkCodes.unknownRoute, block.name.span, message, {
      help: `did you mean route[${name}]?`,
      related: spans.map((span) => ({ span, message: "called here" })),
    });
  }

  #sentence(name: string): string {
    for (const kind of ["failure", "reply", "branch"] as const) {
      const block = this.#context.facts.routes.get(kind)?.get(name);
      if (block === undefined) continue;
      return `there is no route[${name}], only ${block.keyword}[${name}]`;
    }
    return `there is no route[${name}]`;
  }

  #isUnused(kind: RouteKind, block: RouteBlock): boolean {
    const name = block.name.text;
    if (name === "0" || this.#used.get(kind)?.has(name) === true) return false;
    if (this.#mentioned.has(name)) return false;
    for (const text of this.#context.facts.paramTexts) {
      if (text === name || text.includes(`=${name}`)) return false;
    }
    return true;
  }

  #reportUnused(block: RouteBlock): void {
    const message = `${block.keyword}[${block.name.text}] is never run`;
    this.#context.report(checkCodes.unusedRoute, block.name.span, message);
  }
}
