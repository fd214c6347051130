import { isMainThread } from "node:worker_threads";

// One entry for the process and for the threads of its bases, so that a bundle is one file; each loads its half.
if (isMainThread) await (await import("./serve-main")).startServe(new URL(import.meta.url));
else await (await import("@/lib/base-thread")).runBaseThread();
