/** What is remembered of contacts beside their tables. */
import { describe, expect, it } from "vitest";
import { ContactHistory } from "../../../src/modules/reginfo/history.ts";
import { type Contact, ContactInfo } from "../../../src/modules/usrloc/contact.ts";
import { Location } from "../../../src/modules/usrloc/location.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { locationSettings } from "../usrloc/location-settings.ts";

function makeContacts(cachedContacts: number) {
  const settings = { ...locationSettings, cachedContacts };
  const table = new Location(new VirtualClock(), settings, () => {}).table("location");
  const info = Object.assign(new ContactInfo(), { uri: "sip:a", instance: "<i>", expires: 2e9 });
  return { table, info, contact: table.insert("alice", info) };
}

describe.each([0, 100])("with %i contacts kept as objects", (cached) => {
  it("belongs to the contact, whatever object shows it", () => {
    const history = new ContactHistory(0, undefined);
    const { table, info, contact } = makeContacts(cached);
    history.noteEvent(contact, "shortened");
    const shown = history.show(contact);
    info.uri = "sip:b";
    table.update(contact, info);
    const again = table.first("alice") as Contact;
    expect(history.event(again)).toBe("shortened");
    expect(history.ids(again).former).toEqual({ id: shown, uri: "sip:a" });
  });

  it("is forgotten when it goes", () => {
    const history = new ContactHistory(0, undefined);
    const { table, info, contact } = makeContacts(cached);
    history.changed(contact, "inserted", null);
    history.show(contact);
    table.remove(contact, "removed");
    info.uri = "sip:b";
    history.forget(contact);
    const next = table.insert("alice", info);
    for (const one of [contact, next]) {
      expect([history.event(one), history.ids(one).former]).toEqual(["registered", undefined]);
    }
  });
});
