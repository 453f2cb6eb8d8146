/** Making what a deployment is activated with. */
import { graphql } from "@/gql";

export const CreateLicense = graphql(`
  mutation CreateLicense(
    $accountId: ID!, $label: String!, $fingerprint: String, $contractId: ID, $idempotencyKey: String
  ) {
    createLicense(
      accountId: $accountId, label: $label, fingerprint: $fingerprint, contractId: $contractId
      idempotencyKey: $idempotencyKey
    ) {
      ... on CreateLicenseSuccess { account { id } license { id text } }
      ... on Error { code message path }
    }
  }
`);

export const CreateAccessKey = graphql(`
  mutation CreateAccessKey($accountId: ID!, $label: String!) {
    createAccessKey(accountId: $accountId, label: $label) {
      ... on CreateAccessKeySuccess { accessKey { id ak } sk }
      ... on Error { code message path }
    }
  }
`);
