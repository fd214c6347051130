import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { backend as currentBackend, matMul, setBackend, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Backend, BackendId } from "./contract";

export type { Backend, BackendId };

/**
 * Which TensorFlow.js a process computes with: CUDA, native CPU, or WebAssembly, the best that works. Ops are
 * always imported from `@tensorflow/tfjs-core`: its engine and its kernel registry are one a process, so the
 * native packages register their kernels in the same ones.
 */
export interface BackendOptions {
  only?: BackendId;
  /** Cores for native kernels; without it TensorFlow takes TF_NUM_INTRAOP_THREADS, else every core. */
  threads?: number;
}

const COMMAND = "node scripts/native.mjs";
/** NVIDIA's driver on Linux, and what it looks like inside of WSL. */
const DEVICES = ["/dev/nvidia0", "/dev/dxg"];

/** The native packages, best first. */
const NATIVE = [
  {
    id: "cuda",
    what: "the CUDA binding",
    why: "has no NVIDIA device to run on",
    isPossible: () => DEVICES.some((path) => existsSync(path)),
    load: () => import("@tensorflow/tfjs-node-gpu"),
  },
  {
    id: "native",
    what: "the native binding",
    why: "",
    isPossible: () => true,
    load: () => import("@tensorflow/tfjs-node"),
  },
] as const;

let opened: Promise<Backend> | undefined;

/**
 * Opens the best backend that works, or the named one. A process has one for all its life: asking for another
 * one later throws, as does a named one that cannot be had.
 */
export async function openBackend(options: BackendOptions = {}): Promise<Backend> {
  opened ??= open(options);
  const backend = await opened.catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  if (options.only && options.only !== backend.id)
    throw new Error(
      `this process computes with ${backend.label}; ${options.only} needs a process of its own`,
    );
  return backend;
}

async function open({ only, threads }: BackendOptions): Promise<Backend> {
  if (threads !== undefined) boundThreads(threads);
  // TensorFlow tells every process which instructions it was not compiled for; errors are still printed.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const reasons: string[] = [];
  for (const one of NATIVE) {
    if (only && only !== one.id) continue;
    const isPossible = one.isPossible();
    const found = isPossible ? await tryNative(one.load) : one.why;
    if (typeof found !== "string") {
      // The CUDA package computes on the CPU where its libraries find no device.
      if (found.id !== one.id) reasons.push("TensorFlow finds no usable CUDA device");
      return { ...found, missing: missingFrom(reasons) };
    }
    // A machine without a device lacks nothing.
    if (isPossible || only) reasons.push(`${one.what} ${found}`);
  }
  if (only && only !== "wasm") throw new Error(`${reasons.join("; ")}; try ${COMMAND}`);
  await openWasm();
  const label = "TensorFlow.js WebAssembly";
  return { id: "wasm", label, canTune: false, missing: missingFrom(reasons) };
}

const missingFrom = (reasons: readonly string[]) =>
  reasons.length === 0 ? null : { reason: reasons.join("; "), command: COMMAND };

/** Written, never read: TensorFlow's runtime takes them from the environment when its first op runs. */
function boundThreads(threads: number): void {
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_NUM_INTEROP_THREADS = String(threads);
}

/** Loads a native package and multiplies once; why not when either fails. */
async function tryNative(load: () => Promise<unknown>): Promise<Backend | string> {
  restoreUtil();
  try {
    await load();
    if (!(await setBackend("tensorflow"))) return "does not start";
    tidy(() => matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])).dataSync());
  } catch (error) {
    const { message } = error as Error;
    if (/can not be found|Cannot find (module|package)/.test(message)) return "is not built here";
    return `does not load: ${message.split("\n")[0]}`;
  }
  const { binding, isUsingGpuDevice } = currentBackend() as unknown as {
    binding: { TF_Version: string };
    isUsingGpuDevice: boolean;
  };
  const id = isUsingGpuDevice ? "cuda" : "native";
  const kind = isUsingGpuDevice ? "CUDA" : "native CPU";
  const label = `TensorFlow.js ${kind} (libtensorflow ${binding.TF_Version})`;
  return { id, label, canTune: true, missing: null };
}

/** Node 23 removed these from `node:util`, and tfjs-node 4.22 calls them. */
function restoreUtil(): void {
  const util = createRequire(import.meta.url)("node:util");
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

async function openWasm(): Promise<void> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(entry), "/"));
  if (!(await setBackend("wasm"))) throw new Error("TensorFlow.js does not start on WebAssembly");
}
