"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { Alert } from "./alert";
import { Button, type ButtonProps } from "./button";
import { Dialog } from "./dialog";
import { SubmitButton } from "./submit-button";
import { useSubmit } from "./use-submit";

type ErrorOf = ReturnType<typeof useSubmit>["errorOf"];

interface FormDialogProps {
  /** What stands on the button that opens it. */
  trigger: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  /** What stands on the button that sends it, and what is said when it was sent. */
  action: string;
  done: string | ((values: Record<string, string>) => string);
  fields: readonly string[];
  send: (values: Record<string, string>) => Promise<void>;
  variant?: ButtonProps["variant"];
  size?: ButtonProps["size"];
  children?: (errorOf: ErrorOf) => ReactNode;
}

/** A few fields behind a button: sent, said, and the page asked for again. */
export function FormDialog({ trigger, title, description, variant, size, ...form }: FormDialogProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dialog
      open={isOpen}
      onOpenChange={setIsOpen}
      title={title}
      description={description}
      trigger={
        <Button variant={variant} size={size}>
          {trigger}
        </Button>
      }
    >
      <Form {...form} onDone={() => setIsOpen(false)} />
    </Dialog>
  );
}

type FormProps = Pick<FormDialogProps, "action" | "done" | "fields" | "send" | "children">;
function Form({ action, done, fields, send, children, onDone }: FormProps & { onDone: () => void }) {
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(fields, async (values) => {
    await send(values);
    toast.success(typeof done === "string" ? done : done(values));
    onDone();
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      {children?.(errorOf)}
      <SubmitButton isLoading={isBusy} className="justify-self-end">
        {action}
      </SubmitButton>
    </form>
  );
}
