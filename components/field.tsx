"use client";
import clsx from "clsx";
import { Check, ChevronDown, CircleAlert } from "lucide-react";
import { Checkbox as CheckboxPrimitive, Switch as SwitchPrimitive } from "radix-ui";
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";

/** A field tells its control which label and which sentences belong to it. */
interface Wiring {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: boolean;
}
const FieldContext = createContext<Wiring>({});

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** For controls whose meaning is plain to the eye, such as a search box in a toolbar. */
  isLabelHidden?: boolean;
  className?: string;
  children: ReactNode;
}

export function Field({ label, hint, error, required, isLabelHidden, className, children }: FieldProps) {
  const id = useId();
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const wiring: Wiring = {
    id,
    "aria-describedby": describedBy || undefined,
    "aria-invalid": error ? true : undefined,
    required,
  };
  return (
    <div className={clsx("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={clsx("text-sm font-medium", isLabelHidden && "sr-only")}>
        {label}
      </label>
      <FieldContext value={wiring}>{children}</FieldContext>
      {error && (
        <p id={`${id}-error`} role="alert" className="text-bad flex items-start gap-1.5 text-xs">
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span className="min-w-0">{error}</span>
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-ink-3 text-xs">
          {hint}
        </p>
      )}
    </div>
  );
}

const control = clsx(
  "bg-surface text-ink border-line-strong/60 placeholder:text-ink-3 w-full min-w-0 rounded-md border text-sm shadow-xs",
  "hover:border-line-strong focus-visible:border-accent focus-visible:outline-accent/25 transition-colors",
  "focus-visible:outline-3 focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-ink-3",
  "aria-invalid:border-bad aria-invalid:focus-visible:outline-bad/25",
);

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input
      {...useContext(FieldContext)}
      className={clsx(control, "h-(--control) px-3", className)}
      {...rest}
    />
  );
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      rows={4}
      {...useContext(FieldContext)}
      className={clsx(control, "min-h-20 px-3 py-2", className)}
      {...rest}
    />
  );
}

/** The system's own select: right on phones and with the keyboard. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={clsx("relative block min-w-0", className)}>
      <select
        {...useContext(FieldContext)}
        className={clsx(control, "h-(--control) appearance-none truncate pr-8 pl-3")}
        {...rest}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="text-ink-3 pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2"
      />
    </span>
  );
}

export interface ToggleProps {
  label: ReactNode;
  hint?: ReactNode;
  checked?: boolean;
  defaultChecked?: boolean;
  onCheckedChange?: (checked: boolean) => void;
  disabled?: boolean;
  name?: string;
  value?: string;
}

export function Checkbox({ label, hint, onCheckedChange, ...rest }: ToggleProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <CheckboxPrimitive.Root
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={(checked) => onCheckedChange?.(checked === true)}
        className="bg-surface border-line-strong data-[state=checked]:bg-accent data-[state=checked]:border-accent text-on-accent mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-xs border disabled:opacity-55"
        {...rest}
      >
        <CheckboxPrimitive.Indicator>
          <Check aria-hidden className="size-3" strokeWidth={3} />
        </CheckboxPrimitive.Indicator>
      </CheckboxPrimitive.Root>
      <ToggleText id={id} label={label} hint={hint} />
    </div>
  );
}

export function Switch({ label, hint, onCheckedChange, ...rest }: ToggleProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <SwitchPrimitive.Root
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onCheckedChange={onCheckedChange}
        className="bg-line-strong data-[state=checked]:bg-accent relative mt-0.5 h-4.5 w-8 shrink-0 rounded-full transition-colors disabled:opacity-55"
        {...rest}
      >
        <SwitchPrimitive.Thumb className="bg-surface block size-3.5 translate-x-0.5 rounded-full shadow-xs transition-transform data-[state=checked]:translate-x-4" />
      </SwitchPrimitive.Root>
      <ToggleText id={id} label={label} hint={hint} />
    </div>
  );
}

function ToggleText({ id, label, hint }: { id: string; label: ReactNode; hint?: ReactNode }) {
  return (
    <span className="min-w-0">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {hint && (
        <span id={`${id}-hint`} className="text-ink-3 block text-xs">
          {hint}
        </span>
      )}
    </span>
  );
}
