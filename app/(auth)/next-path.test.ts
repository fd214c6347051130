import { describe, expect, it } from "vitest";
import { ownPath } from "./next-path";

describe("the page after sign-in", () => {
  it("is a path of our own", () => {
    expect(ownPath("/invitation?token=a")).toBe("/invitation?token=a");
  });

  it("is never an address of another site", () => {
    for (const wanted of [
      "https://evil.test/",
      "//evil.test",
      "/\\evil.test",
      "/\t/evil.test",
      "evil",
      "",
      ["/a"],
    ])
      expect(ownPath(wanted)).toBeNull();
  });
});
