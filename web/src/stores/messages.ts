/** Words of supervisors: what I have not read yet, and sending some. */

import { defineStore } from "pinia";
import { shallowRef, watch } from "vue";
import { LoadedList } from "@/core/loadedList";
import type { Message } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

export const useMessages = defineStore("messages", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const unread = shallowRef<Message[]>([]);
  const sent = new Set<string>(); // mine: nobody reads his own words back
  const seen = new Set<string>(); // read here, whether or not the server knows by now
  const list = new LoadedList<Message>(() => unread.value, (found) => (unread.value = found.filter((m) => !seen.has(m.id))));
  const ours = (m: Message): boolean => !sent.has(m.id) && (m.to_agent === null || m.to_agent === session.account?.agent_no);

  async function load(): Promise<void> {
    if (!session.isAgent) return;
    try {
      await list.load(api.messages);
    } catch (error) {
      notices.error(error);
    }
  }

  async function read(id: string): Promise<void> {
    seen.add(id);
    list.change((found) => found.filter((m) => m.id !== id));
    try {
      await api.readMessage(id);
    } catch {
      seen.delete(id);
      void load(); // it comes back: nobody can say that it was read
    }
  }

  /** Whether it went out. `to` null: to everybody. */
  async function send(to: string | null, text: string): Promise<boolean> {
    const id = crypto.randomUUID();
    sent.add(id);
    try {
      await api.sendMessage(id, to, text);
      return true;
    } catch (error) {
      notices.error(error);
      return false;
    }
  }

  live.onRow((row) => {
    const message = row.topic === "message" && (row.body as unknown as Message | null);
    if (message && session.isAgent && ours(message)) list.change((found) => [...found, ...(found.some((m) => m.id === message.id) ? [] : [message])]);
  });
  live.onHello(() => void load());
  watch(() => session.account?.id, () => {
    seen.clear();
    list.forget();
  });

  return { unread, read, send, load };
});
