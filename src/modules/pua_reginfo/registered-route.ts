/** event_route[pua_reginfo:registered]: runs for each user who has registered at a server that is followed. */
import type { Services } from "../../runtime/services.ts";
import { parseUri } from "../../sip/uri.ts";
import { aorUri } from "../registration-state.ts";
import type { Contact, ContactChange, UsrlocApi, UsrlocListener } from "../usrloc/spec.ts";
import { MirrorSource } from "./mirror-source.ts";

const ROUTE = "pua_reginfo:registered";

/** Seconds that a lifetime must have grown by to be a new registration: full documents repeat rounded ones. */
const GROWTH = 5;

/** What tells one registration of a contact from the next. */
interface Registration {
  readonly expires: number;
  readonly callId: string;
  readonly cseq: number;
}

/** Starts to listen, if the configuration has the route. */
export function runRegisteredRoute(services: Services, location: UsrlocApi): void {
  if (services.routes.has("event", ROUTE)) location.listen(new RegisteredRoute(services));
}

class RegisteredRoute implements UsrlocListener {
  readonly #services: Services;
  /** By the ids of contacts. */
  readonly #known = new Map<number, Registration>();
  /** Users whose turn is to come. */
  readonly #waiting = new Set<string>();
  #isRunning = false;

  constructor(services: Services) {
    this.#services = services;
  }

  changed(contact: Contact, change: ContactChange): void {
    const { id, owner, expires, callId, cseq } = contact;
    if (change === "removed" || !(owner instanceof MirrorSource)) {
      this.#known.delete(id);
      return;
    }
    const known = this.#known.get(id);
    this.#known.set(id, { expires, callId, cseq });
    if (change === "updated" && known !== undefined && !isNewer(contact, known)) return;
    const domain = parseUri(owner.resource)?.host ?? "";
    if (domain !== "" || contact.aor.includes("@")) this.#waiting.add(aorUri(contact.aor, domain));
  }

  settled(): void {
    if (this.#isRunning || this.#waiting.size === 0) return;
    this.#isRunning = true;
    // Not within the NOTIFY: that is answered first.
    this.#services.clock.after(0, () => void this.#run());
  }

  /** One user after the other, so that thousands at once do not all wait for the same database. */
  async #run(): Promise<void> {
    for (const uri of this.#waiting) {
      this.#waiting.delete(uri);
      const context = this.#services.eventContext();
      context.scope = "event";
      context.newUri = uri;
      await this.#services.routes.run("event", ROUTE, context);
    }
    this.#isRunning = false;
  }
}

/** Whether there has been a REGISTER since. */
function isNewer(contact: Contact, known: Registration): boolean {
  const isSameRequest = contact.cseq === known.cseq && contact.callId === known.callId;
  return !isSameRequest || contact.expires > known.expires + GROWTH;
}
