import { readBytes } from "@/lib/request-body";
import { route } from "@/lib/route";
import { readEvent, takeEvent } from "@/lib/stripe";

const MAX_BYTES = 1_000_000;

/** The payment provider tells what happened: believed for its signature, repeated by it until it is answered with 200. */
export const POST = route({ auth: "public", perMinute: 6000 }, async ({ request }) => {
  const body = await readBytes(request, MAX_BYTES);
  await takeEvent(readEvent(body, request.headers.get("stripe-signature")));
  return { received: true };
});
