/** JSON text as a real Kamailio 5.6.3 writes it, and documents cut out of a stream. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPieces, jsonText } from "../../../src/modules/jsonrpcs/json.ts";
import { DocumentSplitter } from "../../../src/modules/jsonrpcs/splitter.ts";
import { RpcDouble, RpcStruct, type RpcValue } from "../../../src/runtime/module.ts";
import { listed, streamed } from "../../support/rpc-streams.ts";

describe("a document with a long list", () => {
  const around = (list: RpcValue): RpcValue =>
    new RpcStruct()
      .add("jsonrpc", "2.0")
      .add("result", { Domains: [{ Domain: { AoRs: list, Stats: [1, 2] } }, {}] })
      .add("id", 1);

  it.each([0, 1, 2, 17])("of %i members is the same as in one go", async (count) => {
    for (const pretty of [false, true]) {
      const members = listed(count);
      let text = "";
      for await (const piece of jsonPieces(around(streamed(members)), pretty)) text += piece;
      expect(text).toBe(jsonText(around(members), pretty));
    }
  });

  it("comes in pieces, none of them long", async () => {
    const members = listed(2000);
    const sizes: number[] = [];
    for await (const piece of jsonPieces(streamed(members), false)) sizes.push(piece.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
  });
});

describe("JSON text", () => {
  it("is indented with tabs, as recorded", () => {
    const domain = new RpcStruct()
      .add("Domain", "location")
      .add("Size", 1024)
      .add("AoRs", [])
      .add("Stats", new RpcStruct().add("Records", 0).add("Max-Slots", 0));
    const reply = new RpcStruct()
      .add("jsonrpc", "2.0")
      .add("result", { Domains: [{ Domain: domain }] })
      .add("id", 1);
    expect(jsonText(reply, true)).toBe(
      '{\n\t"jsonrpc":\t"2.0",\n\t"result":\t{\n\t\t"Domains":\t[{\n\t\t\t\t"Domain":\t{\n' +
        '\t\t\t\t\t"Domain":\t"location",\n\t\t\t\t\t"Size":\t1024,\n\t\t\t\t\t"AoRs":\t[],\n' +
        '\t\t\t\t\t"Stats":\t{\n\t\t\t\t\t\t"Records":\t0,\n\t\t\t\t\t\t"Max-Slots":\t0\n' +
        '\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}]\n\t},\n\t"id":\t1\n}',
    );
  });

  it("of an empty structure is two lines, as recorded", () => {
    const reply = new RpcStruct().add("jsonrpc", "2.0").add("result", {}).add("id", 1);
    expect(jsonText(reply, true)).toBe(
      '{\n\t"jsonrpc":\t"2.0",\n\t"result":\t{\n\t},\n\t"id":\t1\n}',
    );
  });

  it.each<[RpcValue, string, string]>([
    [["a b", "5", 1], '["a b","5",1]', '["a b", "5", 1]'],
    [new RpcDouble(0.5), "0.500000", "0.500000"],
    [new RpcDouble(1), "1", "1"],
    [new RpcDouble(-1), "-1", "-1"],
    [1.5, "1.5", "1.5"],
    [Infinity, "null", "null"],
    [new RpcDouble(Number.NaN), "null", "null"],
    [null, "null", "null"],
    [true, "true", "true"],
    ['a"\\\n\u0001', '"a\\"\\\\\\n\\u0001"', '"a\\"\\\\\\n\\u0001"'],
    [Buffer.from("Zoë").toString("latin1"), '"Zoë"', '"Zoë"'],
    ["\xff", '"\ufffd"', '"\ufffd"'],
    [[], "[]", "[]"],
  ])("%j", (value, flat, pretty) => {
    expect(jsonText(value, false)).toBe(flat);
    expect(jsonText(value, true)).toBe(pretty);
  });

  it("keeps names that repeat", () => {
    const value = new RpcStruct().add("shv", 1).add("shv", 2);
    expect(jsonText(value, false)).toBe('{"shv":1,"shv":2}');
  });

  it("is JSON with the same meaning, whatever the value", () => {
    const plain = fc.letrec<{ value: RpcValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: fc.integer({ min: 0, max: 126 }).map((c) => String.fromCharCode(c)) }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(plain, fc.boolean(), (value, pretty) => {
        expect(JSON.parse(jsonText(value, pretty))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("documents in a stream", () => {
  it("end with the brace that balances the first", () => {
    const splitter = new DocumentSplitter(1000);
    const first = '{"params": ["a\\"}{", {"b": "}"}], "c": "\\\\"}';
    expect(splitter.push(`${first}\n {"id": 2}{"id"`)).toEqual([first, '{"id": 2}']);
    expect(splitter.push(":3}")).toEqual(['{"id":3}']);
    expect(splitter.pending).toBe(0);
  });

  it("that are no objects are handed out by line", () => {
    const splitter = new DocumentSplitter(1000);
    expect(splitter.push("  \n junk\n[1, 2]")).toEqual(["junk"]);
    expect(splitter.push(', "x"\n{"id": 1}')).toEqual(['[1, 2], "x"', '{"id": 1}']);
  });

  it("that do not end are known by their size, and can be forgotten", () => {
    const splitter = new DocumentSplitter(10);
    expect(splitter.push('{"a": "')).toEqual([]);
    expect([splitter.pending, splitter.isTooLarge]).toEqual([7, false]);
    expect(splitter.push("0123456789")).toEqual([]);
    expect(splitter.isTooLarge).toBe(true);
    splitter.clear();
    expect(splitter.push('{"id": 1}')).toEqual(['{"id": 1}']);
  });

  it("come out the same however the stream is cut", () => {
    const documents = fc.array(
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(documents, fc.array(fc.nat(9), { minLength: 1 }), (objects, cuts) => {
        const texts = objects.map((one) => JSON.stringify(one));
        const stream = texts.join("\n");
        const splitter = new DocumentSplitter(1_000_000);
        const found: string[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = 1 + (cuts[cut % cuts.length] ?? 0);
          found.push(...splitter.push(stream.slice(at, at + size)));
          at += size;
        }
        expect(found).toEqual(texts);
      }),
    );
  });

  it("never make it throw or keep what it has handed out", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (pieces) => {
        const splitter = new DocumentSplitter(50);
        const total = pieces.join("").length;
        const out = pieces.flatMap((piece) => splitter.push(piece)).join("").length;
        expect(out + splitter.pending).toBeLessThanOrEqual(total);
      }),
    );
  });
});
