import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The library inside a wheel of PyPI, per processor: any Python's wheel will do, since only C headers and two
 * libraries are taken. The hash is the published one; pip refuses another file, and fetches nothing else.
 */
const VERSION = "2.21.0";
const WHEELS = {
  "cpu-x64": ["tensorflow-cpu", "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c"],
  "cpu-arm64": ["tensorflow", "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c"],
  "gpu-x64": ["tensorflow", "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124"],
};
const WHEEL_ARCH = { x64: "x86_64", arm64: "aarch64" };

const hasDevice = () => ["/dev/nvidia0", "/dev/dxg"].some((path) => existsSync(path));

/** Whether a package folder has its binding; its presence says that all else is there. */
export const hasBinding = (folder) => existsSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"));

/** The native packages that this machine can use, best first; lib/ml/backend.ts tries them in this order. */
export function flavours(root) {
  const require = createRequire(join(root, "package.json"));
  const wanted = hasDevice() ? ["gpu", "cpu"] : ["cpu"];
  return wanted.map((kind) => {
    const name = kind === "gpu" ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
    const manifest = require.resolve(`${name}/package.json`);
    const { version, binary } = require(manifest);
    const [wheel, sha256] = WHEELS[`${kind}-${process.arch}`] ?? [];
    return {
      kind,
      title: kind === "gpu" ? "CUDA" : "native CPU",
      folder: dirname(manifest),
      tfjs: version,
      /** The host of the package's own downloads, as its manifest says. */
      host: binary.host,
      ownVersion: require(`${name}/scripts/deps-constants.js`).LIBTENSORFLOW_VERSION,
      wheel:
        wheel && process.platform === "linux"
          ? { name: wheel, version: VERSION, sha256, platform: `manylinux_2_27_${WHEEL_ARCH[process.arch]}` }
          : null,
    };
  });
}
