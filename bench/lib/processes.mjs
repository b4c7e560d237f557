/** Processes of this machine, as the system tells of them: which belong together, their processor time, their memory. */
import { readdirSync, readFileSync } from "node:fs";

/** What is read of `/proc/PID/stat`: process group, and ticks of processor time. */
function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { group: Number(fields[2]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** What the function gives for each process of a group. */
function ofGroup(group, read) {
  const results = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = statOf(entry);
      if (stat.group === Number(group)) results.push(read(Number(entry), stat));
    } catch {
      // It has ended meanwhile.
    }
  }
  return results;
}

function sum(list) {
  return list.reduce((total, one) => total + one, 0);
}

/** Numbers of the processes of a group. */
export function processesOf(group) {
  return ofGroup(group, (pid) => pid);
}

/** Seconds of processor time that a process has used. */
export function processorSeconds(pid) {
  return statOf(pid).ticks / 100;
}

/** Seconds of processor time that the processes of a group have used. */
export function groupProcessorSeconds(group) {
  return sum(ofGroup(group, (_pid, { ticks }) => ticks)) / 100;
}

/** Resident memory of all processes of a group, in megabytes; what they share is counted once. */
export function residentMegabytes(group) {
  const kilobytes = ofGroup(group, (pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  });
  return sum(kilobytes) / 1024;
}
