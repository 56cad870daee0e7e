/** The words of the administrator's pages; part of en. */
export default {
  user: {
    list: "Users ({n})", find: "Find by name, login or number", new: "New user", change: "Change a user", changeOf: "Change {login}", login: "Login", loginHint: "letters and digits, as wangfang", name: "Name", role: "Role", number: "Agent number", agentNo: "Agent number and seat", seat: "Seat", locale: "Language", seen: "Last seen", acts: "Actions",
    queues: "Supervises the queues", queuesHint: "None chosen: all of them.", create: "Make the account", save: "Save", cancel: "Cancel", saved: "Saved", changeHint: "After another role, number, seat or queues the person signs in anew.", edit: "Change", password: "New password", lock: "Lock", unlock: "Unlock", locked: "locked",
    sure: { lock: "Yes, lock and sign out now", password: "Yes, new password, sign out now" }, never: "never", here: "signed in", inQueue: "in the queue", told: "The password of {login}, shown this once. Hand it over in person:", toldRead: "Noted, hide it",
  },
  role: { agent: "Agent", supervisor: "Supervisor", admin: "Administrator", agency: "Agency", leader: "Leader", auditor: "Auditor" },
  sound: {
    label: "Announcement", record: "Record", stop: "Stop recording", seconds: "{n} s", speak: "Speak the text", file: "Choose a file", listen: "Listen", none: "No announcement", isNone: "No announcement",
    unreadable: "This sound cannot be read", noMicrophone: "The microphone cannot be used",
  },
  spoken: { zh: "Mandarin", en: "English" },
  prompt: {
    find: "Find", hint: "The next caller hears the new version; whoever hears the old one hears it to its end.", numbers: "Words for numbers ({n})", onLine: "on the line", waiting: "waiting for the switch", isMade: "made by the system", version: "version {n}, chosen by {by}, {at}", of: "version {n}, {by}, {at}",
    replace: "Replace", back: "Back to the made one", words: "What is said in it", use: "Use this recording", others: "Other versions ({n})", choose: "Use this version", listenTo: "Listen to version {n}", saved: "Replaced: the next caller hears it",
  },
  promptName: {
    notice: "Greeting and recording notice", full: "Queue full", no_agent: "Nobody at the desk", timeout: "Waited too long", not_allowed: "Number not allowed", all_busy: "All busy", next: "Next caller", ahead: "Before the place", waiting: "After the place", notice_called: "To whom we call", survey: "Satisfaction question", thanks: "Thanks", abuse_warning: "Warning against abuse", abuse_end: "End because of abuse", flagged: "To a flagged caller", to_duty: "To the telephone on duty", incident_key: "Key for an incident", incident_joined: "Added to an incident", back_offer: "Offer to call back", back_number: "Before the number to call", back_confirm: "Confirm the call back", back_kept: "Place kept", back_withheld: "Number not shown", back_stays: "Goes on waiting", voicemail_offer: "Offer to leave a message", voicemail_speak: "Speak now", voicemail_kept: "Message kept",
  },
  policy: {
    hint: "Holds at once; calls that are going on are not touched", save: "Save", back: "As installed", saved: "Saved: it holds now", installed: "as installed", fixed: "switched off by the installation", by: "{by}, {at}; installed: {installed}", changes: "Changes", noChanges: "Nothing has been changed.",
    when: "When", who: "Who", what: "Policy", before: "Before", after: "After", asInstalled: "(as installed)", class: { matters: "open matters and the address book only", desk: "and fixed lines and services", plan: "and mobiles" },
    name: { agents_see_ears: "Agents see who listens", supervisors_limited: "A supervisor sees only the own queues", dial_class: "Whom agents may call", dial_daily_cap: "Calls outside, for one account and day", export_mark_every_s: "Seconds between tones in exported recordings", wrap_up_limit_s: "Limit of after-call work (seconds)", survey: "Ask how it was after the talk" },
    why: {
      agents_see_ears: "While a supervisor listens, whispers or barges in the agent is shown who. Every ear is logged either way.", supervisors_limited: "Floor, listening and orders of supervisors with queues (page Users) are for these queues only.", dial_class: "Nobody ever calls abroad.", dial_daily_cap: "Then refused, with an alarm; 110 is always called.",
      export_mark_every_s: "0: no audible mark.", wrap_up_limit_s: "From the next after-call work on, 5 to 3600 seconds.", survey: "From the next call that ends on.",
    },
  },
};
