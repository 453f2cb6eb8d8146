/** The page's policy takes styles with its nonce alone. */
export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;

/**
 * The component library gives its styles the nonce that it is told, but for the one by which a table measures the
 * width of scroll bars: whatever style a script makes gets it here.
 */
const create = document.createElement.bind(document) as typeof document.createElement;
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const made = create(name, options);
  if (made instanceof HTMLStyleElement && nonce) made.nonce = nonce;
  return made;
}) as typeof document.createElement;
