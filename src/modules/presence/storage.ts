/** Where presence keeps its state beside memory, as its parameters say. */
import type { Timer } from "../../runtime/clock.ts";
import type { ModuleEnvironment } from "../../runtime/module.ts";
import type { CommitWait } from "../../runtime/notifier/commit.ts";
import { SubscriptionJournal } from "../../runtime/notifier/journal.ts";
import type { Notifier } from "../../runtime/notifier/notifier.ts";
import { ownsResource } from "../../runtime/notifier/owner.ts";
import { Resumption } from "../../runtime/notifier/resumption.ts";
import { DIALOG_KEY, isTableName, watchersLayout } from "../../runtime/notifier/rows.ts";
import { openDatabase, prepareTables } from "../../runtime/storage/databases.ts";
import type { Database, TableLayout } from "../../runtime/storage/storage.ts";
import { WriteQueue } from "../../runtime/storage/write-queue.ts";
import { DECISION_KEY, Decisions, decisionsLayout } from "./decisions.ts";
import { PublicationJournal, presentityLayout } from "./publication-journal.ts";
import type { Publications } from "./publish.ts";
import type { presence } from "./spec.ts";

/** Parameters that name tables. */
const TABLES = ["presentity_table", "active_watchers_table", "watchers_table"] as const;

type Environment = ModuleEnvironment<typeof presence>;

/** Longest time in milliseconds that write-back holds a row back. */
const WRITE_BACK_MS = 1000;
/** The same where nothing is to be written but at a clean stop. */
const NEVER_MS = 2_000_000_000;

/** The journals of one engine. */
export class PresenceStorage {
  readonly publications: PublicationJournal | undefined;
  readonly subscriptions: SubscriptionJournal | undefined;
  readonly decisions: Decisions | undefined;
  readonly #env: Environment;
  readonly #database: Database;
  readonly #layouts: TableLayout[] = [];
  readonly #resumption: Resumption;
  #cleaning: Timer | undefined;

  constructor(env: Environment, url: string) {
    const { params, services } = env;
    this.#env = env;
    this.#database = openDatabase(env, "db_url", url);
    for (const name of TABLES) {
      if (!isTableName(params[name])) env.fail(name, `"${params[name]}" cannot name a table`);
    }
    this.#resumption = new Resumption(services.clock, () => params.restore_rate);
    if (params.publ_cache < 2) this.publications = this.#publications();
    const mode = params.subs_db_mode;
    if (mode === 0) return;
    if (mode === 3) {
      const says = "subscriptions are held in memory too, so servers cannot share them";
      env.warn("subs_db_mode", `${says}: as subs_db_mode 1`);
    }
    this.subscriptions = this.#subscriptions(mode === 2);
    const table = params.watchers_table;
    const queue = this.#queue(decisionsLayout(table), DECISION_KEY, WRITE_BACK_MS);
    this.decisions = new Decisions(this.#database, table, queue, services.clock);
  }

  /** Makes the tables, and goes on where the process before this one ended. */
  async start(publications: Publications, notifier: Notifier): Promise<void> {
    const { params, services } = this.#env;
    await prepareTables(this.#env, "db_url", this.#database, this.#layouts);
    const published = (await this.publications?.load()) ?? [];
    for (const one of published) {
      if (ownsResource(services, one.resource)) publications.restore(one);
    }
    const restored = await this.subscriptions?.restore(notifier, services);
    this.#resumption.begin(restored ?? [], true);
    const { decisions } = this;
    if (decisions !== undefined && params.clean_period > 0) {
      this.#cleaning = services.clock.every(params.clean_period * 1000, () => {
        void decisions.clean();
      });
    }
  }

  async stop(notifier: Notifier): Promise<void> {
    this.#cleaning?.cancel();
    this.#resumption.stop();
    await Promise.all([
      this.publications?.stop(),
      this.subscriptions?.stop(notifier.subscriptions()),
      this.decisions?.stop(),
    ]);
  }

  #publications(): PublicationJournal {
    const { params, services } = this.#env;
    const layout = presentityLayout(params.presentity_table);
    return new PublicationJournal({
      database: this.#database,
      table: layout.name,
      queue: this.#queue(layout, ["ruid"], 0),
      clock: services.clock,
      wait: this.#wait(),
    });
  }

  #subscriptions(isWriteBack: boolean): SubscriptionJournal {
    const { params, services } = this.#env;
    const layout = watchersLayout(params.active_watchers_table);
    const delayMs = params.db_update_period > 0 ? WRITE_BACK_MS : NEVER_MS;
    const wait = this.#wait();
    return new SubscriptionJournal({
      database: this.#database,
      table: layout.name,
      queue: this.#queue(layout, DIALOG_KEY, isWriteBack ? delayMs : 0),
      clock: services.clock,
      log: services.log,
      wait: () => (isWriteBack ? { ...wait(), ms: 0 } : wait()),
    });
  }

  /** How long replies wait; those that did not wait to the end are counted. */
  #wait(): () => CommitWait {
    const { params, services } = this.#env;
    const doc = "Replies that did not wait until the database had their state";
    const early = services.statistics.counter("presence", "early_replies", doc);
    const overdue = (): void => {
      early.value++;
    };
    return () => ({ ms: params.db_reply_wait, overdue });
  }

  #queue(layout: TableLayout, key: readonly string[], delayMs: number): WriteQueue {
    const { clock, log, statistics } = this.#env.services;
    this.#layouts.push(layout);
    const database = this.#database;
    const options = { database, table: layout.name, key, clock, log, statistics, delayMs };
    return new WriteQueue({ ...options, group: "presence" });
  }
}
