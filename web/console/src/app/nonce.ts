/**
 * The page's policy allows those styles alone that bear its nonce. Ant Design's own do when they are told it; its scroll
 * lock's do not, so every style element gets it where elements are made. Markup, which an attacker might bring in, does not.
 */
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
const create = document.createElement.bind(document);

document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = create(name, options);
  if (nonce && name === "style") element.nonce = nonce;
  return element;
}) as typeof document.createElement;
