/** A button that saves a file of the API. */
import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, type ButtonProps } from "antd";
import { useState } from "react";
import { download } from "./files";

interface Props extends Pick<ButtonProps, "type" | "size" | "block"> {
  /** A path on this host, as the API gives it. */
  path: string;
  label: string;
  /** What the button is called where its label alone does not say of what it is. */
  about?: string;
}

export function Download({ path, label, about, ...button }: Props) {
  const { message } = App.useApp();
  const [loading, setLoading] = useState(false);
  async function get() {
    setLoading(true);
    const refused = await download(path).finally(() => setLoading(false));
    if (refused) message.error(refused);
  }
  return (
    <Button {...button} icon={<DownloadOutlined />} loading={loading} onClick={get} aria-label={about ? `${label} ${about}` : undefined}>
      {label}
    </Button>
  );
}
