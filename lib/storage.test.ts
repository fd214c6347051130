import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { bucketSettings, createBucket } from "@/scripts/test/s3.mjs";

type Storage = typeof import("./storage");
const endpoint = process.env.S3_TEST_URL ?? "";
const bucket = bucketSettings(endpoint, "graft");

/** The same promises wherever the bytes lie. */
const places = [
  { place: "a folder", isHere: true, settings: {} },
  {
    place: "an S3 bucket",
    isHere: endpoint !== "",
    settings: bucket,
  },
];

for (const { place, isHere, settings } of places)
  describe.runIf(isHere)(`storage in ${place}`, () => {
    let storage: Storage;
    let folder: string;
    const put = async (key: string, bytes: Buffer | string) => {
      const path = join(folder, randomBytes(4).toString("hex"));
      await writeFile(path, bytes);
      await storage.storeFile(key, path);
      return path;
    };

    beforeAll(async () => {
      if (settings === bucket) await createBucket(bucket);
      for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
      // The environment is read once a module: this place needs modules of its own.
      vi.resetModules();
      storage = await import("./storage");
      folder = await mkdtemp(join(tmpdir(), "graft-storage-"));
      return () => vi.unstubAllEnvs();
    });

    test("bytes come back as they went in, and the local file is gone", async () => {
      const bytes = randomBytes(3_000_000);
      const path = await put("ten_1/files/file-a", bytes);
      expect(Buffer.compare(await buffer(await storage.readBlob("ten_1/files/file-a")), bytes)).toBe(0);
      await expect(stat(path)).rejects.toThrow("ENOENT");
    });

    test("an empty blob is a blob", async () => {
      await put("ten_1/files/file-empty", "");
      expect((await buffer(await storage.readBlob("ten_1/files/file-empty"))).length).toBe(0);
    });

    test("a local copy has the blob's bytes", async () => {
      await put("ten_1/files/file-b", "a,b\n");
      const copy = await storage.localCopy("ten_1/files/file-b", join(folder, "deep", "copy"));
      expect(await readFile(copy, "utf8")).toBe("a,b\n");
    });

    test("what is absent is not found", async () => {
      await expect(storage.readBlob("ten_1/files/none")).rejects.toMatchObject({ code: "not_found" });
      await expect(storage.localCopy("ten_1/files/none", join(folder, "none"))).rejects.toMatchObject({
        code: "not_found",
      });
    });

    test("a tenant's prefix goes whole, however many blobs it has, and its neighbour's stays", async () => {
      for (let n = 0; n < 12; n++) await put(`ten_2/files/${n}`, "x");
      await put("ten_20/files/kept", "y");
      await storage.removeBlobs("ten_2/");
      await expect(storage.readBlob("ten_2/files/3")).rejects.toMatchObject({ code: "not_found" });
      expect(String(await buffer(await storage.readBlob("ten_20/files/kept")))).toBe("y");
      await storage.removeBlobs("ten_2/");
    });

    test("one blob goes alone, also where another's name begins with its name", async () => {
      await put("ten_3/models/mdl_1/weights", "x");
      await put("ten_3/models/mdl_1/weights.f32", "y");
      await storage.removeBlobs("ten_3/models/mdl_1/weights");
      await expect(storage.readBlob("ten_3/models/mdl_1/weights")).rejects.toMatchObject({
        code: "not_found",
      });
      expect(String(await buffer(await storage.readBlob("ten_3/models/mdl_1/weights.f32")))).toBe("y");
    });
  });
