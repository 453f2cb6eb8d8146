/** A button that opens a long form, at the side of the page. */
import { Button, type ButtonProps, Drawer, Flex, Form, type FormInstance } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props<Values> extends Pick<ButtonProps, "type" | "icon" | "size" | "disabled"> {
  label: string;
  title?: string;
  children: ReactNode;
  initialValues?: object;
  width?: number;
  onValuesChange?: (changed: Partial<Values>, values: Values, form: FormInstance<Values>) => void;
  /** Sends the form by `useAction`, to which it gives `form`; what is not `undefined` closes it. */
  send: (values: Values, form: FormInstance<Values>) => Promise<unknown>;
}

export function FormDrawer<Values extends object>(props: Props<Values>) {
  const { label, title, children, initialValues, width = 560, onValuesChange, send, ...button } = props;
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const [open, setOpen] = useState(false);
  const [sending, setSending] = useState(false);
  async function submit(values: Values) {
    setSending(true);
    const done = await send(values, form).finally(() => setSending(false));
    if (done !== undefined) setOpen(false);
  }
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>{label}</Button>
      <Drawer
        open={open}
        size={width}
        title={title ?? label}
        destroyOnHidden
        onClose={() => setOpen(false)}
        footer={
          <Flex justify="end" gap="small">
            <Button onClick={() => setOpen(false)}>{t("cancel")}</Button>
            <Button type="primary" loading={sending} onClick={() => form.submit()}>{t("confirm")}</Button>
          </Flex>
        }
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          scrollToFirstError
          initialValues={initialValues}
          onValuesChange={(changed, values) => onValuesChange?.(changed, values, form)}
          onFinish={submit}
        >
          {children}
        </Form>
      </Drawer>
    </>
  );
}
