/** Adding Record-Route headers (RFC 3261, 16.6 step 4). */
import type { ScriptContext, SendContext } from "../../runtime/context.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import type { RouteStates, RouteState } from "./state.ts";

export interface RecordRouteSettings {
  readonly enable_full_lr: boolean;
  readonly append_fromtag: boolean;
  readonly enable_double_rr: number;
  readonly add_username: boolean;
  readonly ignore_sips: boolean;
  readonly sockname_mode: boolean;
}

/** Builds the headers of one engine. */
export class RecordRoute {
  readonly #settings: RecordRouteSettings;
  readonly #states: RouteStates;
  /** The user part to add, from custom_user_avp. */
  readonly #customUser: ((context: ScriptContext) => string) | undefined;

  constructor(
    settings: RecordRouteSettings,
    states: RouteStates,
    customUser: ((context: ScriptContext) => string) | undefined,
  ) {
    this.#settings = settings;
    this.#states = states;
    this.#customUser = customUser;
  }

  /** Header for the sockets that the request comes in and goes out by. 1, or -1 when there is one already. */
  record(context: ScriptContext, params: string): number {
    const state = this.#begin(context);
    if (state === undefined) return -1;
    const start = this.#start(context);
    const end = `${this.#settings.enable_full_lr ? ";lr=on" : ";lr"}${this.#fromTag(context)}${params}`;
    const double = this.#settings.enable_double_rr;
    const received = context.socket;
    this.#insert(context, state, (send) => {
      const tail = `${end}${state.extraParams}>\r\n`;
      if (double === 0 || (double === 1 && send.socket === received)) {
        return `${start}${this.#address(received)}${tail}`;
      }
      const outgoing = `${start}${this.#address(send.socket)};r2=on${tail}`;
      return `${outgoing}${start}${this.#address(received)};r2=on${tail}`;
    });
    return 1;
  }

  /** Headers with given addresses: of the outgoing side, and of the incoming side if there is a second one. */
  preset(context: ScriptContext, addresses: readonly string[]): number {
    const state = this.#begin(context);
    if (state === undefined) return -1;
    const start = this.#start(context);
    const end = `${this.#fromTag(context)}${this.#settings.enable_full_lr ? ";lr=on" : ";lr"}`;
    this.#insert(context, state, () =>
      addresses.map((address) => `${start}${address}${end}${state.extraParams}>\r\n`).join(""),
    );
    return 1;
  }

  remove(context: ScriptContext): number {
    const state = this.#states.peek(context);
    if (state?.isRecorded === true) {
      state.isRecorded = false;
      state.generation++;
      state.extraParams = "";
    }
    return 1;
  }

  #begin(context: ScriptContext): RouteState | undefined {
    if (!context.msg.isRequest) return undefined;
    const state = this.#states.of(context);
    if (state.isRecorded) {
      context.services.log.error("the request has a Record-Route of ours already");
      return undefined;
    }
    state.isRecorded = true;
    return state;
  }

  /** The text is made when the message is sent: only then its socket and all parameters are known. */
  #insert(context: ScriptContext, state: RouteState, text: (send: SendContext) => string): void {
    // A header that was taken back keeps its place in the list of edits, without text.
    const generation = state.generation;
    context.edits.insertHeader(context.msg, (send) =>
      state.generation === generation ? text(send) : "",
    );
  }

  #start(context: ScriptContext): string {
    const secure = !this.#settings.ignore_sips && context.uriParts?.scheme === "sips";
    const scheme = secure ? "Record-Route: <sips:" : "Record-Route: <sip:";
    if (!this.#settings.add_username) return scheme;
    const user = this.#customUser?.(context) || (context.msg.uri?.user ?? "");
    return user === "" ? scheme : `${scheme}${user}@`;
  }

  #fromTag(context: ScriptContext): string {
    if (!this.#settings.append_fromtag) return "";
    const isUpstream = this.#states.direction(context) === "upstream";
    const tag = isUpstream ? context.msg.toTag : context.msg.fromTag;
    return tag === "" ? "" : `;ftag=${tag}`;
  }

  /** `host:port;transport`; the default port and UDP are not written. */
  #address(socket: ListenSocket): string {
    const port = socket.viaPort === 5060 ? "" : `:${socket.viaPort}`;
    const transport = socket.proto === "udp" ? "" : `;transport=${socket.proto}`;
    const hasName = this.#settings.sockname_mode && socket.name !== undefined;
    return `${socket.viaHost}${port}${transport}${hasName ? `;sn=${socket.name}` : ""}`;
  }
}
