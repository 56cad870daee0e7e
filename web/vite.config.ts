import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

/** The API serves the built pages; `npm run dev` proxies to it (or to the development double). */
const api = process.env.LIANXIN_WEB_PROXY ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: "true",
    __VUE_I18N_LEGACY_API__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    outDir: "dist",
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "phone", test: /node_modules\/(jssip|sdp-transform|debug|events)/ },
            { name: "ui", test: /node_modules\/(element-plus|@element-plus|@floating-ui|lodash|dayjs|async-validator)/ },
            { name: "vue", test: /node_modules\/(vue|@vue|pinia|vue-i18n|@intlify|vue-router)/ },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: { "/api": { target: api, ws: true } },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    sequence: { shuffle: true },
    pool: "threads",
    setupFiles: ["tests/setup.ts"],
    server: { deps: { inline: ["element-plus"] } },
  },
});
