import pluginVue from "eslint-plugin-vue";
import a11y from "eslint-plugin-vuejs-accessibility";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/api/", "tests/mock/"] },
  ...tseslint.configs.recommended,
  ...pluginVue.configs["flat/recommended"],
  ...a11y.configs["flat/recommended"],
  {
    files: ["**/*.vue", "**/*.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser, ecmaVersion: "latest", sourceType: "module" } },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      // Layout of markup is left to the author: these rules only break short elements over many lines.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": ["error", { html: { void: "always", normal: "always", component: "always" } }],
      "vue/require-default-prop": "off",
      "vue/multi-word-component-names": ["error", { ignores: ["Desk", "Recordings", "Capacity", "Floor", "Hours", "Incidents", "Listening", "Queues", "Telephony", "Prompts", "Users", "Audit", "Policies"] }],
      "vuejs-accessibility/label-has-for": ["error", { required: { some: ["nesting", "id"] } }],
    },
  },
  {
    // A component does one thing. The form was the 2,500-line component of other desks.
    files: ["src/components/**/*.vue"],
    rules: { "max-lines": ["error", { max: 150 }] },
  },
  {
    // core/ knows no framework and no store: it can be tested without a page.
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: ["vue", "pinia", "vue-*", "element-plus*", "**/stores/*", "**/composables/*", "**/components/*"] },
      ],
    },
  },
);
