/** Rows of figures from samples, and the tables that a terminal shows. */
import { figure } from "./compare.mjs";

/** What the project promises: CPU time as against Kamailio's, by mode, the 99th percentile of answers at half load, and that none is lost there. */
const goals = { options: 0.8, register: 0.8, relay: 0.7, lookup: 0.6 };
const goalOfPublishing = 0.7;
const p99AllowanceMs = 2;

const goalOf = ({ config, mode }) => (config === "publishing" ? goalOfPublishing : goals[mode]);

/** Whether a row keeps the promises; null where there is nothing to compare with. */
function keepsGoals(row) {
  const own = row.olelo?.half_p99_ms;
  const theirs = row.kamailio?.half_p99_ms;
  if (row.ratio === null || typeof own !== "number" || typeof theirs !== "number") return null;
  if (row.olelo.half_lost > 0) return false;
  return row.ratio <= row.goal && own <= theirs + p99AllowanceMs;
}

const most = (samples, name) => Math.max(0, ...(samples ?? []).map((one) => one[name]));
const rounded = (value, digits) => (value === undefined ? null : Number(value.toFixed(digits)));
const ratio = (own, theirs) =>
  own === undefined || theirs === undefined ? null : rounded(own / theirs, 2);

/** What one kind of server did in a mode; times in milliseconds, cost in microseconds of CPU time for a transaction. */
function sideOf(result, kind) {
  const full = result.full[kind];
  const half = result.half[kind];
  if (full === undefined) return null;
  return {
    cpu_us: rounded(figure(full, "cpu_us_per_tx"), 1),
    per_second: rounded(figure(full, "per_second"), 0),
    half_p50_ms: rounded(figure(half, "p50_ms"), 2),
    half_p99_ms: rounded(figure(half, "p99_ms"), 2),
    megabytes: rounded(result.memory[kind], 0),
    lost: most(full, "lost") + most(half, "lost"),
    half_lost: most(half, "lost"),
    non_2xx: most(full, "non_2xx") + most(half, "non_2xx"),
    silent_rounds: [...full, ...(half ?? [])].filter((one) => one.done === 0).length,
  };
}

/** One row for each mode of each configuration. */
export function rowsOf(results) {
  return results.map((result) => {
    const row = {
      config: result.config,
      mode: result.mode,
      goal: goalOf(result),
      ratio: ratio(
        figure(result.full.olelo, "cpu_us_per_tx"),
        figure(result.full.kamailio, "cpu_us_per_tx"),
      ),
      half_rate: rounded(result.rate, 0),
      olelo: sideOf(result, "olelo"),
      kamailio: sideOf(result, "kamailio"),
      echo: sideOf(result, "echo"),
    };
    return { ...row, keeps_goals: keepsGoals(row) };
  });
}

const shown = (value) => (value === null || value === undefined ? "-" : String(value));
const both = (row, name) => `${shown(row.olelo?.[name])} / ${shown(row.kamailio?.[name])}`;

/** The comparison as text: first what a transaction costs, then what a caller sees at half load. */
export function printRows(rows) {
  const echo = rows.find((row) => row.echo !== null)?.echo;
  const table = rows.map((row) => ({
    config: row.config,
    mode: row.mode,
    "olelo us": shown(row.olelo?.cpu_us),
    "kamailio us": shown(row.kamailio?.cpu_us),
    ratio: shown(row.ratio),
    goal: shown(row.goal),
    "per second": both(row, "per_second"),
    "half load/s": shown(row.half_rate),
    "p50 ms": both(row, "half_p50_ms"),
    "p99 ms": both(row, "half_p99_ms"),
    MB: both(row, "megabytes"),
    lost: both(row, "lost"),
    "non-2xx": both(row, "non_2xx"),
  }));
  console.log(
    "\nCPU time per transaction; pairs are olelo / Kamailio; times of answers at half load",
  );
  console.table(table);
  if (echo)
    console.log(`a bare UDP echo with node:dgram takes ${echo.cpu_us} us (${echo.per_second}/s)`);
  for (const row of rows)
    for (const kind of ["olelo", "kamailio"])
      if (row[kind]?.silent_rounds > 0)
        console.log(
          `${kind} gave no answer in ${row[kind].silent_rounds} rounds of ${row.config} ${row.mode}`,
        );
}
