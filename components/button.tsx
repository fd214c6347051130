import clsx from "clsx";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";

const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong shadow-xs",
  secondary: "bg-raised text-ink border border-line hover:bg-hover shadow-xs",
  ghost: "text-ink-2 hover:bg-hover hover:text-ink",
  danger: "bg-bad-fill text-white hover:brightness-110 shadow-xs",
};
const SIZES = {
  sm: "h-7 px-2.5 text-xs gap-1.5 rounded-sm",
  md: "h-9 px-3.5 text-sm gap-2 rounded-md",
};

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
  /** Keeps its width, cannot be pressed twice, and tells assistive technology that it is busy. */
  isLoading?: boolean;
  /** Gives its look to the one child, for example a link. */
  asChild?: boolean;
}

export function Button({
  variant = "primary",
  size = "md",
  isLoading = false,
  asChild = false,
  className,
  children,
  disabled,
  type,
  ...rest
}: ButtonProps) {
  const look = clsx(
    "relative inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap select-none",
    "transition-[background-color,filter,color] duration-100",
    "disabled:pointer-events-none disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
    VARIANTS[variant],
    SIZES[size],
    className,
  );
  if (asChild)
    return (
      <Slot.Root className={look} {...rest}>
        {children}
      </Slot.Root>
    );
  return (
    <button
      type={type ?? "button"}
      className={look}
      disabled={disabled || isLoading}
      aria-busy={isLoading || undefined}
      {...rest}
    >
      <span className={clsx("contents", isLoading && "[&>*]:opacity-0")}>
        {isLoading ? <span className="inline-flex items-center gap-2">{children}</span> : children}
      </span>
      {isLoading && <LoaderCircle aria-hidden className="animate-spin-slow absolute" />}
    </button>
  );
}
