/** One application: what is wanted, what was offered, what was talked about, and what the account manager does with it. */
import { Button, Descriptions, Divider, Drawer, Flex, Form, Input, Radio, Tag, Timeline, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { accountPath, useStaff } from "@/app/staff";
import { useAction } from "@/app/useAction";
import { graphql } from "@/gql";
import type { ApplicationState, NoteKind, OneApplicationQuery } from "@/gql/graphql";
import { ConfirmButton, FormButton } from "@/parts/FormButton";
import { Loaded } from "@/parts/Loaded";
import { Count, Day, Instant, Money } from "@/parts/values";
import { Reason, useRequired } from "./inputs";
import { OfferForm } from "./OfferForm";

const OneApplication = graphql(`
  query OneApplication($id: ID!) {
    viewer { user { id email } }
    node(id: $id) {
      id
      ... on Application {
        edition state remarks contactName contactPhone contactEmail expectedDataKits termMonths
        submittedAt closedAt reason manager
        account { id name sandbox clock }
        offers(first: 20, order: NEWEST_FIRST) {
          nodes {
            id price { amount currency } dkLimit startsOn endsOn validUntil madeAt productVersion
            schedule { dueOn amount { amount currency } }
          }
        }
        notes(first: 50, order: NEWEST_FIRST) { nodes { id kind text author at } }
      }
    }
    editions { id key perpetual }
    releases(first: 100) { nodes { version releasedAt } }
  }
`);

const Take = graphql(`
  mutation TakeApplication($id: ID!, $idempotencyKey: String) {
    takeApplication(applicationId: $id, idempotencyKey: $idempotencyKey) {
      ... on TakeApplicationSuccess { application { id state manager } }
      ... on Error { code message path }
    }
  }
`);

const Decline = graphql(`
  mutation DeclineApplication($id: ID!, $reason: String!, $idempotencyKey: String) {
    declineApplication(applicationId: $id, reason: $reason, idempotencyKey: $idempotencyKey) {
      ... on DeclineApplicationSuccess { application { id state reason } }
      ... on Error { code message path }
    }
  }
`);

const AddNote = graphql(`
  mutation AddApplicationNote($id: ID!, $text: String!, $kind: NoteKind!, $idempotencyKey: String) {
    addApplicationNote(applicationId: $id, text: $text, kind: $kind, idempotencyKey: $idempotencyKey) {
      ... on AddApplicationNoteSuccess { note { id } }
      ... on Error { code message path }
    }
  }
`);

export type OpenApplication = Extract<NonNullable<OneApplicationQuery["node"]>, { __typename: "Application" }>;
export type OfferChoices = Pick<OneApplicationQuery, "editions" | "releases" | "viewer">;

export const STATE_COLOURS: Record<ApplicationState, string> = {
  SUBMITTED: "processing",
  IN_REVIEW: "processing",
  OFFERED: "warning",
  ACCEPTED: "success",
  DECLINED: "default",
  WITHDRAWN: "default",
  LAPSED: "default",
};
const OPEN: ApplicationState[] = ["SUBMITTED", "IN_REVIEW", "OFFERED"];

export function ApplicationDrawer({ id, close }: { id: string | null; close: () => void }) {
  const { t } = useTranslation("staff");
  return (
    <Drawer open={id !== null} size={640} title={t("application")} onClose={close} destroyOnHidden>
      {id && (
        <Loaded document={OneApplication} variables={{ id }}>
          {(data) =>
            data.node?.__typename === "Application" ? (
              <Opened application={data.node} choices={data} />
            ) : (
              <Typography.Text>{t("noApplication")}</Typography.Text>
            )
          }
        </Loaded>
      )}
    </Drawer>
  );
}

function Opened({ application, choices }: { application: OpenApplication; choices: OfferChoices }) {
  const { t } = useTranslation(["staff", "common"]);
  const { may } = useStaff();
  const open = OPEN.includes(application.state);
  return (
    <Flex vertical gap="middle">
      <Flex justify="space-between" align="center" gap="small" wrap>
        <Typography.Title level={2} style={{ fontSize: 18, margin: 0 }}>
          <Link to={accountPath(application.account.id)}>{application.account.name}</Link>{" "}
          <Tag color={STATE_COLOURS[application.state]}>{t(`applicationState.${application.state}`)}</Tag>
        </Typography.Title>
        {may("ACCOUNT_MANAGER") && open && <Actions application={application} choices={choices} />}
      </Flex>
      <Descriptions
        size="small"
        column={1}
        bordered
        items={[
          { key: "edition", label: t("edition"), children: t(`common:edition.${application.edition}`) },
          { key: "dataKits", label: t("expectedDataKits"), children: application.expectedDataKits ? <Count of={application.expectedDataKits} /> : t("unknown") },
          { key: "term", label: t("term"), children: application.termMonths ? t("months", { count: application.termMonths }) : t("unknown") },
          {
            key: "contact",
            label: t("contact"),
            children: [application.contactName, application.contactPhone, application.contactEmail].filter(Boolean).join(" · "),
          },
          { key: "remarks", label: t("remarks"), children: <span style={{ whiteSpace: "pre-wrap" }}>{application.remarks || "—"}</span> },
          { key: "submitted", label: t("submittedAt"), children: <Instant at={application.submittedAt} /> },
          { key: "manager", label: t("manager"), children: application.manager ?? t("nobody") },
          ...(application.closedAt ? [{ key: "closed", label: t("closedAt"), children: <Instant at={application.closedAt} /> }] : []),
          ...(application.reason ? [{ key: "reason", label: t("declineReason"), children: application.reason }] : []),
          ...(application.account.sandbox ? [{ key: "clock", label: t("sandboxClock"), children: <Instant at={application.account.clock} /> }] : []),
        ]}
      />
      <Offers application={application} />
      <Log application={application} />
    </Flex>
  );
}

function Actions({ application, choices }: { application: OpenApplication; choices: OfferChoices }) {
  const { t } = useTranslation("staff");
  const { id } = application;
  const [take, taking] = useAction(Take);
  const [decline] = useAction(Decline);
  return (
    <Flex gap="small" wrap>
      {application.state === "SUBMITTED" ? (
        <Button type="primary" loading={taking} onClick={() => take({ id }, { success: t("taken") })}>{t("take")}</Button>
      ) : (
        <>
          <OfferForm application={application} choices={choices} />
          {application.manager !== choices.viewer?.user.email && (
            <ConfirmButton
              label={t("takeOver")}
              question={t("takeOverQuestion", { manager: application.manager })}
              act={() => take({ id }, { success: t("taken") })}
            />
          )}
        </>
      )}
      <FormButton<{ reason: string }>
        label={t("decline")}
        danger
        send={({ reason }, form) => decline({ id, reason }, { form, success: t("declined") })}
      >
        <Reason help={t("customerReads")} />
      </FormButton>
    </Flex>
  );
}

function Offers({ application }: { application: OpenApplication }) {
  const { t } = useTranslation("staff");
  const [newest, ...replaced] = application.offers.nodes;
  if (!newest) return null;
  return (
    <div>
      <Divider titlePlacement="start"><h3 style={{ fontSize: "inherit", margin: 0 }}>{t("offer")}</h3></Divider>
      <Descriptions
        size="small"
        column={1}
        bordered
        items={[
          { key: "price", label: t("price"), children: <Money of={newest.price} /> },
          { key: "limit", label: t("dkLimit"), children: newest.dkLimit < 0 ? t("noLimit") : <Count of={newest.dkLimit} /> },
          { key: "term", label: t("term"), children: <><Day of={newest.startsOn} /> – <Day of={newest.endsOn} /></> },
          ...(newest.productVersion ? [{ key: "version", label: t("productVersion"), children: newest.productVersion }] : []),
          {
            key: "schedule",
            label: t("schedule"),
            children: (
              <Flex vertical>
                {newest.schedule.map((due) => (
                  <Flex key={due.dueOn} justify="space-between" gap="middle"><Day of={due.dueOn} /><Money of={due.amount} /></Flex>
                ))}
              </Flex>
            ),
          },
          { key: "made", label: t("madeAt"), children: <Instant at={newest.madeAt} /> },
          { key: "valid", label: t("validUntil"), children: <Instant at={newest.validUntil} /> },
        ]}
      />
      {replaced.map((offer) => (
        <div key={offer.id}>
          <Typography.Text type="secondary">
            {t("replacedOffer")} <Instant at={offer.madeAt} /> · <Money of={offer.price} />
          </Typography.Text>
        </div>
      ))}
    </div>
  );
}

function Log({ application }: { application: OpenApplication }) {
  const { t } = useTranslation("staff");
  const { may } = useStaff();
  const { nodes } = application.notes;
  return (
    <div>
      <Divider titlePlacement="start"><h3 style={{ fontSize: "inherit", margin: 0 }}>{t("log")}</h3></Divider>
      {may("ACCOUNT_MANAGER") && <NoteForm id={application.id} />}
      {nodes.length === 0 && <Typography.Paragraph type="secondary" style={{ marginTop: 16 }}>{t("noLog")}</Typography.Paragraph>}
      <Timeline
        style={{ marginTop: 16 }}
        items={nodes.map((note) => ({
          key: note.id,
          color: note.kind === "CONTACT" ? "green" : "blue",
          content: (
            <>
              <Tag>{t(`noteKind.${note.kind}`)}</Tag>
              <Typography.Text type="secondary"><Instant at={note.at} /> · {note.author}</Typography.Text>
              <div style={{ whiteSpace: "pre-wrap" }}>{note.text}</div>
            </>
          ),
        }))}
      />
    </div>
  );
}

function NoteForm({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const [form] = Form.useForm<{ text: string; kind: NoteKind }>();
  const [add, adding] = useAction(AddNote);
  async function send(values: { text: string; kind: NoteKind }) {
    if (await add({ id, ...values }, { form, success: t("noteAdded") })) form.resetFields();
  }
  return (
    <Form form={form} layout="vertical" initialValues={{ kind: "CONTACT" }} onFinish={send}>
      <Form.Item name="kind" label={t("noteKindLabel")}>
        <Radio.Group options={(["CONTACT", "NOTE"] as const).map((value) => ({ value, label: t(`noteKind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="text" label={t("noteText")} rules={useRequired()}>
        <Input.TextArea maxLength={5000} rows={3} />
      </Form.Item>
      <Button htmlType="submit" loading={adding}>{t("addNote")}</Button>
    </Form>
  );
}
