/** A tree of a sound XML document, for tests that damage it. */

/** An element of a document; texts as they stand in it, references and all. */
export interface Element {
  name: string;
  attributes: [name: string, value: string][];
  children: Piece[];
}

/** What an element holds: elements and text, comments and whatever else is put there. */
export type Piece = Element | string;

const MARKUP = /<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The tree of a sound document without comments. */
export function parseTree(text: string): Element {
  const top: Element = { name: "", attributes: [], children: [] };
  const open = [top];
  for (const match of text.replace(/^<\?xml.*?\?>\s*/s, "").matchAll(MARKUP)) {
    const [whole, slash, name, attributes = "", empty] = match;
    const parent = open.at(-1) ?? top;
    if (name === undefined) parent.children.push(whole);
    else if (slash === "/") open.pop();
    else {
      const element: Element = {
        name,
        attributes: [...attributes.matchAll(ATTRIBUTE)].map((one) => [
          one[1] ?? "",
          one[2] ?? one[3] ?? "",
        ]),
        children: [],
      };
      parent.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  const root = top.children.find((piece) => typeof piece !== "string");
  if (root === undefined) throw new Error(`no document: ${text}`);
  return root;
}

export function write(piece: Piece): string {
  if (typeof piece === "string") return piece;
  const attributes = piece.attributes.map(([name, value]) => ` ${name}="${value}"`).join("");
  const inside = piece.children.map(write).join("");
  return inside === ""
    ? `<${piece.name}${attributes}/>`
    : `<${piece.name}${attributes}>${inside}</${piece.name}>`;
}

export function copy(piece: Piece): Piece {
  if (typeof piece === "string") return piece;
  return {
    name: piece.name,
    attributes: piece.attributes.map(([name, value]) => [name, value]),
    children: piece.children.map(copy),
  };
}

/** All elements of a tree, each with the one that holds it. */
export function elements(root: Element): { element: Element; parent: Element | null }[] {
  const list: { element: Element; parent: Element | null }[] = [{ element: root, parent: null }];
  for (const { element } of list) {
    for (const child of element.children) {
      if (typeof child !== "string") list.push({ element: child, parent: element });
    }
  }
  return list;
}
