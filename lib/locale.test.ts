import { describe, expect, it } from "vitest";
import { chooseLocale } from "./locale";

describe("the language of a page", () => {
  it("is the chosen one, whatever the browser says", () => {
    expect(chooseLocale("zh", "en-GB,en;q=0.9")).toBe("zh");
  });

  it("is the browser's dearest one that we have", () => {
    expect(chooseLocale(undefined, "fr-FR,zh-CN;q=0.8,en;q=0.9")).toBe("en");
    expect(chooseLocale(undefined, "zh-Hans-CN,en;q=0.5")).toBe("zh");
    expect(chooseLocale("xx", "zh;q=0, en;q=0.1")).toBe("en");
  });

  it("is English when nothing is known", () => {
    expect(chooseLocale(undefined, null)).toBe("en");
    expect(chooseLocale(undefined, ";;q=x,*")).toBe("en");
  });
});
