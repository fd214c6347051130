import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join, parse } from "node:path";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import type { Answering } from "./deployments";
import { workResponse } from "./download";
import { env } from "./env";
import { AppError, fail } from "./errors";
import { answerRows, holdRows, inputsOf, meter, modelFor, translate } from "./inference";
import { labelFile } from "./ml/data/label-file";
import { MAX_INPUTS } from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";
import { steady } from "./slow-bodies";
import { inputNames, taskOf } from "./tasks";
import { openWorkDir } from "./work-dirs";

/** `POST /v1/predictions/file`: a spreadsheet in, the same spreadsheet with an answer for every row out. */
const MAX_ROWS = 50_000;
const TYPES = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const;

interface Upload {
  fields: Record<string, string>;
  filename: string;
  path: string;
}

/** Streams the form's one file to disk; fields may come before or after it. */
async function readForm(request: Request, dir: string): Promise<Upload> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data") || !request.body) fail("multipart_invalid");
  const fields: Record<string, string> = {};
  const maxBytes = env().GRAFT_MAX_UPLOAD_MB * 1_000_000;
  const path = join(dir, "in");
  let filename: string | undefined;
  let written: Promise<void> | undefined;
  let isTooLarge = false;
  const form = busboy({
    headers: { "content-type": type },
    defParamCharset: "utf8",
    limits: { files: 1, fields: 20, fieldSize: 10_000, fileSize: maxBytes },
  });
  form.on("field", (name, value) => {
    fields[name] = value;
  });
  form.on("file", (_name, stream, info) => {
    filename = info.filename ?? "file.csv";
    stream.on("limit", () => {
      isTooLarge = true;
    });
    written = pipeline(stream, createWriteStream(path));
    // Awaited below; a cut connection must not end the process before that.
    written.catch(() => {});
  });
  try {
    await pipeline(steady(request.body), form, { signal: request.signal });
    await written;
  } catch (error) {
    if (error instanceof AppError) throw error;
    fail("multipart_invalid");
  }
  if (isTooLarge) fail("file_too_large", `The file is larger than ${env().GRAFT_MAX_UPLOAD_MB} MB.`, "file");
  if (filename === undefined) fail("multipart_invalid", undefined, "file");
  return { fields, filename, path };
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A file has time: where a single call is turned away, it waits and asks again. */
async function answerPatiently(serving: Serving, model: Answering, inputs: unknown[], signal: AbortSignal) {
  for (;;) {
    try {
      return await answerRows(serving, model, inputs, { topK: 1, nearest: 0 }, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "overloaded" || signal.aborted) throw error;
      await pause(error.options.retryAfterMs ?? 1000);
    }
  }
}

export const createPredictionFile = (serving: Serving) =>
  route(
    { auth: "tenant", permission: "predictions.create", isInference: true },
    async ({ actor, request, requestId }) => {
      const dir = await openWorkDir();
      const holds: (() => void)[] = [];
      try {
        const { fields, filename, path } = await readForm(request, dir);
        const format = fields.format || "csv";
        if (format !== "csv" && format !== "xlsx")
          fail("invalid_request", "`format` must be `csv` or `xlsx`.", "format");
        if (!fields.model) fail("invalid_request", "`model` is missing.", "model");
        const model = await modelFor(actor, fields.model);
        let rows = 0;
        let tokens = 0;
        const task = taskOf(model.task);
        const { columns } = model.report;
        const roles = columns ? columns.map(({ name }) => name) : inputNames(task);
        const named = roles.flatMap((role) => {
          const column = fields[`${role}_column`];
          return column ? [[role, column]] : [];
        });
        const predict = async (given: unknown[]) => {
          rows += given.length;
          if (rows > MAX_ROWS) fail("file_too_large", `At most ${MAX_ROWS} rows a file. Split it.`, "file");
          const out: (string | number)[][] = [];
          for (let at = 0; at < given.length; at += MAX_INPUTS) {
            const rows = given.slice(at, at + MAX_INPUTS);
            // As in training, a word in a column of numbers is an empty cell: a file is not refused for one.
            const inputs = columns ? rows : inputsOf(model, rows);
            holds.push(await holdRows(serving, actor, model.name, inputs.length));
            const answered = await answerPatiently(serving, model, inputs, request.signal);
            tokens += answered.tokens;
            out.push(...answered.outputs.map(task.cells.of));
          }
          return out;
        };
        const outPath = join(dir, "out");
        const done = await labelFile({
          path,
          filename,
          roles,
          isTable: columns !== undefined,
          columns: Object.fromEntries(named),
          added: task.cells.names(model.report.labels),
          outPath,
          format,
          predict,
        }).catch((error: unknown) => translate(error, request.signal));
        meter(serving, {
          actor,
          request,
          requestId,
          route: "/v1/predictions/file",
          model: model.name,
          rows,
          tokens,
          question: [filename, done.rows, done.columns],
        });
        const name = `${parse(filename).name}-labelled.${format}`;
        return workResponse(outPath, dir, name, { type: TYPES[format] });
      } catch (error) {
        await rm(dir, { recursive: true, force: true });
        throw error;
      } finally {
        for (const release of holds) release();
      }
    },
  );
