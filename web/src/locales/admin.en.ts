/** The words of the administrator's pages; part of en. */
export default {
  user: {
    list: "Users ({n})", find: "Find by name, login or number", new: "New user", change: "Change a user", changeOf: "Change {login}", login: "Login", loginHint: "letters and digits, as wangfang", name: "Name", role: "Role", agentNo: "Agent number and seat", seat: "Seat", locale: "Language", seen: "Last seen", acts: "Actions",
    queues: "Supervises the queues", queuesHint: "None chosen: all of them.", create: "Make the account", save: "Save", cancel: "Cancel", saved: "Saved", changeHint: "After another role, number, seat or queues the person signs in anew.", edit: "Change", password: "New password", lock: "Lock", unlock: "Unlock", locked: "locked",
    sure: { lock: "Yes, lock and sign out now", password: "Yes, new password, sign out now" }, never: "never", here: "signed in", inQueue: "in the queue", told: "The password of {login}, shown this once. Hand it over in person:", toldRead: "Noted, hide it",
  },
  role: { agent: "Agent", supervisor: "Supervisor", admin: "Administrator", agency: "Agency", leader: "Leader", auditor: "Auditor" },
  sound: {
    label: "Announcement", record: "Record", stop: "Stop recording", seconds: "{n} s", speak: "Speak the text", file: "Choose a file", listen: "Listen", none: "No announcement", isNone: "No announcement",
    unreadable: "This sound cannot be read", noMicrophone: "The microphone cannot be used",
  },
};
