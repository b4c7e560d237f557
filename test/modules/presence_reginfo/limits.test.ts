/** What publishers can make a presence server keep and send. */
import { describe, expect, it } from "vitest";
import { documentOf } from "../../support/watcher.ts";
import { PresenceServer, published } from "../presence/harness.ts";

const contacts = (from: number, to: number): string[] =>
  Array.from(
    { length: to - from },
    (_all, i) => `c${from + i} sip:c${from + i}@10.0.0.1 registered 500`,
  );

describe("row 40: publications", () => {
  it("are as many for one resource as max_resource_publications says", async () => {
    const server = await PresenceServer.start({
      settings: { "presence.max_resource_publications": 2 },
    });
    const status = async (tag?: string) =>
      (await server.publish(published(contacts(0, 1)), tag === undefined ? {} : { tag })).reply
        ?.message.statusCode;
    const first = await server.publish(published(contacts(0, 1)));
    expect(await status()).toBe(200);
    expect(await status()).toBe(503);
    expect(await status(first.tag)).toBe(200);
    const bob = { resource: "sip:bob@example.test" };
    const other = await server.publish(published([], { aor: bob.resource }), bob);
    expect(other.reply?.message.statusCode).toBe(200);
  });

  it("make documents of no more contacts than max_contacts says", async () => {
    const server = await PresenceServer.start({ settings: { "presence_reginfo.max_contacts": 5 } });
    const watcher = server.watcher();
    await watcher.subscribe();
    await server.publish(published(contacts(0, 4)), {}, watcher);
    const { notifies } = await server.publish(published(contacts(4, 8)), {}, watcher);
    const [registration] = documentOf(notifies[0]).registrations;
    expect(registration?.contacts).toHaveLength(5);
    // The newest publication comes first.
    expect(registration?.contacts[0]?.uri).toBe("sip:c4@10.0.0.1");
  });
});
