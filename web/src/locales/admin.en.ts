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
    notice: "Greeting and recording notice", full: "Queue full", no_agent: "Nobody at the desk", timeout: "Waited too long", not_allowed: "Number not allowed", all_busy: "All busy", next: "Next caller", ahead: "Before the place", waiting: "After the place", notice_called: "To whom we call", survey: "Satisfaction question", thanks: "Thanks", abuse_warning: "Warning against abuse", abuse_end: "End because of abuse", flagged: "To a flagged caller", to_duty: "To the telephone on duty", incident_key: "Key for an incident", incident_joined: "Added to an incident", back_offer: "Offer to call back", back_number: "Before the number to call", back_confirm: "Confirm the call back", back_kept: "Place kept", back_withheld: "Number not shown", back_stays: "Goes on waiting", back_instead: "A call back instead: before the number", back_instead_confirm: "A call back instead: the key", voicemail_offer: "Offer to leave a message", voicemail_speak: "Speak now", voicemail_kept: "Message kept",
  },
  policy: {
    hint: "Holds at once; calls that are going on are not touched", save: "Save", back: "As installed", saved: "Saved: it holds now", installed: "as installed", fixed: "switched off by the installation", by: "{by}, {at}; installed: {installed}", changes: "Changes", noChanges: "Nothing has been changed.",
    when: "When", who: "Who", what: "Policy", before: "Before", after: "After", asInstalled: "(as installed)", class: { matters: "open matters and the address book only", desk: "and fixed lines and services", plan: "and mobiles" },
    name: { agents_see_ears: "Agents see who listens", supervisors_limited: "A supervisor sees only the own queues", dial_class: "Whom agents may call", dial_daily_cap: "Calls outside, for one account and day", export_mark_every_s: "Seconds between tones in exported recordings", survey: "Ask how it was after the talk" },
    why: {
      agents_see_ears: "While a supervisor listens, whispers or barges in the agent is shown who. Every ear is logged either way.", supervisors_limited: "Floor, listening, orders, past calls, recordings and the callback list of supervisors with queues (page Users) are for these queues only.", dial_class: "Nobody ever calls abroad.", dial_daily_cap: "Then refused, with an alarm; 110 is always called.",
      export_mark_every_s: "0: no audible mark.", survey: "From the next call that ends on.",
    },
  },
  capacity: {
    planned: "Planned", heading: "Capacity of a day", day: "Day", load: "Show", chart: "People by half hour and what they did; lines and seats", table: "The same as a table",
    lines: "Lines in use, at most", linesOf: "Lines in use, at most, of {n}", seats: "Seats: {n} set up", linesUnknown: "Lines: the carrier's limit is not set", linesTold: "Lines: {n}",
    from: "From", offered: "Offered", answered: "Answered", inTime: "Within 15 s", abandoned: "Gave up", onDuty: "On duty", atQueue: "For calls", lineColumn: "Lines", sum: "Whole day",
    minutes: "Minutes", part: { talk: "Talk", hold: "Hold", wrap_up: "Wrap-up", callbacks: "Calling out", pause: "Pause", idle: "Ready" },
    handling: "A call takes {s} s with hold and wrap-up", handlingUnknown: "Nobody talked on that day",
    patience: "Callers wait {s} s on average ({low} to {high}) before they give up; estimated from {n} who did, of {of}", patienceUnknown: "Nobody gave up, so patience is not known",
    redials: "{share} of {n} unanswered calls were followed by another within the hour, after {min} min on average", redialsUnknown: "Nothing yet to learn redials from", days: "Callers' habits of {n} days",
    whatIf: "What if", begin: "From", end: "Until", more: "Seats more or fewer", moreNow: "{more} seats {from}–{until}", handlingField: "Seconds a call takes", patienceField: "Seconds callers wait", redialField: "Percent who call again", reset: "As it was",
    was: "It was", formulas: "Erlang C to A", played: "Played {n} times with redials", within: "Answered within 15 s", gaveUp: "Gave up", range: "{low} to {high}", playedRange: "{mean} ({low} to {high})", redialled: "{n} calls more by redialling",
    advice: "What would help", adviceOne: "Open {more} more seats {from}–{until}", hopeful: "{n} would do if those who give up are counted on", adviceNone: "The seats are enough for 95 % within 15 s.", adviceMore: "and {n} more times of day", try: "Try", working: "Counting…",
  },
  overflow: { message: "Message, then the end", duty: "Telephone on duty", queue: "Another queue", voicemail: "Voicemail", callback: "Callback" },
  overflowTo: { duty: "Number on duty", queue: "Queue" },
  tuning: {
    saved: "Saved, coming into force.", in_force: "In force ({who})", waiting: "Coming into force…", refused: "⚠ Not in force: {who}", version: "Version {n} · {by}",
    history: "History", historyOf: "Who changed {what}", close: "Close", undo: "Undo this change", again: "Let this hold again", undoOf: "(version {n} again)",
    newQueue: "New queue", name: "Name", nameHint: "lower-case letters, digits, - and _, a letter first", live: "{waiting} waiting · {agents} signed in", save: "Save", make: "Make", leave: "Leave it",
    outOf: "“{field}” is a whole number from {least} to {most}.", profileLess: "The profile of now lets {most} wait, which is less and therefore holds (see Hours).",
    warnings: "This change affects people who call", doIt: "Understood, change it",
    numbers: "Numbers and queues", numbersHint: "from the next call on", queueOf: "Queue of {what}", newNumber: "New number", numberWrong: "A number has 3 to 15 digits; choose a queue for it.",
    skills: "Skills of agents", skillsHint: "Level 1 rings first; who is signed in is moved at once and stays signed in", agent: "Agent", now: "Answers now", signedOut: "not signed in", levelOf: "Level of {who} in {queue}",
    seatPlan: "Seat plan, by profile and hour", planNow: "Now ({profile}): {planned} seats planned, {duty} on duty, {seats} workplaces", planOf: "Seats of {profile} at {hour}:00", fill: "All day as 0:00", fillOf: "{profile}: all day as 0:00", planWrong: "Seats are whole numbers from 0 to 500.",
  },
  queueField: { title: "Shown as", strategy: "Who is rung", ring_s: "Ring of one seat (s)", wrap_up_s: "Longest wrap-up (s)", weight: "Weight (more comes first)", max_waiting: "Most waiting", announce_every_s: "Announce every (s)", announce_place: "Say the place in the queue", service_s: "Answer within (s)" },
  tuningField: { queue: "Queue", queues: "Queues and levels" },
  strategy: { leastrecent: "Longest without a call", fewestcalls: "Fewest calls", rrmemory: "In turn", random: "At random", ringall: "All at once" },
  hours: {
    nowHeading: "The line now", asPlanned: "as planned", overrideUntil: "switched by {by} until {at}; planned: {planned}", other: "Switch to", howLong: "For", minutes: "{n} min",
    switch: "Switch now", backToPlan: "Back to the plan", saved: "Saved; in force within two seconds", calendar: "Calendar", before: "Month before", after: "Month after", provisional: "provisional (no official table yet)",
    asWeekday: "As its weekday", plan: "Plan of the hours", quarters: "Whole quarters of an hour, such as 08:15", from: "From", profile: "Profile", add: "Add hours", remove: "Remove hours",
    maxWaiting: "Waiting at most", maxWait: "Longest wait (s)", opening: "Opening words", openingHint: "Played first, such as: this is the night service", save: "Save",
    on_full: "When the queue is full", on_no_agent: "When nobody is signed in", on_too_long: "After the longest wait",
  },
};
