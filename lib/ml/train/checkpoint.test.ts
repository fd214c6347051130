import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { checkpointName, fileCheckpoint, packSnapshot, unpackSnapshot } from "./checkpoint";

const root = mkdtempSync(join(tmpdir(), "graft-checkpoint-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dir = "";
let said: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(root, "job-"));
  said = [];
});
const log = (level: string, message: string) => void said.push(`${level}: ${message}`);
const state = (step: number) =>
  packSnapshot({ step, arrays: [Float32Array.of(step, 2), new Float32Array(3)] });
const pathOf = (name: string) => join(dir, `${name}.checkpoint`);

test("the last saved state is what the next attempt loads, and it says from which step", async () => {
  const before = fileCheckpoint(dir, "fit", log);
  expect(await before.load()).toBeNull();
  await before.save(state(3));
  await before.save(state(6));
  const loaded = await fileCheckpoint(dir, "fit", log).load();
  expect(unpackSnapshot(loaded ?? new Uint8Array())).toEqual(unpackSnapshot(state(6)));
  expect(said).toEqual(["info: Going on from step 6"]);
  expect(readdirSync(dir)).toEqual(["fit.checkpoint"]);
});

test("a file that is cut anywhere or changed anywhere is ignored with a warning", async () => {
  await fileCheckpoint(dir, "fit", log).save(state(4));
  const whole = readFileSync(pathOf("fit"));
  const changed = Array.from(whole, (byte, at) => {
    const copy = Buffer.from(whole);
    copy[at] = byte ^ 1;
    return copy;
  });
  const cut = Array.from(whole, (_, at) => whole.subarray(0, at));
  for (const bytes of [...changed, ...cut]) {
    writeFileSync(pathOf("fit"), bytes);
    expect(await fileCheckpoint(dir, "fit", log).load()).toBeNull();
  }
  expect(said).toHaveLength(2 * whole.length);
  expect(new Set(said)).toEqual(
    new Set(["warn: A checkpoint was ignored: it is cut, changed or of another fit"]),
  );
});

test("other settings are another fit, even under its file's name", async () => {
  const [one, other] = [{ seed: 1 }, { seed: 2 }].map((settings) => checkpointName("lora", settings));
  expect(checkpointName("lora", { seed: 1 })).toBe(one);
  expect(other).not.toBe(one);
  await fileCheckpoint(dir, String(one), log).save(state(4));
  expect(await fileCheckpoint(dir, String(other), log).load()).toBeNull();
  expect(said).toEqual([]);
  renameSync(pathOf(String(one)), pathOf(String(other)));
  expect(await fileCheckpoint(dir, String(other), log).load()).toBeNull();
  expect(said).toHaveLength(1);
});

test("a full disk is one warning, keeps what was saved before, and ends when there is room again", async () => {
  const checkpoint = fileCheckpoint(dir, "fit", log);
  await checkpoint.save(state(1));
  // The kernel's own full disk in the place of the file that is written beside.
  const fill = () => symlinkSync("/dev/full", `${pathOf("fit")}.${process.pid}.part`);
  for (const step of [2, 3]) {
    fill();
    await checkpoint.save(state(step));
  }
  expect(said).toEqual(["warn: The disk is full; the training goes on without checkpoints"]);
  expect(unpackSnapshot((await checkpoint.load()) ?? new Uint8Array()).step).toBe(1);
  await checkpoint.save(state(4));
  expect(unpackSnapshot((await checkpoint.load()) ?? new Uint8Array()).step).toBe(4);
});

test("a folder that is gone, and what a killed attempt was writing, hinder nothing", async () => {
  writeFileSync(join(dir, "fit.checkpoint.999999.part"), "half");
  expect(await fileCheckpoint(dir, "fit", log).load()).toBeNull();
  expect(readdirSync(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
  const checkpoint = fileCheckpoint(dir, "fit", log);
  await checkpoint.save(state(1));
  await checkpoint.save(state(2));
  expect(await checkpoint.load()).toBeNull();
  expect(said).toEqual(["warn: A checkpoint was not written: ENOENT"]);
});
