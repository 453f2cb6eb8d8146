/** A button that saves a file of the API. */
import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, type ButtonProps } from "antd";
import { useState } from "react";
import { download } from "./files";

export function DownloadButton({ path, children, ...button }: Omit<ButtonProps, "onClick"> & { path: string }) {
  const { message } = App.useApp();
  const [loading, setLoading] = useState(false);
  async function get() {
    setLoading(true);
    const refused = await download(path).finally(() => setLoading(false));
    if (refused) message.error(refused);
  }
  return <Button icon={<DownloadOutlined />} {...button} loading={loading} onClick={get}>{children}</Button>;
}
