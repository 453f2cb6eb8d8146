/** A text to be copied, such as a license or a key; a secret is shown once and says so. */
import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Button, Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export function Copied({ label, text, rows = 1 }: { label: string; text: string; rows?: number }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 3000);
  }
  return (
    <div>
      <Flex justify="space-between" align="center">
        <Typography.Text strong>{label}</Typography.Text>
        <Button size="small" icon={copied ? <CheckOutlined /> : <CopyOutlined />} onClick={copy} aria-label={`${t("copy")} ${label}`}>
          {copied ? t("copied") : t("copy")}
        </Button>
      </Flex>
      <pre className="code" tabIndex={0} aria-label={label} style={{ maxHeight: rows > 1 ? rows * 22 + 16 : undefined }}>{text}</pre>
    </div>
  );
}
