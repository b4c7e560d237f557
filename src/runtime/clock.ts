/** Time from outside: the one place that knows the machine's clock. */
import { TimerWheel } from "./timer-wheel.ts";

/** A pending call. */
export interface Timer {
  readonly isPending: boolean;
  cancel(): void;
  /** Starts it again from now on (once), whether it is pending or not; no new object is made. */
  restart(delayMs: number): void;
}

/** Where time comes from. Tests use `VirtualClock`. */
export interface Clock {
  /** Milliseconds since some fixed point; never goes back. */
  now(): number;
  /** Wall clock time in milliseconds since 1970. */
  wallTime(): number;
  /** Calls back once, no earlier than after `delayMs`, at most one tick of the wheel late. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back every `intervalMs` until cancelled. */
  every(intervalMs: number, callback: () => void): Timer;
  /** CPU-precise time for `$TV(m)` and benchmarks, in microseconds. */
  microseconds(): number;
}

/** A tick of the machine's clock in milliseconds: what a timer may be late. */
const systemTickMs = 10;

/** The longest sleep of the machine's timer; the wheel is looked at again after it. */
const longestSleepMs = 60_000;

/** The machine's clock. Its timers do not keep the process alive; `close` cancels the wake-up. */
export class SystemClock implements Clock {
  /** Called with what a timer's callback threw; a fault in one must not stop the others. */
  onFault: (error: unknown) => void;
  readonly #wheel: TimerWheel;
  #wakeUp: NodeJS.Timeout | null = null;
  #wakeAt = Infinity;
  readonly #wake = (): void => this.#run();

  constructor(onFault: (error: unknown) => void = rethrowLater) {
    this.onFault = onFault;
    this.#wheel = new TimerWheel({
      tickMs: systemTickMs,
      now: () => performance.now(),
      onEarlier: (at) => this.#arm(at),
      onFault: (error) => this.onFault(error),
    });
  }

  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return Date.now();
  }

  microseconds(): number {
    return Math.floor(performance.now() * 1000);
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#wheel.add(delayMs, callback, 0);
  }

  every(intervalMs: number, callback: () => void): Timer {
    return this.#wheel.add(intervalMs, callback, Math.max(systemTickMs, intervalMs));
  }

  /** Stops waking up; pending timers never fire. */
  close(): void {
    if (this.#wakeUp !== null) clearTimeout(this.#wakeUp);
    this.#wakeUp = null;
    this.#wheel.clear();
    this.#wakeAt = Infinity;
  }

  #arm(at: number): void {
    if (at >= this.#wakeAt) return;
    if (this.#wakeUp !== null) clearTimeout(this.#wakeUp);
    this.#wakeAt = at;
    const delay = Math.min(longestSleepMs, Math.max(1, Math.ceil(at - performance.now())));
    this.#wakeUp = setTimeout(this.#wake, delay);
    this.#wakeUp.unref();
  }

  #run(): void {
    this.#wakeUp = null;
    // Timers started by the callbacks must not arm once each: the next wake-up is set below.
    this.#wakeAt = -Infinity;
    this.#wheel.advance(performance.now());
    this.#wakeAt = Infinity;
    const next = this.#wheel.nextDue();
    if (next !== undefined) this.#arm(next);
  }
}

/** Calls back once what came in together has been worked through: before the event loop waits again. */
export function atEndOfTurn(callback: () => void): void {
  setImmediate(callback);
}

/** Milliseconds of a clock that never goes back: how long a turn takes, which no test has to foresee. */
export function turnClock(): number {
  return performance.now();
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A clock that stands still until it is told to go on. Millisecond exact. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #epoch: number;
  readonly #wheel: TimerWheel;
  #fault: { readonly error: unknown } | null = null;

  /** `epochMs` is the wall clock time at the start. */
  constructor(epochMs = 1_700_000_000_000) {
    this.#epoch = epochMs;
    this.#wheel = new TimerWheel({
      tickMs: 1,
      now: () => this.#now,
      onEarlier: () => undefined,
      onFault: (error) => {
        this.#fault ??= { error };
      },
    });
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#epoch + this.#now;
  }

  microseconds(): number {
    return this.#now * 1000;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#wheel.add(delayMs, callback, 0);
  }

  every(intervalMs: number, callback: () => void): Timer {
    return this.#wheel.add(intervalMs, callback, Math.max(1, intervalMs));
  }

  /**
   * Lets time pass: runs what falls due, in order, each at its own time. In between, everything that waits for promises is
   * let go on. The first error that a timer threw is thrown at the end.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await this.settle();
    for (;;) {
      const due = this.#wheel.nextDue();
      if (due === undefined || due > target) break;
      this.#now = Math.max(this.#now, due);
      this.#wheel.advance(this.#now);
      await this.settle();
    }
    this.#now = target;
    this.#wheel.advance(target);
    await this.settle();
    const fault = this.#fault;
    this.#fault = null;
    if (fault !== null) throw fault.error as Error;
  }

  /** Lets everything go on that only waits for promises. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#wheel.size;
  }
}

const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Local time as C's `ctime` writes it, without line end: `Mon Nov 23 05:53:11 2026`. */
export function ctime(wallTimeMs: number): string {
  const date = new Date(wallTimeMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = String(date.getDate()).padStart(2, " ");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const names = `${dayNames[date.getDay()] ?? ""} ${monthNames[date.getMonth()] ?? ""}`;
  return `${names} ${day} ${time} ${date.getFullYear()}`;
}
