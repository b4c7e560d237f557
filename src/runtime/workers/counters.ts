/** What statistics show of handing over messages between workers. */
import type { Statistics } from "../services.ts";
import type { WorkerGroup } from "./group.ts";

/** Adds the group `workers`. */
export function countWorkers(statistics: Statistics, group: WorkerGroup): void {
  const { counters } = group;
  const gauge = (name: string, read: () => number, doc: string): void =>
    statistics.gauge("workers", name, read, doc);
  gauge("handed_over", () => counters.handedOver, "Packets given to the worker they belong to.");
  gauge("taken_over", () => counters.takenOver, "Packets that another worker received.");
  gauge("dropped", () => counters.dropped, "Packets whose worker had no room or was not there.");
  gauge("calls", () => counters.calls, "Questions to other workers.");
}
