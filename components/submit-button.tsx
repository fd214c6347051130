"use client";
import clsx from "clsx";
import { useSyncExternalStore } from "react";
import { Button, type ButtonProps } from "./button";

const never = () => () => {};

/**
 * Cannot be pressed before the page's code has arrived: until then the browser would send the form by itself,
 * to a page that does not take it. It looks ready all the while.
 */
export function SubmitButton({ className, disabled, ...rest }: Omit<ButtonProps, "type" | "asChild">) {
  const isReady = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <Button
      {...rest}
      type="submit"
      disabled={disabled || !isReady}
      className={clsx(!isReady && "disabled:opacity-100", className)}
    />
  );
}
