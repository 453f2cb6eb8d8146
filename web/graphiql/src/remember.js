// What earlier answers said, for the variables of later operations: nobody pastes an id by hand.

const kept = {};

// Which variables a part of an answer fills, by the name that the part stands under.
const FILLS = {
  account: ({ id }) => ({ accountId: id }),
  accounts: ({ nodes }) => ({ accountId: nodes?.[0]?.id }),
  agreement: ({ id, contentHash }) => ({ agreementId: id, contentHash }),
  license: ({ id, text }) => ({ licenseId: id, license: text }),
  accessKey: ({ ak }) => ({ ak }),
  sk: (sk) => ({ sk }),
};

export function remember(answer) {
  if (answer === null || typeof answer !== "object") return;
  for (const [name, value] of Object.entries(answer)) {
    if (value === null) continue;
    const filled = Object.entries(FILLS[name]?.(value) ?? {}).filter(([, found]) => typeof found === "string");
    Object.assign(kept, Object.fromEntries(filled));
    remember(value);
  }
}

// The variables of an operation: those that were given, and of those that were not what is known.
export function filled(operation, given) {
  const names = (operation?.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const known = names.filter((name) => name in kept).map((name) => [name, kept[name]]);
  return { ...Object.fromEntries(known), ...given };
}
