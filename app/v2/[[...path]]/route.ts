import { forwardToServe } from "@/lib/forward-to-serve";

export const GET = forwardToServe;
export const POST = forwardToServe;
