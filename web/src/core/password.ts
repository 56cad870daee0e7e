/** Changing the own password: what the server said, by field. Pure but for the words. */

import { t } from "@/locales";
import { ApiProblem, Unreachable } from "./problem";

export interface PasswordForm {
  password: string;
  new_password: string;
  again: string;
}

/** `whole`: what is wrong with none of the fields. */
export type PasswordProblems = Partial<Record<keyof PasswordForm | "whole", string>>;

/** Without an answer nobody knows which password holds now. */
export function refusalOf(error: unknown): PasswordProblems {
  if (error instanceof Unreachable) return { whole: t("password.unknown") };
  if (!(error instanceof ApiProblem)) throw error;
  const of = (field: string) => error.fields.find((f) => f.field === field)?.message;
  const told: PasswordProblems = { password: of("password"), new_password: of("new_password") };
  return told.password || told.new_password ? told : { whole: error.detail || t("error.http", { status: error.status }) };
}
