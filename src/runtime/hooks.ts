/** The points in the life of a message where modules step in. */
import type { ScriptContext } from "./context.ts";
import type { Hooks } from "./services.ts";

type Check = (context: ScriptContext) => boolean;
type Notice = (context: ScriptContext) => void;
type ReplyHandler = (context: ScriptContext) => boolean | Promise<boolean>;
type LocalReplyNotice = (context: ScriptContext, status: number, text: string) => void;

/** Registered handlers; the dispatcher and the sender go through the lists. */
export class HookLists implements Hooks {
  readonly requestChecks: Check[] = [];
  readonly requestEnds: Notice[] = [];
  readonly replyChecks: Check[] = [];
  readonly replyHandlers: ReplyHandler[] = [];
  readonly localReplies: LocalReplyNotice[] = [];

  beforeRequest(handler: Check): void {
    this.requestChecks.push(handler);
  }
  afterRequest(handler: Notice): void {
    this.requestEnds.push(handler);
  }
  beforeReply(handler: Check): void {
    this.replyChecks.push(handler);
  }
  onReply(handler: ReplyHandler): void {
    this.replyHandlers.push(handler);
  }
  onLocalReply(handler: LocalReplyNotice): void {
    this.localReplies.push(handler);
  }
}
