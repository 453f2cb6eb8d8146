/** A form that is opened, sent, and closed when it is done. */
import { Form, type FormInstance } from "antd";
import { useState } from "react";

/** Sends a form by `useAction`, to which it gives `form`; what is not `undefined` closes it. */
export type Send<Values> = (values: Values, form: FormInstance<Values>) => Promise<unknown>;

export function useSentForm<Values extends object>(send: Send<Values>, opened = false) {
  const [form] = Form.useForm<Values>();
  const [open, setOpen] = useState(opened);
  const [sending, setSending] = useState(false);
  async function submit(values: Values) {
    setSending(true);
    const done = await send(values, form).finally(() => setSending(false));
    if (done !== undefined) setOpen(false);
  }
  return { form, open, setOpen, sending, submit };
}
