import { isUtf8 } from "node:buffer";
import { analyse } from "chardet";
import iconv from "iconv-lite";
import { TrainingError } from "../task";
import { binary } from "./open";

/**
 * The encoding of a text, from all of its bytes: a byte order mark, else valid UTF-8, else a legacy encoding
 * judged on the stretches around the bytes that are not ASCII (a file may be plain English for megabytes
 * before its first pound sign).
 */

const SAMPLE_BYTES = 256 * 1024;

/** The most frequent characters of written Chinese. Wrongly decoded bytes seldom land on them. */
const COMMON_CHINESE = new Set(
  "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经" +
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形" +
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展" +
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战" +
    "先回则任取完举色订单款退货换票快递客服账户密码登录请麻烦帮您吗收",
);

interface Survey {
  size: number;
  head: Buffer;
  /** Stretches around bytes above 0x7f, joined. */
  sample: Buffer;
  nuls: [even: number, odd: number];
  controls: number;
  isUtf8: boolean;
}

/** Cuts a chunk so that it ends between UTF-8 characters; the rest goes before the next chunk. */
function utf8Cut(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return need > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

async function survey(chunks: AsyncIterable<Buffer>): Promise<Survey> {
  const parts: Buffer[] = [];
  let [sampled, size, controls, ok] = [0, 0, 0, true];
  let head: Buffer = Buffer.alloc(0);
  let carry: Buffer = Buffer.alloc(0);
  const nuls: [number, number] = [0, 0];
  for await (const chunk of chunks) {
    if (size === 0) head = Buffer.from(chunk.subarray(0, 64 * 1024));
    if (ok) {
      const joined = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const cut = utf8Cut(joined);
      ok = isUtf8(joined.subarray(0, cut));
      carry = Buffer.from(joined.subarray(cut));
    }
    let sampledTo = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte >= 0x80) {
        if (at < sampledTo || sampled >= SAMPLE_BYTES) continue;
        const start = Math.max(sampledTo, at - 16);
        sampledTo = Math.min(chunk.length, at + 512);
        parts.push(Buffer.from(chunk.subarray(start, sampledTo)));
        sampled += sampledTo - start;
      } else if (byte === 0) nuls[(size + at) % 2 === 0 ? 0 : 1]++;
      else if (byte < 9 || (byte > 13 && byte < 0x20 && byte !== 0x1b && byte !== 0x1a)) controls++;
    }
    size += chunk.length;
  }
  return { size, head, sample: Buffer.concat(parts), nuls, controls, isUtf8: ok && carry.length === 0 };
}

const share = (count: number, of: number) => (of === 0 ? 0 : count / of);

/** How many of the decoded characters beyond ASCII are broken, and how many are everyday Chinese. */
function judge(sample: Buffer, encoding: string) {
  let [broken, common, foreign] = [0, 0, 0];
  for (const char of iconv.decode(sample, encoding)) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) continue;
    foreign++;
    if (code === 0xfffd || (code >= 0x80 && code < 0xa0) || (code >= 0xe000 && code < 0xf900)) broken++;
    else if (COMMON_CHINESE.has(char) || (code >= 0x3001 && code <= 0x3011) || code >= 0xff00) common++;
  }
  return { broken: share(broken, foreign), common: share(common, foreign), foreign };
}

/** Valid multi-byte sequences against stray bytes: UTF-8 with a few damaged places stays UTF-8. */
function isMostlyUtf8(sample: Buffer): boolean {
  const { broken, foreign } = judge(sample, "utf-8");
  return foreign >= 20 && broken < 0.1;
}

function undecodable(): TrainingError {
  return new TrainingError(
    "encoding_invalid",
    "The file's text cannot be decoded: it is neither UTF-8 nor one known older encoding. Save it as UTF-8 and upload it again.",
    "file",
  );
}

/** Every byte means something in windows-1252; text made mostly of its rarest letters is damage, not text. */
function isPlausible(sample: Buffer): boolean {
  let [rare, foreign] = [0, 0];
  for (const char of iconv.decode(sample, "windows-1252")) {
    if (char < "\u0080") continue;
    foreign++;
    if ("\u00ff\u00fe\u00fd\u00de\u00d0\u00f0\u00a4\u00a6\u00ac\u00af\u00b8".includes(char)) rare++;
  }
  return rare <= foreign / 2;
}

/** Two bytes a character, as the mark says. Throws `encoding_invalid` when they make no text. */
function refuseBrokenUtf16(head: Buffer, size: number, encoding: string): string {
  const lost = [...iconv.decode(head, encoding)].filter((char) =>
    /[\ufffd\p{Cn}\p{Co}\p{Cs}]/u.test(char),
  ).length;
  if (size % 2 === 1 || lost > head.length / 40) throw undecodable();
  return encoding;
}

const ELSEWHERE = /^(windows-125[0-8]|KOI8-R|Shift_JIS|EUC-JP|EUC-KR|Big5|ISO-8859-[25-9])$/;

function legacy(sample: Buffer): string {
  const chinese = judge(sample, "gb18030");
  // A sample's stretches begin and end in mid-character, hence not zero.
  if (chinese.broken < 0.05 && chinese.common > 0.15) return "gb18030";
  const high = sample.reduce((n, byte) => n + (byte >= 0x80 ? 1 : 0), 0);
  const letters = sample.reduce((n, byte) => n + (byte >= 0x80 || (byte | 0x20) >= 0x61 ? 1 : 0), 0);
  const [best] = analyse(sample).filter((match) => ELSEWHERE.test(match.name));
  // Western text is mostly ASCII letters. Where it is not, the letters of another script are the likely reading.
  const isWestern = share(high, letters) < 0.25;
  // A handful of letters is no ground to go elsewhere.
  if (
    high >= 20 &&
    best !== undefined &&
    best.confidence >= (isWestern ? 90 : 25) &&
    best.name !== "windows-1252"
  ) {
    const name = best.name.toLowerCase();
    if (iconv.encodingExists(name) && judge(sample, name).broken < 0.02) return name;
  }
  if (judge(sample, "windows-1252").broken < 0.05 && isPlausible(sample)) return "windows-1252";
  if (chinese.broken < 0.05) return "gb18030";
  throw undecodable();
}

/**
 * The encoding's name for `decode`. Throws `file_empty`, `file_binary` (zero bytes, control characters)
 * or `encoding_invalid`.
 */
export async function detectEncoding(chunks: AsyncIterable<Buffer>): Promise<string> {
  const { size, head, sample, nuls, controls, isUtf8: valid } = await survey(chunks);
  if (size === 0) throw new TrainingError("file_empty", "The file is empty.", "file");
  if (head[0] === 0xff && head[1] === 0xfe) return refuseBrokenUtf16(head, size, "utf-16le");
  if (head[0] === 0xfe && head[1] === 0xff) return refuseBrokenUtf16(head, size, "utf-16be");
  const [even, odd] = nuls;
  if (even + odd > 0) {
    // UTF-16 without a mark: ASCII letters leave every second byte zero.
    if (size % 2 === 0 && odd > size / 5 && even === 0) return "utf-16le";
    if (size % 2 === 0 && even > size / 5 && odd === 0) return "utf-16be";
    throw binary("It contains zero bytes. Upload CSV, TSV, JSONL or XLSX.");
  }
  if (controls > 16 && controls > size / 100)
    throw binary("It is full of control characters. Upload CSV, TSV, JSONL or XLSX.");
  if (valid || isMostlyUtf8(sample)) return "utf-8";
  return legacy(sample);
}

/** Throws `encoding_invalid` when a person asks for an encoding that is not known here. */
export function checkEncoding(encoding: string): string {
  const name = encoding.trim().toLowerCase();
  if (iconv.encodingExists(name)) return name;
  throw new TrainingError(
    "encoding_invalid",
    `The encoding ${encoding.slice(0, 40)} is not known. Use utf-8, utf-16le, windows-1252 or gb18030.`,
    "encoding",
  );
}

/** Text in pieces, without its byte order mark. What cannot be decoded becomes U+FFFD. */
export async function* decode(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  if (/^utf-?(8|16le)$/.test(encoding)) {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
    return;
  }
  const decoder = iconv.getDecoder(encoding);
  for await (const chunk of chunks) yield decoder.write(chunk);
  yield decoder.end() ?? "";
}
