/** What the benchmark makes of its samples: figures, and the plot that the README shows. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";

interface Sample {
  readonly done: number;
  readonly lost: number;
  readonly non_2xx: number;
  readonly per_second: number;
  readonly cpu_us_per_tx: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

interface Side {
  readonly cpu_us: number | null;
  readonly lost: number;
  readonly silent_rounds: number;
  readonly half_p99_ms: number | null;
}

interface Row {
  readonly goal: number;
  readonly keeps_goals: boolean | null;
  readonly ratio: number | null;
  readonly olelo: Side;
  readonly kamailio: Side | null;
}

const load = async <T>(path: string): Promise<T> =>
  (await import(new URL(`../../bench/lib/${path}`, import.meta.url).href)) as T;
const { rowsOf } = await load<{ rowsOf(results: unknown): Row[] }>("report.mjs");
const { plotOf } = await load<{ plotOf(rows: unknown, caption: string): string }>("plot.mjs");

function sample(cpu: number, more: Partial<Sample> = {}): Sample {
  const usual = { done: 1000, lost: 0, non_2xx: 0, per_second: 1e6 / cpu, p50_ms: 1, p99_ms: 2 };
  return { ...usual, cpu_us_per_tx: cpu, ...more };
}

const silent = sample(0, { done: 0, lost: 128, per_second: 0 });

function rowOf(olelo: Sample[], kamailio: Sample[], p99 = 3): Row {
  const half = { olelo: [sample(20, { p99_ms: p99 })], kamailio: [sample(40, { p99_ms: 5 })] };
  const result = { config: "bench", mode: "relay", rate: 100, full: { olelo, kamailio }, half };
  return rowsOf([{ ...result, memory: { olelo: 80, kamailio: 300 } }])[0] as Row;
}

describe("figures of a mode", () => {
  it("are medians of the rounds", () => {
    const row = rowOf(
      [20, 90, 21].map((cpu) => sample(cpu)),
      [42, 41, 10].map((cpu) => sample(cpu)),
    );
    expect(row.olelo.cpu_us).toBe(21);
    expect(row.kamailio?.cpu_us).toBe(41);
    expect(row.ratio).toBe(0.51);
    expect(row.kamailio?.half_p99_ms).toBe(5);
  });

  it("leave out rounds without an answer, and tell how many there were", () => {
    const row = rowOf([sample(20)], [silent, sample(40), silent]);
    expect(row.kamailio).toMatchObject({ cpu_us: 40, silent_rounds: 2, lost: 128 });
  });

  it("are not there when no round had an answer", () => {
    const row = rowOf([sample(20)], [silent]);
    expect(row.kamailio?.cpu_us).toBeNull();
    expect(row.ratio).toBeNull();
  });
});

describe("goals", () => {
  it("are kept by a ratio below them when answers at half load are no slower than Kamailio's and 2 ms", () => {
    expect(rowOf([sample(20)], [sample(40)])).toMatchObject({ goal: 0.7, keeps_goals: true });
    expect(rowOf([sample(29)], [sample(40)]).keeps_goals).toBe(false);
    expect(rowOf([sample(20)], [sample(40)], 7.5).keeps_goals).toBe(false);
  });

  it("cannot be judged without Kamailio", () => {
    expect(rowOf([sample(20)], [silent]).keeps_goals).toBeNull();
  });
});

describe("the plot", () => {
  const svg = plotOf([rowOf([sample(20)], [sample(42.5)])], "A & B");

  it("is well-formed", () => {
    expect(XMLValidator.validate(svg)).toBe(true);
  });

  it("says in words what it shows", () => {
    const { svg: root } = new XMLParser({ ignoreAttributes: false }).parse(svg) as {
      svg: { desc: { "#text": string }; "@_role": string };
    };
    expect(root.desc["#text"]).toBe("bench relay: olelo 20, Kamailio 42.5. A & B");
    expect(root["@_role"]).toBe("img");
  });

  it("has bars as long as their values", () => {
    const width = (kind: string): number =>
      Number(
        new RegExp(`class="${kind}" x="150" y="[\\d.]+" width="([\\d.]+)" height="13"`).exec(
          svg,
        )?.[1],
      );
    expect(width("kamailio") / width("olelo")).toBeCloseTo(42.5 / 20, 2);
  });
});
