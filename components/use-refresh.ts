"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Asks the server for the page again while something on it is still being worked on. */
export function useRefreshWhile(isOpen: boolean, everyMs = 1500): void {
  const router = useRouter();
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [isOpen, everyMs, router]);
}

export function RefreshWhile({ isOpen }: { isOpen: boolean }) {
  useRefreshWhile(isOpen);
  return null;
}
