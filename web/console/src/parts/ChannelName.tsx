/** A settlement channel as people know it, by its key. */
import { useQuery } from "urql";
import { graphql } from "@/gql";

const ChannelNames = graphql(`
  query ChannelNames { settlementChannels { key name } }
`);

export function ChannelName({ of }: { of: string }) {
  const [{ data }] = useQuery({ query: ChannelNames, requestPolicy: "cache-first" });
  return <>{data?.settlementChannels.find(({ key }) => key === of)?.name ?? of}</>;
}
