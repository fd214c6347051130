"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

export interface DialogProps {
  trigger?: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** A sheet from below on phones, a box in the middle elsewhere. Focus stays inside, Escape closes. */
export function Dialog({ trigger, title, description, children, open, onOpenChange }: DialogProps) {
  const t = useTranslations("kit");
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      {trigger !== undefined && <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>}
      <Primitive.Portal>
        <Primitive.Overlay className="bg-scrim fixed inset-0 z-40" />
        <Primitive.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className="bg-raised animate-rise fixed inset-x-0 bottom-0 z-50 max-h-[90dvh] overflow-y-auto rounded-t-xl border p-5 shadow-lg outline-none sm:inset-x-auto sm:top-[12vh] sm:bottom-auto sm:left-1/2 sm:max-h-[76vh] sm:w-[min(32rem,calc(100vw-3rem))] sm:-translate-x-1/2 sm:rounded-xl"
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
              {description !== undefined && (
                <Primitive.Description className="text-ink-2 mt-1 text-sm">
                  {description}
                </Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <Button variant="ghost" size="sm" aria-label={t("close")} className="-mt-1 -mr-2 w-7 px-0">
                <X aria-hidden />
              </Button>
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Wrap a button in it to close the dialog that it stands in. */
export const DialogClose = Primitive.Close;
