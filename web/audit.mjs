// Asks the server at the address given whether it serves GraphQL over HTTP as the specification says, by the audits of its
// working group; prints what is not as it must or should be.
import { serverAudits } from 'graphql-http';

for (const audit of serverAudits({ url: process.argv[2], fetchFn: fetch })) {
  const found = await audit.fn();
  if (found.status !== 'ok') console.log(`${found.status}: ${audit.name}: ${found.reason}`);
}
