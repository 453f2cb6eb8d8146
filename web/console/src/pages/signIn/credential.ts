/** Passkeys between the API's JSON and the browser, by the browser's own reading and writing of it. */

/** The passkey that the person picks for what the API asks, or undefined where they change their mind. */
export async function offered(options: unknown): Promise<PublicKeyCredential | undefined> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return (await navigator.credentials.get({ publicKey }).catch(() => null)) as PublicKeyCredential | undefined;
}

/** A new passkey as the API asks for it, or undefined where the person changes their mind. */
export async function made(options: unknown): Promise<PublicKeyCredential | undefined> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return (await navigator.credentials.create({ publicKey }).catch(() => null)) as PublicKeyCredential | undefined;
}

export const answered = (credential: PublicKeyCredential): unknown => credential.toJSON();
