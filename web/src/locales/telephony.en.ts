/** Telephones and trunks, English. */
export default {
  saved: "Saved; in force within two seconds", extensions: "Extensions", trunks: "Trunks", classes: "Classes of service", save: "Save", cancel: "Cancel", change: "Change", remove: "Remove", removeSure: "Really remove {name}",
  inForce: { yes: "In force on the switch", waiting: "Not yet in force on the switch", fault: "The newest change is not in force: {why}", unknown: "The switch has not told yet what is in force" },
  state: { registered: "there", unreachable: "unreachable", unregistered: "not registered", rejected: "refused by the carrier", unchecked: "by address, not asked", unknown: "not known" },
  since: "since {at}", rtt: "{ms} ms", lastFault: "Last fault: {what}, {at}",
  fault: { unreachable: "did not answer", registration_rejected: "the carrier refused our registration", unregistered: "lost its registration", secret: "wrong secret from {what}", sip: "SIP {what}", q850: "cause {what}" },
  extensionOf: "Extension {seat}", newExtension: "New extension", number: "Number", label: "Name", class: "Class of service", siteClass: "As the site's settings say", create: "Create, with its sheet",
  newSecret: "New telephone secret", newBrowserSecret: "New browser secret", retire: "Take out of service", retireSure: "Really take {seat} out of service", retired: "out of service", back: "Back into service",
  sheet: "SIP telephone {seat}", once: "The secret is shown this once. Print it, scan it or type it now; afterwards a new one must be made.", uriQr: "SIP account address (RFC 3261)", waveQr: "Account for Grandstream Wave", print: "Print", sheetDone: "Done, conceal it",
  newTrunk: "New trunk", changeTrunk: "Change trunk {name}", trunkName: "Short name", trunkTitle: "Name", host: "Carrier's address", addresses: "It may also call us from", registers: "Registers with the carrier", username: "User name", password: "Password", keeps: "keeps the one it has",
  codecs: "Codecs", limit: "Calls at once", noLimit: "no limit", position: "Turn (0 is tried first)", active: "Calls go out through it", inactive: "no calls out", kind: { settings: "of the settings", address: "by address", registration: "by registration" },
  carries: "{n} calls now", carriesOf: "{n} of {of} calls now", turn: "turn {n}", testOf: "Test call through {name}", testNumber: "Number for a test", test: "Test call", testRuns: "Calling…", testAnswered: "Answered: the trunk carries calls", testFailed: "{end}: {why}", notAnswered: "Not answered",
  undo: "Undo the last change", undoOf: "Undo the last change of {name}", undoRemoval: "Undo the removal of {name}", removedBy: "{name}: removed by {by}, {at}",
  field: { title: "Name", host: "Carrier's address", addresses: "It may also call us from", username: "User name", password: "Password, counted", codecs: "Codecs", channel_limit: "Calls at once", position: "Turn", active: "Calls go out through it" },
  className: "Short name", classTitle: "Name", kinds: "May dial", noKinds: "nothing beside matters and the book", classHint: "Open matters and the address book may always be called; abroad never", numbers: { local: "Local", fixed: "Long distance", mobile: "Mobiles", service: "Services" },
};
