import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";

/**
 * `node probe.mjs <folder with lib/ and deps/> <package folder>`: multiplies two matrices with the binding and
 * prints its TensorFlow's version. A process of its own, because a library for another processor ends it.
 */
const [folder, packageFolder] = process.argv.slice(2);
// Node 23 removed it; lib/ml/backend.ts does the same.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const require = createRequire(join(packageFolder, "package.json"));
require("./dist/register_all_kernels");
const { NodeJSKernelBackend } = require("./dist/nodejs_kernel_backend");
const tf = require("@tensorflow/tfjs-core");
const binding = require(join(folder, "lib", "napi-v8", "tfjs_binding.node"));
tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, require("./package.json").name));
await tf.setBackend("tensorflow");
const [product] = tf.matMul([[1, 2]], [[3], [4]]).dataSync();
if (product !== 11) throw new Error(`1·3 + 2·4 came out as ${product}`);
console.log(JSON.stringify({ version: binding.TF_Version, isGpu: binding.isUsingGpuDevice() }));
