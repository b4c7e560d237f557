/** Declaration of db_sqlite: databases in SQLite files. */
import { declareModule } from "../../runtime/module.ts";

export const dbSqlite = declareModule()({
  name: "db_sqlite",
  doc: "Databases in SQLite files, for modules with a `db_url` such as `sqlite:////var/lib/olelo/olelo.db`.",
  storage: "sqlite",
  params: {
    db_set_readonly: {
      type: "str",
      multiple: true,
      doc: "Path of a database file that is only read; each line adds one. What modules want to write there is refused.",
    },
    db_set_journal_mode: {
      type: "str",
      multiple: true,
      doc: "`PATH=MODE`: journal mode of a database file, DELETE, TRUNCATE, PERSIST, MEMORY, WAL or OFF; each line adds one.",
      departs: "A file that is not named gets the mode WAL; Kamailio leaves it as it is.",
    },
  },
  notes: [
    {
      title: "URLs",
      text: "What stands behind `sqlite:///` is the path of the file: `sqlite:////var/lib/olelo/olelo.db` is absolute, `sqlite:///olelo.db` lies in the working directory (`-w`). As in Kamailio 5.6.3.",
    },
    {
      title: "Tables",
      text: "A file, and tables in it, that are missing are made, in Kamailio's layout, with their line in the table `version`. A table with another version is refused at start. Kamailio and olelo can use each other's files, one after the other.",
    },
    {
      title: "When the database is away",
      text: "All reading and writing is done by a thread for each file, so that messages never wait for a disk. When a file cannot be used (disk full, locked for longer than three seconds, gone) this is logged once, and what is to be written waits in memory and is tried again, after one second at first and every 30 seconds later. A file that is gone is made anew with its tables; usrloc writes all contacts again, what other modules keep comes back as it changes.",
    },
    {
      title: "Statistics",
      text: "`db_sqlite.queries`, `db_sqlite.errors`, `db_sqlite.waiting`, `db_sqlite.reconnects`.",
    },
  ],
});
