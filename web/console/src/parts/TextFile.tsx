/** Within a `Form.Item`: a text that is pasted, or read from a file that was carried here. */
import { UploadOutlined } from "@ant-design/icons";
import { Button, Flex, Input, Upload } from "antd";
import { useTranslation } from "react-i18next";

interface Props {
  id?: string;
  value?: string;
  onChange?: (text: string) => void;
}

export function TextFile({ id, value, onChange }: Props) {
  const { t } = useTranslation();
  async function read(file: File) {
    onChange?.((await file.text()).trim());
    return false;
  }
  return (
    <Flex vertical gap="small" align="start">
      <Input.TextArea id={id} rows={6} value={value} onChange={(event) => onChange?.(event.target.value)} spellCheck={false} />
      <Upload beforeUpload={read} showUploadList={false}>
        <Button icon={<UploadOutlined />}>{t("fromFile")}</Button>
      </Upload>
    </Flex>
  );
}
