import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "@/lib/auth";

/** Sign-in, its callbacks and sign-out are next-auth's own protocol, so they are not made by `route()`. */
type Context = { params: Promise<{ nextauth: string[] }> };

export const GET = (request: NextRequest, context: Context): Promise<Response> =>
  NextAuth(request, context, authOptions());
export const POST = GET;
