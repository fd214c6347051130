import { createHash } from "node:crypto";

/**
 * Which serving process answers a model's calls. By rendezvous hashing (Thaler and Ravishankar 1998) a model has a process of its
 * own, whose memory has it, and only what a lost process had moves; with bounded loads (Mirrokni et al. 2018) none has much
 * more in flight than its share, so one model that everybody asks is answered by several. One that does not take
 * connections is passed over for a moment.
 */
const LOAD_FACTOR = 1.25;
/** Then one call tries it again. */
const AWAY_MS = 1000;

interface Target {
  url: string;
  inFlight: number;
  awayUntil: number;
}

export interface ServeTargets {
  /** The targets in the order in which a call should try them. */
  order(model: string | null, now?: number): string[];
  /** A call is on its way; done when its answer has begun. */
  begin(url: string): () => void;
  lost(url: string, now?: number): void;
}

const scoreOf = (model: string, url: string): string =>
  createHash("sha1").update(`${model}\n${url}`).digest("hex");

export function createServeTargets(urls: readonly string[]): ServeTargets {
  const targets = urls.map((url): Target => ({ url, inFlight: 0, awayUntil: 0 }));
  const find = (url: string) => targets.find((one) => one.url === url);
  return {
    order(model, now = Date.now()) {
      const total = targets.reduce((sum, { inFlight }) => sum + inFlight, 0);
      const most = Math.ceil(((total + 1) / targets.length) * LOAD_FACTOR);
      const rank = (target: Target) => Number(target.awayUntil > now) * 2 + Number(target.inFlight >= most);
      const scores = new Map(
        targets.map((target) => [target, model === null ? "" : scoreOf(model, target.url)]),
      );
      return [...targets]
        .sort(
          (a, b) =>
            rank(a) - rank(b) ||
            (scores.get(a) === scores.get(b)
              ? a.inFlight - b.inFlight
              : (scores.get(a) ?? "") > (scores.get(b) ?? "")
                ? -1
                : 1),
        )
        .map(({ url }) => url);
    },
    begin(url) {
      const target = find(url);
      if (!target) return () => {};
      target.inFlight++;
      return () => {
        target.inFlight--;
      };
    },
    lost(url, now = Date.now()) {
      const target = find(url);
      if (target) target.awayUntil = now + AWAY_MS;
    },
  };
}

/** The model that a call names, without reading more than is needed: it decides where, not what. */
export function modelNamed(pathname: string, body: Buffer | null): string | null {
  const [, inPath] = /^\/(?:v1|v2|hf)\/models\/([^/]+)/.exec(pathname) ?? [];
  if (inPath !== undefined) return decodeURIComponent(inPath);
  if (!body) return null;
  const ends = [body.subarray(0, 2048), body.subarray(-2048)];
  for (const end of ends) {
    const [, name] = /"model"\s*:\s*"([^"\\]{1,300})"/.exec(end.toString("latin1")) ?? [];
    if (name !== undefined) return name;
  }
  return null;
}
