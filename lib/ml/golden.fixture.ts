import { type BackendId, openBackend } from "./backend";

/** The backend that golden tests run on: WebAssembly, or the one of the project in `vitest.config.ts`. */
export const openGoldenBackend = () =>
  openBackend({ only: (process.env.GRAFT_TEST_BACKEND ?? "wasm") as BackendId, threads: 2 });
