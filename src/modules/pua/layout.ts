/** The table of pua in Kamailio's layout, version 7. */
import type { Column, TableLayout } from "../../runtime/storage/storage.ts";

const text = (name: string, size: number): Column => ({ name, type: "string", size });
const number = (name: string): Column => ({ name, type: "int" });

/** `name` is the value of `db_table`. */
export function puaLayout(name: string): TableLayout {
  return {
    name,
    version: 7,
    columns: [
      text("pres_uri", 255),
      text("pres_id", 255),
      number("event"),
      number("expires"),
      number("desired_expires"),
      number("flag"),
      text("etag", 128),
      { ...text("tuple_id", 64), isNullable: true },
      text("watcher_uri", 255),
      text("call_id", 255),
      text("to_tag", 128),
      text("from_tag", 128),
      number("cseq"),
      { name: "record_route", type: "text", isNullable: true },
      text("contact", 255),
      text("remote_contact", 255),
      number("version"),
      { name: "extra_headers", type: "text" },
    ],
    unique: [["etag", "tuple_id", "call_id", "from_tag"]],
    indexes: [["expires"], ["pres_id", "pres_uri"], ["call_id", "from_tag"], ["pres_id"]],
  };
}
