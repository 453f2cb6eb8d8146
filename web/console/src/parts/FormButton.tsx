/** A button that opens a form, and a button that asks before it does something. */
import { App, Button, type ButtonProps, Form, Modal } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Send, useSentForm } from "./useSentForm";

interface FormButtonProps<Values> extends Pick<ButtonProps, "type" | "icon" | "size" | "danger" | "disabled"> {
  label: string;
  /** The title of the form; the button's label by default. */
  title?: string;
  /** The `Form.Item`s. */
  children: ReactNode;
  initialValues?: Partial<Values>;
  /** Whether the form is open from the start, as where an address leads to it. */
  opened?: boolean;
  send: Send<Values>;
}

export function FormButton<Values extends object>(props: FormButtonProps<Values>) {
  const { label, title, children, initialValues, opened, send, ...button } = props;
  const { t } = useTranslation();
  const { form, open, setOpen, sending, submit } = useSentForm(send, opened);
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>{label}</Button>
      <Modal
        open={open}
        title={title ?? label}
        okText={t("confirm")}
        confirmLoading={sending}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
      >
        <Form form={form} layout="vertical" initialValues={initialValues} onFinish={submit} preserve={false}>
          {children}
        </Form>
      </Modal>
    </>
  );
}

interface ConfirmButtonProps extends Pick<ButtonProps, "type" | "icon" | "size" | "danger" | "disabled"> {
  label: string;
  /** What is asked, and what it leads to. */
  question: string;
  consequence?: string;
  act: () => Promise<unknown>;
}

export function ConfirmButton({ label, question, consequence, act, ...button }: ConfirmButtonProps) {
  const { modal } = App.useApp();
  return (
    <Button
      {...button}
      onClick={() => modal.confirm({ title: question, content: consequence, okText: label, okButtonProps: { danger: button.danger }, onOk: act })}
    >
      {label}
    </Button>
  );
}
