// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import PromptSide from "@/components/PromptSide.vue";
import { isNumber, said, titleKey } from "@/core/prompts";
import type { Prompt, PromptSpoken } from "@/core/types";
import { api } from "@/stores/session";
import { usePrompts } from "@/stores/prompts";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
beforeEach(() => vi.restoreAllMocks());
const at = "2026-09-20T04:00:00Z";
const made = { id: "v1", number: 1, sound_id: "s1", text: "您好", seconds: 3, made: true, by: "lianxin", created_at: at, activated_at: null, activated_by: null };
const own = { ...made, id: "v2", number: 2, sound_id: "s2", text: "您好，请讲", made: false, by: "root", activated_at: at, activated_by: "root" };
const spoken: PromptSpoken = { language: "zh", text: "您好", active: "v1", on_line: true, versions: [made] };
const notice: Prompt = { name: "lianxin/notice", spoken: [spoken] };

describe("a prompt", () => {
  it("is replaced by what was spoken in its language, and waits until the switch plays it", async () => {
    const speak = vi.spyOn(api, "speakSound").mockResolvedValue({ id: "s2", seconds: 3, text: "您好，请讲", by: "root", created_at: at });
    const asked = vi.spyOn(api, "replacePrompt").mockResolvedValue({ ...notice, spoken: [{ ...spoken, active: "v2", on_line: false, versions: [made, own] }] });
    const w = show(PromptSide, { name: notice.name, spoken });
    usePrompts().list = [notice];
    const key = "zh/lianxin/notice";
    await w.get(byId(`prompt-replace-${key}`)).trigger("click");
    expect((w.get(byId(`prompt-words-${key}`)).element as HTMLTextAreaElement).value).toBe("您好");
    expect(w.get(byId(`prompt-use-${key}`)).attributes()).toHaveProperty("disabled");
    await w.get(byId(`prompt-words-${key}`)).setValue("您好，请讲");
    await w.get(byId(`prompt-sound-${key}-speak`)).trigger("click");
    await flushPromises();
    expect(speak).toHaveBeenCalledWith("您好，请讲", "zh");
    await w.get(byId(`prompt-use-${key}`)).trigger("click");
    await flushPromises();
    expect(asked).toHaveBeenCalledWith({ language: "zh", name: "lianxin/notice", sound_id: "s2", text: "您好，请讲" });
    expect(usePrompts().underWay).toBe(true);
  });
  it("goes back to an earlier version or to the made one", async () => {
    const asked = vi.spyOn(api, "choosePrompt").mockResolvedValue(notice);
    const w = show(PromptSide, { name: notice.name, spoken: { ...spoken, active: "v2", versions: [made, own] } });
    await w.get(byId("prompt-choose-zh/lianxin/notice-1")).trigger("click");
    await flushPromises();
    await w.get(byId("prompt-back-zh/lianxin/notice")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls.map(([a]) => a.version_id)).toEqual(["v1", null]);
  });
  it("is found by its name and its words", () => {
    expect(said([notice], "NOTICE")).toHaveLength(1);
    expect(said([notice], "您")).toHaveLength(1);
    expect(said([notice], "再见")).toHaveLength(0);
    expect(isNumber(notice)).toBe(false);
    expect(titleKey("lianxin/back-offer")).toBe("promptName.back_offer");
  });
});
