import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkFile } from "../../lib/ml/data/check";
import { inspectFile } from "../../lib/ml/data/inspect";
import { textClassification } from "../../lib/ml/tasks/text-classification";
import { report } from "../peer";

/**
 * A file of 200 MB is inspected and checked with memory that does not follow its size.
 * Run: `npm run bench -- spine upload-memory`.
 */
const sizes = [20, 200];
const words =
  "where is my parcel the card was charged twice refund please cannot sign in invoice wrong amount".split(
    " ",
  );

async function write(path: string, megabytes: number): Promise<void> {
  const stream = createWriteStream(path);
  stream.write("text,label\r\n");
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  for (let written = 0, n = 0; written < megabytes * 1e6; ) {
    let piece = "";
    for (let i = 0; i < 1000; i++) {
      const text = Array.from({ length: 8 + next(8) }, () => words[next(words.length)]).join(" ");
      piece += `"${text}, ticket ${n++}",class ${next(12)}\r\n`;
    }
    written += piece.length;
    if (!stream.write(piece)) await new Promise<void>((done) => stream.once("drain", () => done()));
  }
  await new Promise<void>((done) => stream.end(done));
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "graft-upload-"));
  const results: Record<string, number>[] = [];
  try {
    for (const size of sizes) {
      const path = join(folder, `${size}.csv`);
      await write(path, size);
      const before = process.memoryUsage.rss();
      let peak = before;
      const timer = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage.rss());
      }, 50);
      const started = performance.now();
      const profile = await inspectFile(path, "upload.csv");
      const { report } = await checkFile({
        path,
        reading: profile.reading,
        columns: profile.guess.columns,
        roles: textClassification.roles,
        rowsPath: join(folder, "rows.ndjson"),
        rejectsPath: join(folder, "rejects.csv"),
        workDir: join(folder, "work"),
      });
      clearInterval(timer);
      if (report.rows !== report.accepted + report.setAside) throw new Error("the counts do not add up");
      const result = {
        megabytes: Math.round(statSync(path).size / 1e6),
        rows: report.rows,
        seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
        peakMb: Math.round(peak / 1e6),
        growthMb: Math.round((peak - before) / 1e6),
      };
      results.push(result);
      console.log(JSON.stringify(result));
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const [small, large] = results;
  report(
    "spine upload-memory",
    {
      claim: "inspecting and checking a CSV of 200 MB, peak memory beside one of 20 MB",
      measured: `${large?.peakMb} MB beside ${small?.peakMb} MB; ${large?.rows} rows in ${large?.seconds} s`,
      target: "flat: far below the file's size growth of 180 MB",
    },
    { results },
  );
}

void main();
