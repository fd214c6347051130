import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { workResponse } from "./download";
import { route } from "./route";
import { openWorkDir } from "./work-dirs";

test.each(["GET", "HEAD"])(
  "what was made for a download goes after %s, whether or not there was a body to send",
  async (method) => {
    const dir = await openWorkDir();
    await writeFile(join(dir, "made"), "a".repeat(100_000));
    const handle = route({ auth: "public" }, async () =>
      workResponse(join(dir, "made"), dir, "made.zip", {}),
    );
    const response = await handle(new Request("http://localhost/v1/made", { method }));
    expect([response.status, response.headers.get("content-disposition")?.slice(0, 10)]).toEqual([
      200,
      "attachment",
    ]);
    expect((await response.text()).length).toBe(method === "GET" ? 100_000 : 0);
    await vi.waitFor(() => expect(existsSync(dir)).toBe(false));
  },
);
