import { unsafe } from "./zip";

/**
 * The tags of an XML stream, enough for spreadsheets: no document types (so no entity can expand), no
 * validation. A whole sheet as one string would cost several times the file.
 */
export interface Tag {
  /** Without its namespace prefix. */
  name: string;
  kind: "open" | "close" | "empty";
  /** As written between name and `>`. */
  attributes: string;
  /** The text between the previous tag and this one, decoded. */
  before: string;
}

const MAX_PENDING = 4 * 1024 ** 2;
const NAMED: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function codePoint(code: number): string {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    ? String.fromCodePoint(code)
    : "\ufffd";
}

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return codePoint(Number(decimal));
    return NAMED[name] ?? whole;
  });
}

export function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)(?:\\w+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  const value = found?.[1] ?? found?.[2];
  return value === undefined ? undefined : unescapeXml(value);
}

const SPECIAL: readonly [start: string, end: string][] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
];

function tagOf(body: string, before: string): Tag {
  const isClose = body.startsWith("/");
  const isEmpty = body.endsWith("/");
  const inner = body.slice(isClose ? 1 : 0, isEmpty ? -1 : undefined);
  const space = inner.search(/\s/);
  const full = space < 0 ? inner : inner.slice(0, space);
  return {
    name: full.slice(full.indexOf(":") + 1),
    kind: isClose ? "close" : isEmpty ? "empty" : "open",
    attributes: space < 0 ? "" : inner.slice(space),
    before,
  };
}

/** Takes whole tags from the text; `rest` is what must be seen again with more text after it. */
function takeTags(text: string): { tags: Tag[]; rest: string } {
  const tags: Tag[] = [];
  let before = "";
  /** Where the text that belongs to the next tag began. */
  let from = 0;
  let at = 0;
  for (;;) {
    const open = text.indexOf("<", at);
    if (open < 0) break;
    // The longest opening mark has nine characters: with fewer, one cannot tell what begins here.
    const special = SPECIAL.find(([start]) => text.startsWith(start, open));
    if (special === undefined && text.startsWith("<!", open)) {
      if (text.length - open < 9) break;
      throw unsafe("its XML declares a document type");
    }
    const close = text.indexOf(special?.[1] ?? ">", open);
    if (close < 0) break;
    before += unescapeXml(text.slice(at, open));
    if (special?.[0] === "<![CDATA[") before += text.slice(open + 9, close);
    at = close + (special?.[1].length ?? 1);
    if (special !== undefined) continue;
    tags.push(tagOf(text.slice(open + 1, close), before));
    before = "";
    from = at;
  }
  return { tags, rest: text.slice(from) };
}

export async function* xmlTags(chunks: AsyncIterable<Buffer>): AsyncGenerator<Tag[]> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for await (const chunk of chunks) {
    const taken = takeTags(rest + decoder.decode(chunk, { stream: true }));
    rest = taken.rest;
    if (rest.length > MAX_PENDING) throw unsafe("a cell in its XML is longer than 4 MB");
    yield taken.tags;
  }
}
