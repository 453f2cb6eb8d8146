/** The service agreement: it has to be read to its end before it can be accepted. */
import { App, Button, Flex, Typography } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import { Loaded } from "@/parts/Loaded";
import { formatInstant } from "@/parts/values";
import type { AgreementTextQuery, EditionKey } from "@/gql/graphql";

const AgreementText = graphql(`
  query AgreementText($id: ID!, $edition: EditionKey!) {
    account(id: $id) { id agreement(edition: $edition) { id version title text contentHash publishedAt } }
  }
`);

const AcceptAgreement = graphql(`
  mutation AcceptAgreement($accountId: ID!, $agreementId: ID!, $contentHash: String!) {
    acceptAgreement(accountId: $accountId, agreementId: $agreementId, contentHash: $contentHash) {
      ... on AcceptAgreementSuccess { account { id } acceptance { id } }
      ... on Error { code message path }
    }
  }
`);

type Text = NonNullable<NonNullable<AgreementTextQuery["account"]>["agreement"]>;

interface Accepting {
  id: string;
  name: string;
}

export function Agreement({ account, edition }: { account: Accepting; edition: EditionKey }) {
  return (
    <Loaded document={AgreementText} variables={{ id: account.id, edition }}>
      {(data) => data.account?.agreement && <Read account={account} agreement={data.account.agreement} />}
    </Loaded>
  );
}

function Read({ account, agreement }: { account: Accepting; agreement: Text }) {
  const { t, i18n } = useTranslation("upgrade");
  const { modal } = App.useApp();
  const text = useRef<HTMLDivElement>(null);
  const [read, setRead] = useState(false);
  const [accept, accepting] = useAction(AcceptAgreement);

  function look() {
    const shown = text.current;
    if (shown && shown.scrollTop + shown.clientHeight >= shown.scrollHeight - 8) setRead(true);
  }
  // A short text that needs no scrolling has been seen to its end.
  useEffect(look, []);

  const confirm = () =>
    modal.confirm({
      title: t("acceptTitle"),
      content: t("acceptText", { name: account.name, title: agreement.title }),
      okText: t("accept"),
      onOk: () => accept({ accountId: account.id, agreementId: agreement.id, contentHash: agreement.contentHash }),
    });
  return (
    <Flex vertical gap="middle">
      <div>
        <Typography.Title level={2} style={{ fontSize: 18, margin: 0 }}>{agreement.title}</Typography.Title>
        <Typography.Text type="secondary">
          {t("version", { version: agreement.version, at: formatInstant(agreement.publishedAt, i18n.language) })}
        </Typography.Text>
      </div>
      <div
        ref={text}
        onScroll={look}
        tabIndex={0}
        role="region"
        aria-label={agreement.title}
        className="agreement"
      >
        {agreement.text}
      </div>
      <Flex gap="middle" align="center" wrap>
        <Button type="primary" disabled={!read} loading={accepting} onClick={confirm}>{t("accept")}</Button>
        {!read && <Typography.Text type="secondary">{t("readToEnd")}</Typography.Text>}
      </Flex>
    </Flex>
  );
}
