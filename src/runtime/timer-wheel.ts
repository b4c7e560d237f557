/** A hierarchical timer wheel: adding and cancelling cost the same however many timers are pending. */
import type { Timer } from "./clock.ts";

const slotBits = 8;
const slotCount = 1 << slotBits;
const slotMask = slotCount - 1;
const levelCount = 4;
/** Furthest tick ahead that fits; later timers are put on the last slot and looked at again there. */
const farthest = slotCount ** levelCount - 1;

export interface TimerWheelOptions {
  /** Length of a tick in milliseconds. */
  readonly tickMs: number;
  /** Time in milliseconds. */
  readonly now: () => number;
  /** Told when a timer was added that may fall due before all others, with its time. */
  readonly onEarlier: (atMs: number) => void;
  /** Given what a callback threw. */
  readonly onFault: (error: unknown) => void;
}

/** A timer, and the node of the list of its slot. */
class WheelTimer implements Timer {
  next: WheelTimer | null = null;
  previous: WheelTimer | null = null;
  due = 0;
  readonly intervalMs: number;
  readonly callback: () => void;
  readonly wheel: TimerWheel;

  constructor(wheel: TimerWheel, callback: () => void, intervalMs: number) {
    this.wheel = wheel;
    this.callback = callback;
    this.intervalMs = intervalMs;
  }

  get isPending(): boolean {
    return this.next !== null;
  }

  cancel(): void {
    this.wheel.remove(this);
  }

  restart(delayMs: number): void {
    this.wheel.remove(this);
    this.wheel.insert(this, delayMs);
  }
}

/**
 * Four levels of 256 slots. A timer that is due within 256 ticks lies in the slot of its tick; later ones lie in coarser slots
 * and move down when their time comes near.
 */
export class TimerWheel {
  readonly #options: TimerWheelOptions;
  readonly #slots: WheelTimer[] = [];
  /** Ticks up to and including this one have been run. */
  #tick: number;
  #size = 0;

  constructor(options: TimerWheelOptions) {
    this.#options = options;
    this.#tick = Math.floor(options.now() / options.tickMs);
    for (let i = 0; i < levelCount * slotCount; i++) {
      const head = new WheelTimer(this, ignore, 0);
      head.next = head;
      head.previous = head;
      this.#slots.push(head);
    }
  }

  /** Number of pending timers. */
  get size(): number {
    return this.#size;
  }

  add(delayMs: number, callback: () => void, intervalMs: number): Timer {
    const timer = new WheelTimer(this, callback, intervalMs);
    this.insert(timer, delayMs);
    return timer;
  }

  insert(timer: WheelTimer, delayMs: number): void {
    const at = this.#options.now() + (delayMs > 0 ? delayMs : 0);
    let due = Math.ceil(at / this.#options.tickMs);
    if (due <= this.#tick) due = this.#tick + 1;
    timer.due = due;
    this.#link(timer);
    this.#size++;
    this.#options.onEarlier(due * this.#options.tickMs);
  }

  remove(timer: WheelTimer): void {
    const next = timer.next;
    const previous = timer.previous;
    if (next === null || previous === null) return;
    next.previous = previous;
    previous.next = next;
    timer.next = null;
    timer.previous = null;
    this.#size--;
  }

  /** Cancels all. */
  clear(): void {
    for (const head of this.#slots) {
      while (head.next !== head && head.next !== null) this.remove(head.next);
    }
  }

  /** Runs all ticks up to a time. */
  advance(nowMs: number): void {
    const target = Math.floor(nowMs / this.#options.tickMs);
    while (this.#tick < target) {
      if (this.#size === 0) {
        this.#tick = target;
        return;
      }
      this.#tick++;
      if ((this.#tick & slotMask) === 0) this.#cascade();
      this.#runSlot(this.#slots[this.#tick & slotMask] as WheelTimer);
    }
  }

  /** When the next timer may fall due, in milliseconds: never later than it does. */
  nextDue(): number | undefined {
    if (this.#size === 0) return undefined;
    const last = this.#tick + slotCount - 1;
    let tick = this.#tick + 1;
    for (; tick <= last; tick++) {
      const head = this.#slots[tick & slotMask] as WheelTimer;
      if (head.next !== head || this.#cascadesAt(tick)) return tick * this.#options.tickMs;
    }
    // Nothing in the finest level: go from turn to turn.
    tick = (Math.floor(last / slotCount) + 1) * slotCount;
    while (!this.#cascadesAt(tick)) tick += slotCount;
    return tick * this.#options.tickMs;
  }

  /** Whether timers may move down at this tick. */
  #cascadesAt(tick: number): boolean {
    if ((tick & slotMask) !== 0) return false;
    const slot = Math.floor(tick / slotCount) & slotMask;
    const head = this.#slots[slotCount + slot] as WheelTimer;
    return slot === 0 || head.next !== head;
  }

  #link(timer: WheelTimer): void {
    const ahead = timer.due - this.#tick;
    let index: number;
    if (ahead < slotCount) {
      index = timer.due & slotMask;
    } else if (ahead < slotCount ** 2) {
      index = slotCount + (Math.floor(timer.due / slotCount) & slotMask);
    } else if (ahead < slotCount ** 3) {
      index = 2 * slotCount + (Math.floor(timer.due / slotCount ** 2) & slotMask);
    } else {
      const due = Math.min(timer.due, this.#tick + farthest);
      index = 3 * slotCount + (Math.floor(due / slotCount ** 3) & slotMask);
    }
    const head = this.#slots[index] as WheelTimer;
    const last = head.previous as WheelTimer;
    last.next = timer;
    timer.previous = last;
    timer.next = head;
    head.previous = timer;
  }

  /** At the turn of a level, spreads the next coarser slot over the finer ones. */
  #cascade(): void {
    let unit = slotCount;
    for (let level = 1; level < levelCount; level++) {
      const slot = Math.floor(this.#tick / unit) & slotMask;
      this.#relink(this.#slots[level * slotCount + slot] as WheelTimer);
      if (slot !== 0) return;
      unit *= slotCount;
    }
  }

  #relink(head: WheelTimer): void {
    let timer = head.next as WheelTimer;
    head.next = head;
    head.previous = head;
    while (timer !== head) {
      const next = timer.next as WheelTimer;
      this.#link(timer);
      timer = next;
    }
  }

  #runSlot(head: WheelTimer): void {
    while (head.next !== head) {
      const timer = head.next as WheelTimer;
      this.remove(timer);
      if (timer.intervalMs > 0) this.insert(timer, timer.intervalMs);
      try {
        timer.callback();
      } catch (error) {
        this.#options.onFault(error);
      }
    }
  }
}

function ignore(): void {}
