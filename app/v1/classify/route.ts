import { forwardToServe } from "@/lib/forward-to-serve";

export const POST = forwardToServe;
