"use client";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Alert } from "./alert";
import { Button, type ButtonProps } from "./button";
import { Dialog, DialogClose } from "./dialog";
import { useErrorText } from "./use-error-text";

export interface ConfirmButtonProps {
  /** What stands on the button; `label` is its full name where that is too short out of its row. */
  children: ReactNode;
  label?: string;
  title: string;
  text: ReactNode;
  /** What stands on the button that does it. */
  action: string;
  onConfirm: () => Promise<void>;
  variant?: ButtonProps["variant"];
  size?: ButtonProps["size"];
  tone?: "danger" | "primary";
}

/** Asks once more before something that cannot be taken back; a refusal is shown where it was asked. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const {
    children,
    label,
    title,
    text,
    action,
    onConfirm,
    variant = "secondary",
    size,
    tone = "danger",
  } = props;
  const t = useTranslations("kit");
  const errorText = useErrorText();
  const [isOpen, setIsOpen] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (open: boolean) => {
    if (isBusy) return;
    setError(null);
    setIsOpen(open);
  };
  const confirm = async () => {
    setIsBusy(true);
    setError(null);
    try {
      await onConfirm();
      setIsOpen(false);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={change}
      title={title}
      description={text}
      trigger={
        <Button variant={variant} size={size} aria-label={label}>
          {children}
        </Button>
      }
    >
      <div className="grid gap-4">
        {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
        <div className="flex flex-wrap justify-end gap-2">
          <DialogClose asChild>
            <Button variant="secondary" disabled={isBusy}>
              {t("cancel")}
            </Button>
          </DialogClose>
          <Button variant={tone} isLoading={isBusy} onClick={confirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
