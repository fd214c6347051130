import { createReadStream } from "node:fs";
import { open as openHandle } from "node:fs/promises";
import { TrainingError } from "../task";
import { listMembers, readMember, unsafe } from "./zip";

/** The bytes of a customer's file, out of its archive if it came in one. Content decides, never the name. */
export interface Source {
  path: string;
  kind: "text" | "xlsx";
  /** The one file inside a zip archive. */
  member: string | undefined;
  /** Name to judge by its ending: the member's, or the upload's. */
  name: string;
  /** Before any inflation of a sheet: what `bytes()` yields altogether for text. */
  sizeBytes: number;
  /** May be called again; each call starts at the beginning. */
  bytes(): AsyncGenerator<Buffer>;
}

/** First bytes of formats that people do send and that are not rows of text, each with what to do instead. */
const MAGIC: readonly [readonly string[], string][] = [
  [["\u00d0\u00cf\u0011\u00e0"], "It is an old Excel or Word file. Save it as XLSX or CSV and upload that."],
  [["%PDF-"], "It is a PDF. Copy its table into a spreadsheet and upload that."],
  [["\u0089PNG", "\u00ff\u00d8\u00ff", "GIF8", "RIFF"], "It is a picture. Upload CSV, TSV, JSONL or XLSX."],
  [
    ["\u001f\u008b", "BZh9", "\u00fd7zXZ", "(\u00b5/\u00fd", "7z\u00bc\u00af", "Rar!"],
    "Unpack it, or pack it as ZIP.",
  ],
  [["PAR1", "SQLite format 3"], "Export it as CSV or JSONL and upload that."],
];

export function binary(advice: string): TrainingError {
  return new TrainingError(
    "file_binary",
    `The file is not text, a spreadsheet or a zip of one. ${advice}`,
    "file",
  );
}

function empty(): TrainingError {
  return new TrainingError("file_empty", "The file is empty. Upload a file with a header and rows.", "file");
}

async function* readFile(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    stream.destroy();
  }
}

async function headOf(bytes: AsyncGenerator<Buffer>): Promise<string> {
  for await (const chunk of bytes) return chunk.subarray(0, 64).toString("latin1");
  return "";
}

function refuseMagic(head: string): void {
  for (const [starts, advice] of MAGIC)
    if (starts.some((start) => head.startsWith(start))) throw binary(advice);
}

/** Opens an archive: a spreadsheet is one too, and of the others only those of one plain file are taken. */
async function openArchive(path: string, filename: string, sizeBytes: number): Promise<Source> {
  const members = await listMembers(path);
  const names = new Set(members.map((member) => member.name));
  if (names.has("xl/workbook.xml"))
    return { path, kind: "xlsx", member: undefined, name: filename, sizeBytes, bytes: () => readFile(path) };
  if (names.has("[Content_Types].xml")) throw binary("It is a document. Upload CSV, TSV, JSONL or XLSX.");
  if (names.has("xl/workbook.bin")) throw binary("It is a binary workbook (XLSB). Save it as XLSX.");
  const [member, ...others] = members;
  if (member === undefined) throw empty();
  if (others.length > 0)
    throw new TrainingError(
      "archive_many_files",
      `The archive holds ${members.length} files. Upload an archive of one, or the file itself.`,
      "file",
    );
  if (member.sizeBytes === 0) throw empty();
  const bytes = () => readMember(path, member.name);
  const head = await headOf(bytes());
  if (head.startsWith("PK\u0003\u0004"))
    throw unsafe("it holds another archive; upload the inner file itself");
  refuseMagic(head);
  return { path, kind: "text", member: member.name, name: member.name, sizeBytes: member.sizeBytes, bytes };
}

export async function openSource(path: string, filename: string): Promise<Source> {
  const handle = await openHandle(path);
  const { size } = await handle.stat().finally(() => handle.close());
  if (size === 0) throw empty();
  const head = await headOf(readFile(path));
  if (head.startsWith("PK\u0003\u0004")) return openArchive(path, filename, size);
  if (head.startsWith("PK\u0005\u0006")) throw empty();
  refuseMagic(head);
  return {
    path,
    kind: "text",
    member: undefined,
    name: filename,
    sizeBytes: size,
    bytes: () => readFile(path),
  };
}
