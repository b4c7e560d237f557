/** Keeps subscriptions in a database, and takes them up again when the engine starts. */
import type { ModuleEnvironment } from "../../runtime/module.ts";
import { SubscriptionJournal } from "../../runtime/notifier/journal.ts";
import type { Notifier } from "../../runtime/notifier/notifier.ts";
import { Resumption } from "../../runtime/notifier/resumption.ts";
import { DIALOG_KEY, isTableName, watchersLayout } from "../../runtime/notifier/rows.ts";
import { openDatabase, prepareTables } from "../../runtime/storage/databases.ts";
import type { Database, TableLayout } from "../../runtime/storage/storage.ts";
import { WriteQueue } from "../../runtime/storage/write-queue.ts";
import type { Timer } from "../../runtime/clock.ts";
import type { reginfo } from "./spec.ts";

type Environment = ModuleEnvironment<typeof reginfo>;

/** The table: that of presence, with what a subscription is allowed to see. */
export function reginfoLayout(name: string): TableLayout {
  return watchersLayout(name, [
    { name: "location_table", type: "string", size: 64 },
    { name: "is_owner", type: "int", default: 0 },
    { name: "is_trusted", type: "int", default: 0 },
  ]);
}

/** The journal of one engine, with what follows a restart. */
export class ReginfoStorage {
  readonly journal: SubscriptionJournal;
  readonly #env: Environment;
  readonly #database: Database;
  readonly #layout: TableLayout;
  readonly #resumption: Resumption;
  #grace: Timer | undefined;

  constructor(env: Environment, url: string) {
    const { params, services } = env;
    const { clock, log, statistics } = services;
    this.#env = env;
    this.#database = openDatabase(env, "db_url", url);
    const { db_table: table } = params;
    if (!isTableName(table)) env.fail("db_table", `"${table}" cannot name a table`);
    this.#layout = reginfoLayout(table);
    this.#resumption = new Resumption(clock, () => params.restore_rate);
    const doc = "Replies that did not wait until the database had their subscription";
    const early = statistics.counter("reginfo", "early_replies", doc);
    const overdue = (): void => {
      early.value++;
    };
    const database = this.#database;
    const options = { database, table, key: DIALOG_KEY, clock, log, statistics };
    this.journal = new SubscriptionJournal({
      database,
      table,
      queue: new WriteQueue({ ...options, group: "reginfo" }),
      clock,
      log,
      wait: () => ({ ms: params.db_reply_wait, overdue }),
    });
  }

  /** Whether tables may lack contacts that watchers know from an earlier process. */
  get isIncomplete(): boolean {
    return this.#grace?.isPending === true;
  }

  /** Takes subscriptions up again. To be called when the location tables are there. */
  async start(notifier: Notifier): Promise<void> {
    const { params, services } = this.#env;
    await prepareTables(this.#env, "db_url", this.#database, [this.#layout]);
    const restored = await this.journal.restore(notifier, services);
    if (restored.length === 0) return;
    const location = services.params("usrloc");
    const isTableKept = location?.["db_mode"] !== 0 && location?.["db_load"] !== false;
    if (isTableKept || params.restart_grace === 0) {
      this.#resumption.begin(restored, true);
      return;
    }
    services.log.info(
      `the location tables begin empty: watchers hear what is missing in ${params.restart_grace} seconds`,
    );
    this.#grace = services.clock.after(params.restart_grace * 1000, () => {
      this.#resumption.begin(notifier.subscriptions(), false);
    });
  }

  stop(notifier: Notifier): Promise<void> {
    this.#grace?.cancel();
    this.#resumption.stop();
    return this.journal.stop(notifier.subscriptions());
  }
}
