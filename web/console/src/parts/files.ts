/** Files of the API's routes: fetched with the session's token, and saved by the browser. */
import i18next from "i18next";
import { language } from "@/app/language";
import { session } from "@/app/session";

function asked(path: string, init?: RequestInit): Promise<Response> {
  const headers = { "Accept-Language": language(), Authorization: `Bearer ${session.token}` };
  return fetch(path, { ...init, headers });
}

/** What the server says of a refusal; undefined where it did what was asked. */
async function refusal(answer: Response): Promise<string | undefined> {
  if (answer.ok) return undefined;
  const { message } = await answer.json().catch(() => ({}));
  return message ?? i18next.t("unreachable");
}

/** Save a file of the API under the name that it gives; what went wrong, if anything did. */
export async function download(path: string): Promise<string | undefined> {
  try {
    const answer = await asked(path);
    const refused = await refusal(answer);
    if (refused) return refused;
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    save(await answer.blob(), name ?? path.split("/").at(-1)!);
    return undefined;
  } catch {
    return i18next.t("unreachable");
  }
}

/** Send a file as the body of a request; what went wrong, if anything did. */
export async function upload(path: string, file: Blob): Promise<string | undefined> {
  try {
    return await refusal(await asked(path, { method: "POST", body: file }));
  } catch {
    return i18next.t("unreachable");
  }
}

/** Let the browser save something under a name. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
