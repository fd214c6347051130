import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { env } from "./env";

/**
 * Requests to addresses that customers name. Only public unicast addresses are spoken to: the name is resolved here, every
 * address is looked at, and the connection goes to the very one that was looked at, so a name that answers otherwise a
 * moment later changes nothing. Redirects are not followed. On-premises installations may allow their own networks.
 */
export class EgressError extends Error {
  override readonly name = "EgressError";
}

const MAX_ANSWER_BYTES = 1024;

/** All that is handed out of IPv6; what lies outside, such as `::10.0.0.1`, is no public network whatever it is called. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
/** Looks public, and is the host of every machine at Azure, which answers what a machine may know of itself. */
const HOST_OF_MACHINES = "168.63.129.16";

/** Loopback, private, link-local, carrier's, multicast, documentation, mapped and translated ones are not public. */
export function isPublicAddress(address: string): boolean {
  // Short forms such as `127.1` are no addresses that a resolver gives.
  if (isIP(address) === 0) return false;
  // `::ffff:10.0.0.1` is 10.0.0.1 on the way.
  const given = ipaddr.process(address);
  if (given instanceof ipaddr.IPv6 && !given.match(GLOBAL_IPV6)) return false;
  return given.range() === "unicast" && given.toString() !== HOST_OF_MACHINES;
}

/** An address of IPv6 without its brackets. */
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[(.*)\]$/, "$1");

/** @throws what is wrong with an address, in words for who typed it. */
export function checkUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new EgressError("this is not an address");
  }
  const isOwn = env().WEBHOOK_ALLOW_PRIVATE;
  if (url.protocol !== "https:" && !(isOwn && url.protocol === "http:"))
    throw new EgressError("the address must begin with https://");
  if (url.username || url.password) throw new EgressError("the address must not hold a user or a password");
  const host = hostOf(url);
  if (!isOwn && (isIP(host) ? !isPublicAddress(host) : /(^|\.)localhost$|^[^.]+$/.test(host)))
    throw new EgressError("the address is not a public one");
  return url;
}

export type Resolve = (host: string) => Promise<LookupAddress[]>;
const resolveAll: Resolve = (host) => lookup(host, { all: true });

async function addressOf(url: URL, resolve: Resolve): Promise<LookupAddress> {
  const host = hostOf(url);
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolve(host);
  const [first] = found;
  if (!first) throw new EgressError("the name has no address");
  // One that is not public among others is a name that was made for us.
  if (!env().WEBHOOK_ALLOW_PRIVATE && !found.every(({ address }) => isPublicAddress(address)))
    throw new EgressError("the name leads to an address that is not a public one");
  return first;
}

export interface Sent {
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

interface Post {
  headers: Record<string, string>;
  body: string;
  /** For all of it: the name, the connection and the answer. */
  timeoutMs: number;
  /** Ends it early. */
  stop?: AbortSignal | undefined;
}

/** Posts, and reads no more of the answer than is needed to be polite. */
export async function post(
  address: string,
  { headers, body, timeoutMs, stop }: Post,
  resolve: Resolve = resolveAll,
): Promise<Sent> {
  const url = checkUrl(address);
  const late = AbortSignal.timeout(timeoutMs);
  const signal = stop ? AbortSignal.any([late, stop]) : late;
  try {
    return await send(url, await unless(signal, addressOf(url, resolve)), { headers, body, signal });
  } catch (error) {
    throw late.aborted ? new EgressError(`no answer within ${timeoutMs / 1000} s`) : error;
  }
}

/** Waits no longer than until the signal: the system's resolver cannot be told to stop. */
const unless = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((done, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(done, reject);
  });

const send = (
  url: URL,
  { address, family }: LookupAddress,
  { headers, body, signal }: { headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<Sent> =>
  new Promise((done, reject) => {
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = open(
      url,
      {
        ...{ method: "POST", signal, agent: false },
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        // What was looked at, whatever the name answers by now.
        lookup: (_name, { all }, found) =>
          all ? found(null, [{ address, family }] as never) : found(null, address, family),
      },
      (response) => {
        let size = 0;
        const finish = () => done({ status: response.statusCode ?? 0, headers: response.headers });
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) response.destroy();
        });
        response.once("close", finish);
        response.on("error", finish);
      },
    );
    // Each of them: one that nobody hears ends the process.
    request.on("error", reject);
    request.end(body);
  });
