"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { useErrorText } from "./use-error-text";

/**
 * One button or switch: busy while it works, then what was done or why not is said, and the page asked for again. `undo`
 * takes back what was shown already when it is refused.
 */
export function useAct() {
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const act = async (work: () => Promise<unknown>, done?: string, undo?: () => void) => {
    setIsBusy(true);
    try {
      await work();
      if (done !== undefined) toast.success(done);
    } catch (error) {
      undo?.();
      toast.error(errorText(error));
    } finally {
      setIsBusy(false);
      router.refresh();
    }
  };
  return { isBusy, act };
}
