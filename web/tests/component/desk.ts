/** Mounting a component with the desk's stores and texts. The API is not there: what needs it is passed in. */
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import type { Component } from "vue";
import { i18n } from "@/locales";

export function show(component: Component, props: Record<string, unknown> = {}) {
  const pinia = createPinia();
  setActivePinia(pinia);
  return mount(component, { props, global: { plugins: [pinia, i18n] }, attachTo: document.body });
}

export const byId = (testid: string): string => `[data-testid="${testid}"]`;
