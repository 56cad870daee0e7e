// @vitest-environment jsdom
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it } from "vitest";
import type { Account } from "@/core/types";
import { http, useSession } from "@/stores/session";

beforeEach(() => setActivePinia(createPinia()));

function signedIn() {
  const session = useSession();
  session.account = { login: "zhang" } as Account;
  return session;
}

it("leads to the sign-in when the session is over, and says why", () => {
  const session = signedIn();
  http.onSignedOut();
  expect([session.account, session.expired]).toEqual([null, true]);
});

it("lets the call on this page's telephone come to its end first", () => {
  const session = signedIn();
  session.calling = true;
  http.onSignedOut();
  expect(session.account?.login).toBe("zhang");
  session.calling = false;
  expect([session.account, session.expired]).toEqual([null, true]);
});

it("has nobody to sign out twice", () => {
  const session = useSession();
  http.onSignedOut();
  expect([session.account, session.expired]).toEqual([null, false]);
});
