import { defineConfig } from "@hey-api/openapi-ts";

/** Types only: the one door to HTTP is src/core/http.ts. Run after the API's shapes changed (`lianxin openapi > web/openapi.json`). */
export default defineConfig({
  input: "openapi.json",
  output: { path: "src/api", clean: true },
  plugins: ["@hey-api/typescript"],
});
