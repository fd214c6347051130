import { expect, test } from "vitest";
import { createServeTargets, modelNamed } from "./serve-targets";

const urls = ["http://a:1", "http://b:1", "http://c:1"];
const models = Array.from({ length: 3000 }, (_, n) => `ft:base:acme::${n}`);

test("models are spread evenly, each always to the same process, and only a lost one's move", () => {
  const targets = createServeTargets(urls);
  const before = models.map((model) => targets.order(model)[0]);
  for (const url of urls) {
    const share = before.filter((one) => one === url).length / models.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.39);
  }
  expect(models.map((model) => createServeTargets([...urls].reverse()).order(model)[0])).toEqual(before);
  targets.lost("http://b:1", 1000);
  const after = models.map((model) => targets.order(model, 1500)[0]);
  for (const [n, url] of before.entries())
    if (url === "http://b:1") expect(after[n]).not.toBe(url);
    else expect(after[n]).toBe(url);
  expect(models.map((model) => targets.order(model, 2001)[0])).toEqual(before);
});

test("a model that everybody asks is answered by several: none has more than a quarter above its share in flight", () => {
  const targets = createServeTargets(urls);
  const counts = new Map<string, number>();
  for (let n = 0; n < 300; n++) {
    const [url = ""] = targets.order("ft:popular");
    targets.begin(url);
    counts.set(url, (counts.get(url) ?? 0) + 1);
  }
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(Math.ceil((300 / 3) * 1.25));
  expect(counts.size).toBe(3);
});

test("a call without a model goes to who has least to do, one that is away comes last", () => {
  const targets = createServeTargets(urls);
  targets.begin("http://a:1");
  targets.begin("http://b:1");
  expect(targets.order(null)[0]).toBe("http://c:1");
  targets.lost("http://c:1", 0);
  expect(targets.order(null, 500).at(-1)).toBe("http://c:1");
});

test("the model is found in the path and at either end of the body", () => {
  const body = (text: string) => Buffer.from(text);
  expect(modelNamed("/v2/models/ft%3Ax/infer", null)).toBe("ft:x");
  expect(modelNamed("/hf/models/ft:x", null)).toBe("ft:x");
  expect(modelNamed("/v1/predictions", body('{"model": "ft:x", "input": "y"}'))).toBe("ft:x");
  expect(modelNamed("/v1/predictions", body(`{"input":"${"y".repeat(9000)}","model":"ft:x"}`))).toBe("ft:x");
  expect(modelNamed("/v1/predictions", body("{"))).toBeNull();
  expect(modelNamed("/v1/predictions/file", null)).toBeNull();
});
