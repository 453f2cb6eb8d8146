/** A button that opens a long form, at the side of the page. */
import { Button, type ButtonProps, Drawer, Flex, Form, type FormInstance } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Send, useSentForm } from "@/parts/useSentForm";

interface Props<Values> extends Pick<ButtonProps, "type" | "icon" | "size" | "disabled"> {
  label: string;
  title?: string;
  children: ReactNode;
  initialValues?: object;
  width?: number;
  onValuesChange?: (changed: Partial<Values>, values: Values, form: FormInstance<Values>) => void;
  send: Send<Values>;
}

export function FormDrawer<Values extends object>(props: Props<Values>) {
  const { label, title, children, initialValues, width = 560, onValuesChange, send, ...button } = props;
  const { t } = useTranslation();
  const { form, open, setOpen, sending, submit } = useSentForm(send);
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
