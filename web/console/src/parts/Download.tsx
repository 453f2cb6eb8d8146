/** A file of the API: fetched with the person's own token, and saved under the name that the server gives it. */
import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, type ButtonProps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { language } from "@/app/language";
import { session } from "@/app/session";

interface Props extends Pick<ButtonProps, "type" | "size" | "block"> {
  /** A path on this host, as the API gives it. */
  path: string;
  label: string;
  /** What the button is called where its label alone does not say of what it is. */
  about?: string;
}

export function Download({ path, label, about, ...button }: Props) {
  const { message } = App.useApp();
  const { t } = useTranslation();
  const [loading, setLoading] = useState(false);
  async function download() {
    setLoading(true);
    const refused = await save(path).catch(() => t("unreachable")).finally(() => setLoading(false));
    if (refused) message.error(refused);
  }
  return (
    <Button {...button} icon={<DownloadOutlined />} loading={loading} onClick={download} aria-label={about ? `${label} ${about}` : undefined}>
      {label}
    </Button>
  );
}

/** Saves the file, or says why the server does not give it. */
async function save(path: string): Promise<string | undefined> {
  const headers = { Authorization: `Bearer ${session.token}`, "Accept-Language": language() };
  const answer = await fetch(path, { headers });
  if (!answer.ok) return ((await answer.json()) as { message: string }).message;
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "";
  keep(name, await answer.blob());
  return undefined;
}

/** Saves what is at hand, such as the text of a receipt. */
export function keep(name: string, file: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
